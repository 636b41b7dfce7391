import type { Clock } from '../ports';
import { inSeconds } from './words';

export interface LimitsOptions {
  clock: Clock;
  /** Null: no limit. */
  timeoutMs: number | null;
  idleTimeoutMs: number | null;
  /** Monotonic time of the last output, or of when it last could not be told. */
  lastOutputMs(): number;
  /** Once, with the reason in words. */
  onOver(reason: string): void;
}

/** Timers do not run for longer than some weeks; a limit is looked at again at least this often. */
const LONGEST_WAIT_MS = 3_600_000;

/** Watch how long a command runs, and how long it puts out nothing, from now on. Returns what ends that. */
export function watchLimits({ clock, timeoutMs, idleTimeoutMs, lastOutputMs, onOver }: LimitsOptions): () => void {
  const startedMs = clock.monotonicMs();
  let cancel: () => void = () => undefined;

  function check(): void {
    const now = clock.monotonicMs();
    const left = timeoutMs === null ? Number.POSITIVE_INFINITY : startedMs + timeoutMs - now;
    const idleLeft = idleTimeoutMs === null ? Number.POSITIVE_INFINITY : lastOutputMs() + idleTimeoutMs - now;
    if (timeoutMs !== null && left <= 0) onOver(`timed out after ${inSeconds(timeoutMs)}`);
    else if (idleTimeoutMs !== null && idleLeft <= 0) onOver(`no output for ${inSeconds(idleTimeoutMs)}`);
    else cancel = clock.after(Math.min(left, idleLeft, LONGEST_WAIT_MS), check);
  }

  if (timeoutMs !== null || idleTimeoutMs !== null) check();
  return () => cancel();
}
