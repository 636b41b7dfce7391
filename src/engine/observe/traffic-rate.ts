/**
 * Events a second as an exponentially weighted moving average, folded at each event.
 *
 * Each event's instant rate is 1/dt, dt the time since the event before. Events of one millisecond have no dt between
 * them: they count together, as n events with the instant rate n/dt. Before folding, the stored rate is clamped to the
 * instant rate's own bound (n/dt), so that the past never outweighs what the silence just proved; and between events
 * no more than 1/(time since the last) is read, so that silence alone lets the rate fall.
 */
export class TrafficRate {
  /** Events counted since the start. */
  count = 0;
  #lastMs: number | null = null;
  #beforeMs: number | null = null;
  #countAtLast = 0;
  #rateBefore = 0;
  #rate = 0;

  /** `decay`: weight of the past for each event, between 0 and 1. */
  constructor(private decay: number) {}

  setDecay(decay: number): void {
    this.decay = decay;
  }

  /** `nowMs`: monotonic milliseconds; times before the last event's count as the last event's. */
  note(nowMs: number, count = 1): void {
    this.count += count;
    if (this.#lastMs !== null && nowMs - this.#lastMs < 1) {
      this.#countAtLast += count;
    } else {
      this.#beforeMs = this.#lastMs;
      this.#rateBefore = this.#rate;
      this.#lastMs = nowMs;
      this.#countAtLast = count;
    }
    this.#fold();
  }

  /** Events a second as of now. */
  read(nowMs: number): number {
    if (this.#lastMs === null) return 0;
    const sinceMs = nowMs - this.#lastMs;
    return sinceMs <= 0 ? this.#rate : Math.min(this.#rate, 1000 / sinceMs);
  }

  /** Time since the last event; null before the first. */
  sinceMs(nowMs: number): number | null {
    return this.#lastMs === null ? null : Math.max(0, nowMs - this.#lastMs);
  }

  #fold(): void {
    if (this.#lastMs === null || this.#beforeMs === null) return; // One moment alone has no rate.
    const n = this.#countAtLast;
    const instant = (n * 1000) / (this.#lastMs - this.#beforeMs);
    const past = this.decay ** n;
    this.#rate = past * Math.min(this.#rateBefore, instant) + (1 - past) * instant;
  }
}
