import { formatDuration } from '../../shared/format';
import { hasOpenWork, isHeldOff, isOnlyInFlight } from './excuses';
import { nextLookMs } from './next-look';
import {
  type Draft,
  type Facts,
  isBusy,
  isYoung,
  LATE,
  type Limits,
  lifeAgeMs,
  limitsFor,
  startAgeMs,
  type Verdict,
} from './verdict';
import { inFlightReason, lateReason, wellReason } from './verdict-words';

/** At first sight, silence longer than this is history, not news. */
export const FIRST_SIGHT_SILENCE_MS = 3_600_000;

type Rule = (facts: Facts, limits: Limits) => Draft | null;

/**
 * The watchdog: evidence in, verdict and reason out. Pure: no clock, no file, no memory of its own. The rules stand in
 * `RULES`, in their order: the first that matches decides.
 *
 * Judge one worker. `limits` are the settings'; the worker's own `interval_ms` is applied here.
 */
export function judge(facts: Facts, settings: Limits): Verdict {
  const limits = limitsFor(facts, settings);
  for (const [number, rule] of RULES) {
    const draft = rule(facts, limits);
    if (draft) return { ...draft, rule: number, nextLookMs: nextLookMs(facts, limits, draft) };
  }
  throw new Error('the last rule always matches');
}

const unreadable: Rule = (f) =>
  f.unreadable === null
    ? null
    : { state: f.previous?.state ?? saidState(f), health: 'unknown', reason: `Cannot be read: ${f.unreadable}` };

/** As far as it was understood. */
function saidState(f: Facts): Verdict['state'] {
  if (f.declared === 'waiting') return 'waiting';
  return isBusy(f) ? 'busy' : 'ready';
}

const held: Rule = (f) => {
  if (f.hold === null) return null;
  if (f.previous) return { state: f.previous.state, health: f.previous.health, reason: f.previous.reason };
  return { state: 'starting', health: 'unknown', reason: `Not judged yet: ${f.hold}` };
};

const declaredStopped: Rule = (f) => {
  if (f.declared !== 'stopped') return null;
  const declaredAgo = f.heartbeat?.ageMs ?? Number.POSITIVE_INFINITY;
  // The last lines of a log are often written in the same moment as the farewell.
  if (f.otherLife && f.otherLife.ageMs < declaredAgo - 1_000) return null;
  return {
    state: 'stopped',
    health: 'unknown',
    reason: `${f.stoppedReason ?? 'Says that it has stopped'}${stillAlive(f)}`,
  };
};

const endedByPerson: Rule = (f) => {
  if (f.endedAgeMs === null) return null;
  const life = Math.min(lifeAgeMs(f) ?? Number.POSITIVE_INFINITY, f.progress?.ageMs ?? Number.POSITIVE_INFINITY);
  if (life < f.endedAgeMs) return null;
  return { state: 'stopped', health: 'unknown', reason: `Ended from idlewatch${stillAlive(f)}` };
};

const silentBefore: Rule = (f) => {
  if (!f.silentAtFirstSight) return null;
  const age = lifeAgeMs(f) ?? f.specAgeMs;
  const since = age === null ? '' : ` (last sign of life ${formatDuration(age)} ago)`;
  return {
    state: 'stopped',
    health: 'unknown',
    reason: `Silent before idlewatch first looked${since}${stillAlive(f)}`,
  };
};

const processGone: Rule = (f) => {
  if (f.liveness !== 'gone' || f.goneReadings < 2) return null;
  // Never seen alive by us and silent for long before: that is rule 5, history and not news.
  if (!f.seenAlive && f.silentAtFirstSight) return null;
  return { state: 'dead', health: 'dead', reason: `Process ${f.pid ?? ''} is gone`.replace('  ', ' ') };
};

const orphaned: Rule = (f) => (f.orphaned === null ? null : stalled(`Orphaned: ${f.orphaned}`));

const overRunTime: Rule = (f) => {
  if (f.runTime === null || f.runTime.ageMs < f.runTime.limitMs) return null;
  const age = formatDuration(f.runTime.ageMs);
  const words = f.inState == null ? `Running for ${age}` : `${f.inState} for ${age} without activity`;
  return stalled(`${words} (allowed ${formatDuration(f.runTime.limitMs)})`);
};

const waiting: Rule = (f) =>
  f.declared === 'waiting'
    ? { state: 'waiting', health: 'healthy', reason: f.asks ? `Asks: ${f.asks}` : 'Waits for a person' }
    : null;

const unclear: Rule = (f) => (f.unclear === null ? null : { state: 'busy', health: 'unknown', reason: f.unclear });

const starting: Rule = (f, l) => {
  if (f.heartbeat?.fault?.kind !== 'missing' || f.heartbeat.ageMs !== null) return null;
  if (isYoung(f.otherLife?.ageMs, l.heartbeatMissingMs) || startAgeMs(f) >= l.startupGraceMs) return null;
  return {
    state: 'starting',
    health: 'unknown',
    reason: `No heartbeat yet (allowed ${formatDuration(l.startupGraceMs)})`,
  };
};

const commandRunning: Rule = (f, l) => {
  if (!f.command || isHeldOff(f, l)) return null;
  const { label, ageMs } = f.command;
  if (ageMs < l.commandTimeoutMs) {
    const health = ageMs >= l.commandTimeoutMs * LATE ? 'late' : 'healthy';
    return { state: 'busy', health, reason: `Running “${label}” (allowed ${formatDuration(l.commandTimeoutMs)})` };
  }
  // Work that still shows is no hang, however long it takes.
  if (f.progress && f.progress.ageMs < l.heartbeatStaleMs) return null;
  return stalled(
    `“${label}” has been running for ${formatDuration(ageMs)} (allowed ${formatDuration(l.commandTimeoutMs)})`,
  );
};

const heartbeatFault: Rule = (f, l) => {
  const fault = f.heartbeat?.fault;
  if (!fault) return null;
  if (isYoung(f.otherLife?.ageMs, l.heartbeatMissingMs) || hasOpenWork(f, l)) return null;
  switch (fault.kind) {
    case 'missing':
      return deadOrStalled(f, 'Heartbeat file missing');
    case 'unreadable':
      return deadOrStalled(f, `Cannot read heartbeat: ${fault.detail}`);
    case 'invalid_json':
      return stalled(`Invalid heartbeat JSON: ${fault.detail}`);
    case 'no_timestamp':
      return stalled(`Heartbeat has no timestamp: ${fault.detail}`);
  }
};

const silent: Rule = (f, l) => {
  const age = lifeAgeMs(f);
  if (age === null || age < l.heartbeatMissingMs || isHeldOff(f, l)) return null;
  const process = f.liveness === 'alive' ? ', process alive' : '';
  return deadOrStalled(
    f,
    `No sign of life for ${formatDuration(age)} (allowed ${formatDuration(l.heartbeatMissingMs)})${process}`,
  );
};

const noProgress: Rule = (f, l) => {
  if (isHeldOff(f, l)) return null;
  const life = lifeAgeMs(f);
  if (l.heartbeatMissingMs > l.heartbeatStaleMs && life !== null && life >= l.heartbeatStaleMs) {
    return stalled(`No sign of life for ${formatDuration(life)} (stale after ${formatDuration(l.heartbeatStaleMs)})`);
  }
  if (!isBusy(f) || !f.progress || f.progress.ageMs < l.heartbeatStaleMs) return null;
  return stalled(
    `Busy without progress for ${formatDuration(f.progress.ageMs)} (allowed ${formatDuration(l.heartbeatStaleMs)})`,
  );
};

const well: Rule = (f, l) => {
  const state = isBusy(f) || f.command ? 'busy' : f.declared === 'starting' ? 'starting' : 'ready';
  const late = isOnlyInFlight(f, l) ? inFlightReason(f, l) : isHeldOff(f, l) ? null : lateReason(f, l);
  return late ? { state, health: 'late', reason: late } : { state, health: 'healthy', reason: wellReason(f, l) };
};

/** In order; the numbers are those of docs/heartbeat.md. A process gone outranks history only where we saw it alive. */
const RULES: [number, Rule][] = [
  [0, unreadable],
  [1, held],
  [2, declaredStopped],
  [2, endedByPerson],
  [12, orphaned],
  [3, processGone],
  [13, overRunTime],
  [4, waiting],
  [14, unclear],
  [5, silentBefore],
  [6, starting],
  [7, commandRunning],
  [8, heartbeatFault],
  [9, silent],
  [10, noProgress],
  [11, well],
];

function stalled(reason: string): Draft {
  return { state: 'stalled', health: 'stalled', reason };
}

/** A process known to be alive is never called dead. */
function deadOrStalled(f: Facts, reason: string): Draft {
  return f.liveness === 'alive' ? stalled(reason) : { state: 'dead', health: 'dead', reason };
}

function stillAlive(f: Facts): string {
  return f.liveness === 'alive' && f.pid !== null ? `; its process ${f.pid} is alive` : '';
}
