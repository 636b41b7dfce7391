import type { Clock } from '../../engine/ports';

const MINUTE_MS = 60_000;
/** Beyond so many workers, those that have asked nothing for a minute are forgotten. */
const WORKERS_KEPT = 1_000;

/** How many requests a minute; null: as many as come. */
export interface Allowance {
  inAll: number | null;
  ofWorker: number | null;
}

/** Counts what was let through in the last minute: in all, and of each worker. Callers that nobody knows are as one. */
export class RequestLimits {
  readonly #all = new LastMinute();
  readonly #workers = new Map<string | null, LastMinute>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /**
   * 0: it may go, and is counted. Else how many ms until it may if nobody else goes before it; it is not counted. `until`
   * names the limit that is in the way.
   */
  ask(worker: string | null, { inAll, ofWorker }: Allowance): { waitMs: number; until: keyof Allowance } {
    const now = this.clock.monotonicMs();
    const own = this.#of(worker, now);
    const [allMs, ownMs] = [this.#all.waitMs(inAll, now), own.waitMs(ofWorker, now)];
    const waitMs = Math.max(allMs, ownMs);
    if (waitMs === 0) {
      this.#all.note(now);
      own.note(now);
    }
    return { waitMs, until: ownMs > allMs ? 'ofWorker' : 'inAll' };
  }

  #of(worker: string | null, now: number): LastMinute {
    const known = this.#workers.get(worker);
    if (known) return known;
    if (this.#workers.size >= WORKERS_KEPT) {
      for (const [each, minute] of this.#workers) if (minute.isEmpty(now)) this.#workers.delete(each);
    }
    const made = new LastMinute();
    this.#workers.set(worker, made);
    return made;
  }
}

/** The moments of the last minute, oldest first. */
class LastMinute {
  #times: number[] = [];
  #from = 0;

  note(now: number): void {
    this.#times.push(now);
  }

  isEmpty(now: number): boolean {
    this.#forget(now);
    return this.#times.length === this.#from;
  }

  /** Until fewer than `limit` are left. */
  waitMs(limit: number | null, now: number): number {
    this.#forget(now);
    const count = this.#times.length - this.#from;
    if (limit === null || count < limit) return 0;
    return (this.#times[this.#times.length - limit] ?? now) + MINUTE_MS - now;
  }

  #forget(now: number): void {
    while (this.#from < this.#times.length && (this.#times[this.#from] ?? now) + MINUTE_MS <= now) this.#from += 1;
    if (this.#from * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#from);
    this.#from = 0;
  }
}
