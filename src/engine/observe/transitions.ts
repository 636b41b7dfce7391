import { formatDuration } from '../../shared/format';
import type { MonitorEvent } from '../../shared/model';
import type { Verdict } from './verdict';

/**
 * What a change of state is worth telling: one event for each transition, null for none. A change of health or reason
 * alone is none. `badSince`: when the worker stalled or died (wall clock), null while it was well.
 */
export function transitionOf(
  before: Verdict | null,
  after: Verdict,
  when: { badSince: number | null; now: number },
): { kind: MonitorEvent['kind']; text: string } | null {
  if (before?.state === after.state) return null;
  const { state } = after;
  if (state === 'stalled' || state === 'dead') return { kind: state, text: after.reason };
  if (!before)
    return { kind: 'found', text: state === 'stopped' ? `Found, stopped: ${after.reason}` : `Found, ${state}` };
  if (state === 'starting') return { kind: 'started', text: after.reason }; // No life sign yet: it has not recovered.
  const wasBad = before.state === 'stalled' || before.state === 'dead';
  if (!wasBad || state === 'stopped') return { kind: state, text: after.reason };
  const recovered = `Recovered after ${formatDuration(when.now - (when.badSince ?? when.now))}`;
  return { kind: 'recovered', text: state === 'waiting' ? `${recovered}; ${after.reason}` : recovered };
}
