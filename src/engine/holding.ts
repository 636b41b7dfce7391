import type { EventLog } from './event-log';
import type { Instant } from './observe/facts';
import { createStallClock, type Hold, type StallClock } from './observe/stall-clock';
import type { Clock } from './ports';
import { Timers } from './timers';

/** Our own heartbeat: later than this by 5 s, and verdicts hold. */
export const TICK_MS = 2_000;

export interface HoldingParts {
  clock: Clock;
  events: EventLog;
  wakeGraceMs: () => number;
  /** Verdicts begin or cease to hold. */
  onChange: () => void;
  /** They hold no more: what was judged before may be wrong by now. */
  onOver: () => void;
}

/** What time it is, and whether verdicts hold: it says so when that begins, and when the last hold has ended. */
export class Holding {
  readonly #stall: StallClock;
  readonly #timers: Timers<'end'>;
  #held = false;

  constructor(private readonly parts: HoldingParts) {
    this.#stall = createStallClock(parts);
    this.#timers = new Timers(parts.clock);
  }

  /** Now, after making sure that no standstill of ours went unnoticed. */
  now(): Instant {
    this.#stall.tick(TICK_MS);
    this.#note();
    return this.instant();
  }

  /** Now, as far as is known. */
  instant(): Instant {
    const { clock } = this.parts;
    return {
      monotonicMs: clock.monotonicMs(),
      at: clock.wallMs(),
      windowStart: this.windowStart,
      stoodStillMs: this.#stall.stoodStillMs,
    };
  }

  /** Null when verdicts do not hold. */
  get hold(): Hold | null {
    return this.#stall.hold();
  }

  /** Monotonic time from which silence counts; -Infinity before any hold. */
  get windowStart(): number {
    return this.#stall.windowStart();
  }

  suspend(): void {
    this.#stall.suspend();
  }

  resume(): void {
    this.#stall.resume();
    this.#note();
  }

  /** Wait for no end any more. */
  stop(): void {
    this.#timers.clear();
  }

  #note(): void {
    const { hold } = this;
    if ((hold !== null) === this.#held) return;
    this.#held = hold !== null;
    if (hold) {
      this.parts.events.add('held', null, `Verdicts hold: ${hold.reason}`);
      this.#awaitEnd(hold);
    }
    this.parts.onChange();
  }

  /** A hold may begin anew while it lasts: only the end of the last of them is one. */
  #awaitEnd({ untilMonotonicMs }: Hold): void {
    this.#timers.set('end', Math.max(0, untilMonotonicMs - this.parts.clock.monotonicMs()) + 1, () => {
      const next = this.hold;
      if (next) {
        this.#awaitEnd(next);
        return;
      }
      this.#note();
      this.parts.onOver();
    });
  }
}
