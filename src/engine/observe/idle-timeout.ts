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

/**
 * How long silence must last to count as idle: busy traffic is given longer pauses, sparse traffic shorter ones.
 * It grows at traffic alone, and shrinks at traffic and at each check, so that silence shortens the wait for itself.
 */
export class IdleTimeout {
  ms: number;

  constructor(private bounds: IdleTimeoutBounds) {
    this.ms = bounds.initialMs;
  }

  setBounds(bounds: IdleTimeoutBounds): void {
    if (bounds.initialMs !== this.bounds.initialMs) this.ms = bounds.initialMs;
    this.bounds = bounds;
    this.ms = Math.min(bounds.maxMs, Math.max(bounds.minMs, this.ms));
  }

  onTraffic(rate: number): void {
    if (rate > DENSE_RATE) this.ms = Math.min(this.bounds.maxMs, this.ms * GROW);
    else this.onCheck(rate);
  }

  onCheck(rate: number): void {
    if (rate < SPARSE_RATE) this.ms = Math.max(this.bounds.minMs, this.ms * SHRINK);
  }
}
