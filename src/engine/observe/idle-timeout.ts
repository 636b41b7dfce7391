/** Bounds and start of the idle timeout, milliseconds. */
export interface IdleTimeoutBounds {
  initialMs: number;
  minMs: number;
  maxMs: number;
}

/** Above this many events a second the timeout grows, below the other it shrinks. */
const DENSE_RATE = 0.5;
const SPARSE_RATE = 0.05;
const GROW = 1.5;
const SHRINK = 0.8;
/** The timeout moves at most once in this time, however many events or questions come. */
export const TIMEOUT_STEP_MS = 5_000;

/**
 * How long silence must last to count as idle: busy traffic is given longer pauses, sparse traffic shorter ones.
 *
 * It moves in steps, one every TIMEOUT_STEP_MS from the moment there is a rate, by the rate as it read at each step.
 * So a burst, be it of a thousand events, moves it by one step at most, and only traffic that goes on takes it to the
 * maximum; silence, which lets the rate fall, shortens it step by step. Steps that are due are made up for when somebody
 * asks: the timeout depends on the traffic and the time alone, never on how often it is asked for. A single
 * moment of traffic has no rate to go by: until the second, the timeout stays where it started.
 */
export class IdleTimeout {
  #ms: number;
  #steppedAtMs: number | null = null;

  constructor(private bounds: IdleTimeoutBounds) {
    this.#ms = bounds.initialMs;
  }

  /** As of the last `advance`. */
  get ms(): number {
    return this.#ms;
  }

  /** A new start begins anew; otherwise the timeout stays, within the new bounds. */
  setBounds(bounds: IdleTimeoutBounds): void {
    if (bounds.initialMs !== this.bounds.initialMs) this.#ms = bounds.initialMs;
    this.bounds = bounds;
    this.#ms = Math.min(bounds.maxMs, Math.max(bounds.minMs, this.#ms));
  }

  /** There is a rate (monotonic milliseconds): from the first such call on steps are taken. */
  begin(nowMs: number): void {
    this.#steppedAtMs ??= nowMs;
  }

  /** Take the steps due until `nowMs`. To be called before traffic of `nowMs` is counted; `rateAt` reads the rate. */
  advance(nowMs: number, rateAt: (atMs: number) => number): void {
    if (this.#steppedAtMs === null) return;
    while (nowMs - this.#steppedAtMs >= TIMEOUT_STEP_MS) {
      this.#steppedAtMs += TIMEOUT_STEP_MS;
      const rate = rateAt(this.#steppedAtMs);
      if (rate > DENSE_RATE) this.#ms = Math.min(this.bounds.maxMs, this.#ms * GROW);
      else if (rate < SPARSE_RATE) this.#ms = Math.max(this.bounds.minMs, this.#ms * SHRINK);
      if (rate < SPARSE_RATE && this.#ms === this.bounds.minMs) {
        // Without traffic the rate only falls: all further steps would change nothing, be they thousands.
        this.#steppedAtMs = nowMs - ((nowMs - this.#steppedAtMs) % TIMEOUT_STEP_MS);
      }
    }
  }
}
