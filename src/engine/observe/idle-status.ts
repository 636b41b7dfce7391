import { type IdleStatus, natureOf, type SourceKind, type WorkerState } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { Moment } from '../sources/source';
import { ageOf, type Instant } from './facts';

/** Whether sessions and tasks are in use. Pure: moments and settings in, a status out. */

type Thresholds = Pick<
  Settings,
  'IDLE_SESSION_TIMEOUT_MINUTES' | 'IDLE_TASK_TIMEOUT_MINUTES' | 'idleTimeoutMinutesByKind'
>;

/** Time without activity after which what a source has (a session, or its tasks) is idle. */
export function idleThresholdMs(settings: Thresholds, source: SourceKind): number {
  const usual =
    natureOf(source) === 'session' ? settings.IDLE_SESSION_TIMEOUT_MINUTES : settings.IDLE_TASK_TIMEOUT_MINUTES;
  return (settings.idleTimeoutMinutesByKind[source] ?? usual) * 60_000;
}

export interface InUse {
  /** Last activity; null: none is known. */
  active: Moment | null;
  /** Counts where no activity is known. */
  firstSeen: Moment;
  /** When it was ended for being idle; null: it was not. */
  timedOut: Moment | null;
  thresholdMs: number;
  /** It is at work now, whatever its last activity. */
  isAtWork: boolean;
}

/** A wake-up begins the time without activity anew; activity after it was ended means that it lives again. */
export function idleStatusOf(
  { active, firstSeen, timedOut, thresholdMs, isAtWork }: InUse,
  now: Instant,
): IdleStatus & { ageMs: number } {
  const ageMs = ageOf(active ?? firstSeen, now) ?? 0;
  const isOver = timedOut !== null && (active?.monotonicMs ?? Number.NEGATIVE_INFINITY) <= timedOut.monotonicMs;
  const isIdle = !isAtWork && ageMs >= thresholdMs;
  return {
    status: isOver ? 'timed_out' : isIdle ? 'idle' : 'active',
    activeAt: active?.at ?? null,
    thresholdMs,
    ageMs,
  };
}

/** Nothing of it goes on: it is neither in use nor idle. */
export function isOver(state: WorkerState): boolean {
  return state === 'stopped' || state === 'dead';
}
