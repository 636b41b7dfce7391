import { formatDuration } from '../../shared/format';
import type { Snooze } from '../../shared/ipc';
import type { IdleStatus, WorkerRow } from '../../shared/model';
import { formatMinute } from './words';

/** The choices of the snooze menu. */
export const SNOOZE_WORDS: Record<Exclude<Snooze, 'off'>, string> = {
  '15min': 'For 15 minutes',
  '1h': 'For 1 hour',
  until_change: 'Until it changes',
};

/** `snoozed until 15:20`; a snooze ends at the next change in any case. */
export function snoozedWords({ snoozedUntil }: Pick<WorkerRow, 'snoozedUntil'>, now: number): string {
  return snoozedUntil === null ? 'snoozed until it changes' : `snoozed until ${formatMinute(snoozedUntil, now)}`;
}

/** The mark of a session or task that nobody uses any more; null while it is in use. */
export function idleTag({ status }: IdleStatus): string | null {
  if (status === 'active') return null;
  return status === 'idle' ? 'idle' : 'timed out';
}

/** The idle status with what it rests on. `now` is the engine's time. */
export function idleWords({ status, activeAt, thresholdMs }: IdleStatus, now: number): string {
  const silence = activeAt === null ? null : formatDuration(now - activeAt);
  const allowed = formatDuration(thresholdMs);
  if (status === 'timed_out') return `timed out: ended after ${allowed} without activity`;
  if (silence === null) return `${status}, no activity known (idle after ${allowed})`;
  return status === 'active'
    ? `active, last activity ${silence} ago (idle after ${allowed})`
    : `idle, no activity for ${silence} (threshold ${allowed})`;
}
