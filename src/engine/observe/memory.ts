import { formatBytes, formatDuration } from '../../shared/format';

const GROWTH = 0.1;
const MEGABYTE = 1024 * 1024;
/** In the app: less than this is noise, whatever its share. */
const APP_GROWTH_LEAST_BYTES = 16 * MEGABYTE;
const SAMPLES_MAX = 600;

/** Tells whether a figure has grown within a window: by more than 10 % and by more than `leastBytes`. */
export class MemoryGrowth {
  #samples: { atMs: number; bytes: number }[] = [];

  constructor(
    private windowMs: number,
    private readonly leastBytes: number,
  ) {}

  setWindow(windowMs: number): void {
    this.windowMs = windowMs;
  }

  note(atMs: number, bytes: number): void {
    this.#samples.push({ atMs, bytes });
    const from = atMs - this.windowMs;
    while (this.#samples.length > SAMPLES_MAX || (this.#samples[0] && this.#samples[0].atMs < from))
      this.#samples.shift();
  }

  /** Nothing is known any more: there is no such memory now. */
  clear(): void {
    this.#samples = [];
  }

  /** By which share it grew from the oldest sample of the window to the newest; 0 where that does not count. */
  get growth(): number {
    const oldest = this.#samples[0];
    const newest = this.#samples.at(-1);
    if (!oldest || !newest || oldest.bytes <= 0) return 0;
    const grownBytes = newest.bytes - oldest.bytes;
    const share = grownBytes / oldest.bytes;
    return share > GROWTH && grownBytes > this.leastBytes ? share : 0;
  }
}

/** What a memory judge says: why memory keeps the whole from being idle, or null. */
export interface MemoryVerdict {
  growing: boolean;
  overThreshold: boolean;
  why: string | null;
}

export interface MemoryFigures {
  /** Held now: of the process (library) or of all workers (app); null when there is nothing to measure. */
  heldBytes: number | null;
  /** What is watched for growth; null: nothing. */
  growthBytes: number | null;
  /** The machine's memory in use, 0 to 100; null: not asked for. */
  pressurePercent: number | null;
}

export interface MemoryLimits {
  /** Null: no threshold. */
  thresholdMb: number | null;
  growthWindowMs: number;
  /** Null: pressure is not asked for. */
  pressurePercent: number | null;
}

/** Judges memory for the idle manager; `whose` names it in the reasons ("the workers’", "this process’s"). */
export class MemoryJudge {
  readonly #growth: MemoryGrowth;
  verdict: MemoryVerdict = { growing: false, overThreshold: false, why: null };

  constructor(
    private readonly whose: string,
    private limits: MemoryLimits,
    leastGrowthBytes: number,
  ) {
    this.#growth = new MemoryGrowth(limits.growthWindowMs, leastGrowthBytes);
  }

  setLimits(limits: MemoryLimits): void {
    this.limits = limits;
    this.#growth.setWindow(limits.growthWindowMs);
  }

  /** Take new figures; `nowMs` is monotonic. */
  note(nowMs: number, figures: MemoryFigures): MemoryVerdict {
    if (figures.growthBytes === null) this.#growth.clear();
    else this.#growth.note(nowMs, figures.growthBytes);
    const { growth } = this.#growth;
    const pressed = isOver(figures.pressurePercent, this.limits.pressurePercent);
    const held = isOver(
      figures.heldBytes,
      this.limits.thresholdMb === null ? null : this.limits.thresholdMb * MEGABYTE,
    );
    this.verdict = {
      growing: growth > 0,
      overThreshold: pressed || held,
      why: this.#why(growth, pressed, held, figures),
    };
    return this.verdict;
  }

  #why(growth: number, pressed: boolean, held: boolean, figures: MemoryFigures): string | null {
    const { thresholdMb, growthWindowMs, pressurePercent } = this.limits;
    if (growth > 0)
      return `${this.whose} memory grew by ${Math.round(growth * 100)} % in ${formatDuration(growthWindowMs)}`;
    if (held) return `${this.whose} memory is ${formatBytes(figures.heldBytes ?? 0)}, over ${thresholdMb} MB`;
    if (pressed)
      return `the machine uses ${Math.round(figures.pressurePercent ?? 0)} % of its memory, over ${pressurePercent} %`;
    return null;
  }
}

function isOver(value: number | null, limit: number | null): boolean {
  return value !== null && limit !== null && value > limit;
}

/** For the app: the machine's pressure, and the workers' memory. */
export function createAppMemoryJudge(limits: MemoryLimits): MemoryJudge {
  return new MemoryJudge('the workers’', limits, APP_GROWTH_LEAST_BYTES);
}

/** For programs that use the idle manager as a library: their own process. */
export function createProcessMemoryJudge(limits: MemoryLimits): MemoryJudge {
  return new MemoryJudge('this process’s', limits, 0);
}
