import { CROWD, type Examiner } from './examiner';
import type { Instant } from './observe/facts';
import type { Clock, Logger } from './ports';
import type { Roster } from './roster';
import type { Depth } from './schedule/look-queue';
import { SlicedRun } from './schedule/slices';
import type { Source } from './sources/source';
import { Timers } from './timers';
import type { WorkerRecord } from './worker-record';

/** A sweep of many workers takes longer; it is spread so that it never takes more than a few percent of a core. */
const SWEEP_MS_A_WORKER = 12;
/** What a few calls cannot tell (a new log) is found this often. */
const FULL_AT_LEAST_MS = 600_000;
/** The first reading waits at most this long for files that are half-written or long. */
const FIRST_READING_MAX_MS = 2_000;
/** Who wants to be looked at again within this is not read to the end yet; who wants it later is, and awaits something. */
const PARTIAL_WITHIN_MS = 250;
/** A new directory is often still being filled when its event comes. */
const DISCOVER_DELAY_MS = 100;

export interface SweepParts {
  clock: Clock;
  sources: readonly Source[];
  roster: Roster;
  examiner: Examiner;
  now: () => Instant;
  intervalMs: () => number;
  log: Logger;
  /** All was gone through. */
  onDone: () => void;
  /** New workers were looked for. */
  onDiscovered: () => void;
}

/** Goes through everything in slices, again and again: finds new workers and catches what events missed. */
export class Sweep {
  readonly #run: SlicedRun;
  readonly #timers: Timers<'next' | 'discover'>;
  /** By source, so that each complaint is made once. */
  readonly #complaints = new Map<Source, string>();

  constructor(private readonly parts: SweepParts) {
    this.#run = new SlicedRun(parts.clock);
    this.#timers = new Timers(parts.clock);
  }

  /** Begin now, from the start, and look at everything in full. */
  start(): void {
    this.stop();
    this.#begin(true);
  }

  stop(): void {
    this.#timers.clear();
    this.#run.stop();
  }

  /** Look for new workers soon: something changed where they appear. */
  discoverSoon(): void {
    if (!this.#timers.has('discover')) this.#timers.set('discover', DISCOVER_DELAY_MS, () => this.#discoverNow());
  }

  #begin(thorough: boolean): void {
    const { parts } = this;
    const started = this.#run.start(this.#everything(thorough), () => {
      parts.onDone();
      this.#timers.set('next', Math.max(parts.intervalMs(), parts.roster.size * SWEEP_MS_A_WORKER), () =>
        this.#begin(false),
      );
    });
    // New workers are being looked for: the sweep follows that.
    if (!started) this.#timers.set('next', DISCOVER_DELAY_MS, () => this.#begin(thorough));
  }

  #discoverNow(): void {
    if (!this.#run.start(this.#discover(), this.parts.onDiscovered)) this.discoverSoon();
  }

  *#everything(thorough: boolean): Generator<void, void, void> {
    const { roster, examiner } = this.parts;
    const known = [...roster.all()];
    yield* this.#discover();
    for (const record of known) {
      const depth = thorough ? 'full' : this.#depthFor(record);
      if (depth) examiner.look(record.id, depth);
      yield;
    }
    yield* this.#untilRead();
  }

  /**
   * Where nothing but the heartbeat moved, that alone is read; and in a crowd, where every worker has its deadline, not
   * even that.
   */
  #depthFor(record: WorkerRecord): Depth | null {
    const { clock, roster } = this.parts;
    const { verdict, reading } = record;
    const isWell = verdict?.health === 'healthy' && reading?.unreadable === null && reading.againInMs === null;
    const isFresh = clock.monotonicMs() - record.readInFullMs < FULL_AT_LEAST_MS;
    if (!isWell || !isFresh || isTouched(record)) return 'full';
    return roster.size > CROWD ? null : 'life';
  }

  *#discover(): Generator<void, void, void> {
    for (const source of this.parts.sources) {
      try {
        yield* this.#discoverIn(source);
        this.#complaints.delete(source);
      } catch (error) {
        // Whatever is the matter with one kind of worker must not keep the others from being found.
        this.#complain(source, error instanceof Error ? error.message : String(error));
      }
    }
  }

  *#discoverIn(source: Source): Generator<void, void, void> {
    const { roster, examiner, now } = this.parts;
    yield* source.sweep({
      onFound: (id) => {
        roster.add(id, source, now());
        examiner.look(id, 'full');
      },
      onLeft: (id, why) => {
        const record = roster.get(id);
        if (record) examiner.leave(record, why);
      },
    });
  }

  #complain(source: Source, reason: string): void {
    if (this.#complaints.get(source) === reason) return;
    this.#complaints.set(source, reason);
    this.parts.log.warn(`workers of kind ${source.kind} could not be looked for: ${reason}`);
  }

  /** A reading is whole once no heartbeat is in doubt and long files are counted, within reason. */
  *#untilRead(): Generator<void, void, void> {
    const { roster, examiner, clock } = this.parts;
    const until = clock.monotonicMs() + FIRST_READING_MAX_MS;
    const isPartial = (record: WorkerRecord) =>
      roster.has(record) && (!record.verdict || (record.reading?.againInMs ?? Infinity) <= PARTIAL_WITHIN_MS);
    for (const record of [...roster.all()]) {
      while (isPartial(record) && clock.monotonicMs() < until) {
        const { reading } = record;
        if (reading?.againInMs != null && !reading.doubtful) examiner.look(record.id, 'full');
        yield;
      }
    }
  }
}

/** What cannot be told is looked at in full, which tells what is wrong. */
function isTouched({ source, id }: WorkerRecord): boolean {
  try {
    return source.touched(id);
  } catch {
    return true;
  }
}
