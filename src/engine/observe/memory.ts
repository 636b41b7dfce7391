import { formatBytes, formatDuration } from '../../shared/format';

const GROWTH = 0.1;
const MEGABYTE = 1024 * 1024;
/** In the app: less than this is noise, whatever its share. */
const APP_GROWTH_LEAST_BYTES = 16 * MEGABYTE;
/** As a library: the resident memory a process may hold and be idle. */
const PROCESS_THRESHOLD_MB = 150;
const PROCESS_GROWTH_WINDOW_MS = 60_000;
/** So many samples are kept of a window, however long it is and however often it is asked. */
const SAMPLES_A_WINDOW = 600;

/** Growth from the oldest sample of a window to the newest: by which share, in how long. */
export interface Growth {
  share: number;
  spanMs: number;
}

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
    const before = this.#samples.at(-2);
    // Denser samples than needed replace the newest, so that a long window is not cut short by their number.
    if (before && atMs - before.atMs < this.windowMs / SAMPLES_A_WINDOW) this.#samples.pop();
    this.#samples.push({ atMs, bytes });
    const from = atMs - this.windowMs;
    const firstInside = this.#samples.findIndex((sample) => sample.atMs >= from);
    if (firstInside > 0) this.#samples.splice(0, firstInside);
  }

  /** Nothing is known any more: there is no such memory now. */
  clear(): void {
    this.#samples = [];
  }

  /** Null where it has not grown, or not by enough to count. */
  get growth(): Growth | null {
    const oldest = this.#samples[0];
    const newest = this.#samples.at(-1);
    if (!oldest || !newest || oldest.bytes <= 0) return null;
    const grownBytes = newest.bytes - oldest.bytes;
    const share = grownBytes / oldest.bytes;
    return share > GROWTH && grownBytes > this.leastBytes ? { share, spanMs: newest.atMs - oldest.atMs } : null;
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
  #figures: MemoryFigures = { heldBytes: null, growthBytes: null, pressurePercent: null };
  verdict: MemoryVerdict = { growing: false, overThreshold: false, why: null };

  constructor(
    private readonly whose: string,
    private limits: MemoryLimits,
    leastGrowthBytes: number,
  ) {
    this.#growth = new MemoryGrowth(limits.growthWindowMs, leastGrowthBytes);
  }

  /** The last figures are judged anew at once; a new window holds from the next ones on. */
  setLimits(limits: MemoryLimits): void {
    this.limits = limits;
    this.#growth.setWindow(limits.growthWindowMs);
    this.#judge();
  }

  /** Take new figures; `nowMs` is monotonic. */
  note(nowMs: number, figures: MemoryFigures): MemoryVerdict {
    this.#figures = figures;
    if (figures.growthBytes === null) this.#growth.clear();
    else this.#growth.note(nowMs, figures.growthBytes);
    this.#judge();
    return this.verdict;
  }

  #judge(): void {
    const { growth } = this.#growth;
    const { thresholdMb, pressurePercent } = this.limits;
    const pressed = isOver(this.#figures.pressurePercent, pressurePercent);
    const held = isOver(this.#figures.heldBytes, thresholdMb === null ? null : thresholdMb * MEGABYTE);
    this.verdict = {
      growing: growth !== null,
      overThreshold: pressed || held,
      why: this.#why(growth, pressed, held),
    };
  }

  #why(growth: Growth | null, pressed: boolean, held: boolean): string | null {
    const figures = this.#figures;
    const { thresholdMb, pressurePercent } = this.limits;
    if (growth)
      return `${this.whose} memory grew by ${Math.round(growth.share * 100)} % in ${formatDuration(growth.spanMs)}`;
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

/** For programs that use the idle manager as a library: their own process's resident memory and heap. */
export function createProcessMemoryJudge(limits: Partial<MemoryLimits> = {}): MemoryJudge {
  const all = {
    thresholdMb: PROCESS_THRESHOLD_MB,
    growthWindowMs: PROCESS_GROWTH_WINDOW_MS,
    pressurePercent: null,
    ...limits,
  };
  return new MemoryJudge('this process’s', all, 0);
}
