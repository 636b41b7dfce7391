import { formatDuration } from '../../../shared/format';
import type { Clock } from '../../ports';
import type { Moment } from '../source';

/** A wall time as a moment, and how far in the future it was if that is more than we tolerate. */
export interface Placed {
  moment: Moment;
  /** Milliseconds ahead of now; 0 where it may be believed. */
  aheadMs: number;
}

/**
 * Pin a wall time to the monotonic clock, so that later steps of the wall clock cannot change its age. A time in the
 * future is taken as now; beyond `toleranceMs` that is reported as skew.
 */
export function place(clock: Clock, at: number, toleranceMs: number): Placed {
  const now = clock.wallMs();
  const ageMs = now - at;
  const aheadMs = -ageMs > toleranceMs ? -ageMs : 0;
  return { moment: { at: aheadMs ? now : at, monotonicMs: clock.monotonicMs() - Math.max(0, ageMs) }, aheadMs };
}

export function skewText(what: string, aheadMs: number): string {
  return `${what} is ${formatDuration(aheadMs)} in the future; the file's own time is used`;
}

/** The newest of some moments. */
export function newest<T extends Moment>(moments: (T | null)[]): T | null {
  let best: T | null = null;
  for (const moment of moments) if (moment && (!best || moment.monotonicMs > best.monotonicMs)) best = moment;
  return best;
}
