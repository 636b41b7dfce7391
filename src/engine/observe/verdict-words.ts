import { formatDuration, plural } from '../../shared/format';
import type { EvidenceKind } from '../../shared/model';
import { isInFlight, isLeftAlone } from './excuses';
import { type Facts, isBusy, isYoung, LATE, type Limits, lifeAgeMs } from './verdict';

/** Without ages: they grow by the second, and the evidence shows them. */
export function wellReason(f: Facts, l: Limits): string {
  if (f.inState != null) return inStateReason(f.inState, f);
  if (isLeftAlone(f)) return 'Asked not to be missed for a while';
  if (isYoung(f.requestAgeMs, l.requestSilenceMs)) return 'A model request is open';
  if (isInFlight(f, l)) return 'Silent, but its processes are at work';
  const beats = isYoung(f.heartbeat?.ageMs, l.heartbeatMissingMs);
  if (!beats && f.otherLife) return `No heartbeat, but ${WORDS[f.otherLife.from] ?? f.otherLife.from}`;
  if (isBusy(f)) return f.task ? `Works on “${f.task}”` : busyReason(f);
  if (lifeAgeMs(f) !== null) return 'Heartbeat on time';
  return f.heartbeat === null && f.declared === 'ready' ? 'Ready' : 'No sign of life yet';
}

function inStateReason(inState: string, { runTime }: Facts): string {
  return runTime ? `${inState} (allowed ${formatDuration(runTime.limitMs)} without activity)` : inState;
}

function busyReason(f: Facts): string {
  if (f.heartbeat === null) return f.runTime ? `Running (allowed ${formatDuration(f.runTime.limitMs)})` : 'Running';
  return f.openTasks > 0 ? `Works on ${plural(f.openTasks, 'task', 'tasks')} of its inbox` : 'Says that it is busy';
}

const WORDS: Partial<Record<EvidenceKind, string>> = {
  outbox: 'results come in',
  wire_events: 'wire events come in',
  log: 'its log grows',
  request: 'a model request is open',
};

/** Over two thirds of a threshold: worth a look, no alarm. */
export function lateReason(f: Facts, l: Limits): string | null {
  const life = lifeAgeMs(f);
  if (f.runTime && f.runTime.ageMs >= f.runTime.limitMs * LATE) {
    return `Late: over two thirds of the allowed ${formatDuration(f.runTime.limitMs)}`;
  }
  const silence = Math.min(l.heartbeatMissingMs, l.heartbeatStaleMs);
  if (life !== null && life >= silence * LATE) {
    return `Late: no sign of life for over two thirds of the allowed ${formatDuration(silence)}`;
  }
  if (isBusy(f) && f.progress && f.progress.ageMs >= l.heartbeatStaleMs * LATE) {
    return `Late: no progress for over two thirds of the allowed ${formatDuration(l.heartbeatStaleMs)}`;
  }
  return null;
}

/** What is allowed to it and was not kept, and why it is not stalled all the same; null: nothing was not kept. */
export function inFlightReason(f: Facts, l: Limits): string | null {
  const over = overTimeReason(f, l);
  if (over === null) return null;
  if (!f.inFlight?.isMeasured) return `${over}; whether it is at work is being found out`;
  return `${over}, but its processes are at work${f.inFlight.connections ? ' with a connection open' : ''}`;
}

function overTimeReason(f: Facts, l: Limits): string | null {
  const over = (what: string, ageMs: number, limitMs: number) =>
    `${what} for ${formatDuration(ageMs)} (allowed ${formatDuration(limitMs)})`;
  if (f.command) return over(`“${f.command.label}” has been running`, f.command.ageMs, l.commandTimeoutMs);
  const life = lifeAgeMs(f);
  const lifeAllowedMs = Math.min(l.heartbeatMissingMs, l.heartbeatStaleMs);
  if (life !== null && life >= lifeAllowedMs) return over('Silent', life, lifeAllowedMs);
  if (isBusy(f) && f.progress && f.progress.ageMs >= l.heartbeatStaleMs) {
    return over(life === null ? 'Silent' : 'Without progress', f.progress.ageMs, l.heartbeatStaleMs);
  }
  const fault = f.heartbeat?.fault;
  return fault ? (fault.kind === 'missing' ? 'No heartbeat' : 'Its heartbeat cannot be read') : null;
}
