import type { Moment, Reading, SourceContext } from '../source';
import { place, skewText } from '../worker-directory/moments';
import type { ClaudeStatus, SessionRecord } from './parse';

/** Follows what a session says of itself, and since when. */
export class SessionStatus {
  /** Null: nothing that is understood. */
  now: ClaudeStatus | null = null;
  /** When it was set. */
  sign: Moment | null = null;
  /** When it began to work; waiting for a person is part of that. Null: it does not. */
  busySince: Moment | null = null;
  /** A time from the future was not believed, in words. */
  clockSkew: string | null = null;
  #signAt: number | null = null;

  constructor(private readonly context: Pick<SourceContext, 'clock' | 'settings'>) {}

  get declared(): Reading['declared'] {
    switch (this.now) {
      case 'idle':
        return 'ready';
      case 'shell':
        return 'busy';
      default:
        return this.now;
    }
  }

  /** `writtenAt`: when the record was written, by the file. */
  take(record: SessionRecord | null, writtenAt: number): void {
    if (!record || record.drift !== null) {
      this.now = null;
      return;
    }
    this.now = record.status;
    this.#noteSign(record.statusAt ?? writtenAt, writtenAt);
    const isAtWork = this.now === 'busy' || this.now === 'waiting';
    this.busySince = isAtWork ? (this.busySince ?? this.sign) : null;
  }

  /** Placed once: a step of the wall clock must not change its age. */
  #noteSign(at: number, writtenAt: number): void {
    if (at === this.#signAt) return;
    this.#signAt = at;
    const { clock, settings } = this.context;
    const tolerance = settings().clockSkewToleranceMs;
    const said = place(clock, at, tolerance);
    this.clockSkew = said.aheadMs ? skewText("The status's time", said.aheadMs) : null;
    this.sign = said.aheadMs ? place(clock, writtenAt, tolerance).moment : said.moment;
  }
}
