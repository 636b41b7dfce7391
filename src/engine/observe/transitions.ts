import { formatDuration } from '../../shared/format';
import type { MonitorEvent } from '../../shared/model';
import type { Verdict } from './watchdog';

/** What a change of verdict is worth telling: one event for each transition, null for none. */
export function transitionOf(
  before: Verdict | null,
  after: Verdict,
  when: { badSince: number | null; now: number },
): { kind: MonitorEvent['kind']; text: string } | null {
  if (before?.state === after.state) return null;
  const { state } = after;
  if (state === 'stalled' || state === 'dead') return { kind: state, text: after.reason };
  const wasBad = before?.state === 'stalled' || before?.state === 'dead';
  if (wasBad && state !== 'stopped') {
    return { kind: 'recovered', text: `Recovered after ${formatDuration(when.now - (when.badSince ?? when.now))}` };
  }
  if (!before) return { kind: 'found', text: `Found, ${state}` };
  return { kind: state === 'starting' ? 'started' : state, text: after.reason };
}
