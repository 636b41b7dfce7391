import type { Clock } from '../ports';

/** Work at most this long at a stretch: window, tray and timers go on in between. */
export const SLICE_MS = 4;

/**
 * Run a generator in slices. One run at a time: starting another while one runs is refused, so a slow refresh is never
 * overlapped by the next.
 */
export class SlicedRun {
  #work: Generator<void, void, void> | null = null;
  /** What runs at this moment, and so cannot be let go before its next yield. */
  #executing: Generator<void, void, void> | null = null;
  #cancel: (() => void) | null = null;

  constructor(private readonly clock: Clock) {}

  get running(): boolean {
    return this.#work !== null;
  }

  /** False when one is running already. `done` is called when it ran to its end, not when it was stopped. */
  start(work: Generator<void, void, void>, done: () => void): boolean {
    if (this.#work) return false;
    this.#work = work;
    this.#slice(done);
    return true;
  }

  /** May be called from within the work: it goes no further than to its next yield. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#work !== this.#executing) this.#work?.return();
    this.#work = null;
  }

  #slice(done: () => void): void {
    const until = this.clock.monotonicMs() + SLICE_MS;
    const work = this.#work;
    if (!work) return;
    do {
      const isDone = this.#goOn(work);
      if (this.#work !== work) {
        work.return(); // Stopped from within.
        return;
      }
      if (isDone) {
        this.#work = null;
        this.#cancel = null;
        done();
        return;
      }
    } while (this.clock.monotonicMs() < until);
    this.#cancel = this.clock.after(0, () => this.#slice(done));
  }

  /** To the next yield. True at its end. */
  #goOn(work: Generator<void, void, void>): boolean {
    const outer = this.#executing;
    this.#executing = work;
    try {
      return work.next().done === true;
    } finally {
      this.#executing = outer;
    }
  }
}
