import { formatDuration } from '../../shared/format';
import type { Clock } from '../ports';

/** Clocks that disagree by more than this, or a tick that late, mean that somebody stood still. */
const TOLERANCE_MS = 5_000;

export interface Hold {
  /** In words: what happened. */
  reason: string;
  untilMonotonicMs: number;
  untilAt: number;
}

/**
 * Finds out when verdicts must hold: the machine slept, the clock was set, or idlewatch itself did not run. Silence
 * counts only from the moment of the last of these on.
 */
export interface StallClock {
  /** To be called at least every `expectedMs`, and before anything is judged. */
  tick(expectedMs: number): void;
  /** The system says that it goes to sleep / has woken. */
  suspend(): void;
  resume(): void;
  /** Null when verdicts do not hold. */
  hold(): Hold | null;
  /** Monotonic time from which silence counts; -Infinity before any hold. */
  windowStart(): number;
}

export function createStallClock(options: { clock: Clock; wakeGraceMs: () => number }): StallClock {
  const { clock, wakeGraceMs } = options;
  let last: { monotonicMs: number; wallMs: number } | null = null;
  let suspendedAt: number | null = null;
  let hold: Hold | null = null;
  let windowStart = Number.NEGATIVE_INFINITY;

  const now = () => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() });

  function begin(reason: string): void {
    const { monotonicMs, wallMs } = now();
    const graceMs = wakeGraceMs();
    windowStart = monotonicMs;
    hold = { reason, untilMonotonicMs: monotonicMs + graceMs, untilAt: wallMs + graceMs };
  }

  return {
    tick(expectedMs) {
      const at = now();
      if (last) {
        const ranMs = at.monotonicMs - last.monotonicMs;
        const jumpMs = at.wallMs - last.wallMs - ranMs;
        if (ranMs - expectedMs > TOLERANCE_MS) begin(`idlewatch itself stood still for ${formatDuration(ranMs)}`);
        else if (jumpMs > TOLERANCE_MS)
          begin(`the machine slept, or its clock was set forward, for ${formatDuration(jumpMs)}`);
        else if (jumpMs < -TOLERANCE_MS) begin(`the clock was set back by ${formatDuration(-jumpMs)}`);
      }
      last = at;
    },
    suspend() {
      suspendedAt = clock.wallMs();
      begin('the machine goes to sleep');
    },
    resume() {
      begin(
        suspendedAt === null
          ? 'the machine woke up'
          : `the machine slept for ${formatDuration(clock.wallMs() - suspendedAt)}`,
      );
      suspendedAt = null;
      last = now();
    },
    hold() {
      return hold && clock.monotonicMs() < hold.untilMonotonicMs ? hold : null;
    },
    windowStart: () => windowStart,
  };
}
