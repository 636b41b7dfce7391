import type { Clock } from '../../src/engine/ports';

interface SteppedClockOptions {
  /** What the wall clock shows at the start. */
  wallStartMs?: number;
  /** Time that passes with each look at the monotonic clock, for work that goes on until its time is up. */
  readCostMs?: number;
}

/** A clock that stands still until the test steps it; due timers run in order, each at its own time. */
export class SteppedClock implements Clock {
  #nowMs = 0;
  #wallStartMs: number;
  readonly #readCostMs: number;
  readonly #timers = new Set<{ dueMs: number; run: () => void }>();

  constructor({ wallStartMs = 1_700_000_000_000, readCostMs = 0 }: SteppedClockOptions = {}) {
    this.#wallStartMs = wallStartMs;
    this.#readCostMs = readCostMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  monotonicMs(): number {
    this.#nowMs += this.#readCostMs;
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** The wall clock alone moves: the machine slept (its monotonic clock stood still), or somebody set the clock. */
  jumpWall(ms: number): void {
    this.#wallStartMs += ms;
  }

  /** Both clocks go on while nothing of ours runs; what is due runs late, at the next step. */
  standStill(ms: number): void {
    this.#nowMs += ms;
  }

  step(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }
}
