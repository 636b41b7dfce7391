import { formatDuration } from '../../shared/format';
import type { Clock } from '../ports';

/** So many standstills are remembered. */
const STANDSTILLS_KEPT = 256;
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
  /** How much of the monotonic time since then nothing ran: where that clock goes on in sleep, and when we were stopped. */
  stoodStillMs(sinceMonotonicMs: number): number;
}

export function createStallClock(options: { clock: Clock; wakeGraceMs: () => number }): StallClock {
  const { clock, wakeGraceMs } = options;
  let last: { monotonicMs: number; wallMs: number } | null = null;
  let suspendedAt: number | null = null;
  let hold: Hold | null = null;
  let windowStart = Number.NEGATIVE_INFINITY;
  /** Oldest first. */
  const standstills: { untilMs: number; lengthMs: number }[] = [];

  const now = () => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() });
  const heldNow = () => (hold && clock.monotonicMs() < hold.untilMonotonicMs ? hold : null);

  function begin(reason: string): void {
    const { monotonicMs, wallMs } = now();
    const graceMs = wakeGraceMs();
    windowStart = monotonicMs;
    hold = { reason, untilMonotonicMs: monotonicMs + graceMs, untilAt: wallMs + graceMs };
  }

  function noteStandstill(untilMs: number, lengthMs: number): void {
    standstills.push({ untilMs, lengthMs });
    if (standstills.length > STANDSTILLS_KEPT) standstills.shift();
  }

  /** What happened since the last tick; null when all went as expected. The last tick becomes this one. */
  function look(expectedMs: number): string | null {
    const before = last;
    const at = now();
    last = at;
    if (!before) return null;
    const ranMs = at.monotonicMs - before.monotonicMs;
    const jumpMs = at.wallMs - before.wallMs - ranMs;
    const lateMs = ranMs - (Number.isFinite(expectedMs) ? expectedMs : 0);
    if (lateMs > TOLERANCE_MS) noteStandstill(at.monotonicMs, lateMs);
    const isLate = ranMs - expectedMs > TOLERANCE_MS;
    // Where the monotonic clock goes on in sleep, the late tick is the sign; elsewhere the jump is.
    if (suspendedAt !== null && (isLate || jumpMs > TOLERANCE_MS)) {
      const sleptMs = at.wallMs - suspendedAt;
      suspendedAt = null; // The word of waking may never come: what happens later is no part of this sleep.
      return slept(sleptMs);
    }
    if (isLate) return `idlewatch itself stood still for ${formatDuration(ranMs)}`;
    if (jumpMs > TOLERANCE_MS)
      return `the machine slept for ${formatDuration(jumpMs)}, or its clock was set forward by that much`;
    return jumpMs < -TOLERANCE_MS ? `the clock was set back by ${formatDuration(-jumpMs)}` : null;
  }

  return {
    tick(expectedMs) {
      const happened = look(expectedMs);
      if (happened) begin(happened);
    },
    suspend() {
      suspendedAt = clock.wallMs();
      begin('the machine goes to sleep');
    },
    resume() {
      // The tick may have come first, and its own words for what happened are better than none.
      const happened = look(Number.POSITIVE_INFINITY) ?? heldNow()?.reason ?? 'the machine woke up';
      begin(suspendedAt === null ? happened : slept(clock.wallMs() - suspendedAt));
      suspendedAt = null;
    },
    hold: heldNow,
    windowStart: () => windowStart,
    stoodStillMs(sinceMonotonicMs) {
      let sumMs = 0;
      for (const { untilMs, lengthMs } of standstills) {
        sumMs += Math.max(0, Math.min(lengthMs, untilMs - sinceMonotonicMs));
      }
      return sumMs;
    },
  };
}

function slept(ms: number): string {
  return `the machine slept for ${formatDuration(ms)}`;
}
