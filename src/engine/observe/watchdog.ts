import { formatDuration, plural } from '../../shared/format';
import type { EvidenceKind, Health, Liveness, WorkerState } from '../../shared/model';
import type { HeartbeatFault } from '../sources/source';
import { FIRST_WINDOW_MS, type InFlightFact } from './in-flight';

/**
 * The watchdog: evidence in, verdict and reason out. Pure: no clock, no file, no memory of its own.
 *
 * Ages are milliseconds without time slept; null means there is no such sign. The rules stand in `RULES`, in their
 * order: the first that matches decides.
 */
export interface Facts {
  /** Verdicts hold (wake-up, our own late tick), with the reason; null when they do not. */
  hold: string | null;
  /** The verdict before this one. */
  previous: Verdict | null;
  /** The worker itself cannot be read now, with the reason. */
  unreadable: string | null;
  declared: 'starting' | 'ready' | 'busy' | 'waiting' | 'stopped' | null;
  asks: string | null;
  task: string | null;
  /** Null: the worker keeps no heartbeat and is not judged by one. */
  heartbeat: { ageMs: number | null; fault: HeartbeatFault | null } | null;
  /** Newest life beside the heartbeat. */
  otherLife: { ageMs: number; from: EvidenceKind } | null;
  progress: { ageMs: number; from: EvidenceKind } | null;
  specAgeMs: number | null;
  firstSeenAgeMs: number;
  /** There was no life within the hour before idlewatch first looked, and there has been none since. */
  silentAtFirstSight: boolean;
  /** How long ago a person ended it through idlewatch; null: nobody did. */
  endedAgeMs: number | null;
  /** Nobody can tell whether its work goes on or awaits a person, in words. */
  unclear: string | null;
  command: { label: string; ageMs: number } | null;
  /** Age of the start or last chunk of an open model request. */
  requestAgeMs: number | null;
  /** Its processes are at work though it shows nothing, or may be; null: they are not, or nobody had to ask. */
  inFlight: InFlightFact | null;
  openTasks: number;
  /** How long it has been running in all, and what it may. A wake-up does not begin it anew, as it does the ages. */
  runTime: { ageMs: number; limitMs: number } | null;
  /** In which state its list has it, in words; its run time then is time without activity. */
  inState?: string | null;
  /** Nobody watches over it any more, in words. */
  orphaned: string | null;
  /** Said of a stopped one in place of its own word. */
  stoppedReason: string | null;
  intervalMs: number | null;
  /** Silence allowed to this worker while it is busy; null: as to every other. */
  staleMs: number | null;
  /** How much longer the worker asked not to be missed; null or negative: no longer. */
  silentForMs: number | null;
  liveness: Liveness;
  pid: number | null;
  /** How many readings in a row found the process gone. */
  goneReadings: number;
  /** idlewatch itself saw this process alive before. */
  seenAlive: boolean;
}

export interface Limits {
  heartbeatMissingMs: number;
  heartbeatStaleMs: number;
  commandTimeoutMs: number;
  startupGraceMs: number;
  requestSilenceMs: number;
  /** Look again this long before a threshold, at the earliest at two thirds of it (which is when it is late). */
  nearMs: number;
}

export interface Verdict {
  state: WorkerState;
  health: Health;
  reason: string;
  /** Which rule decided, as `docs/heartbeat.md` numbers them; 0: the worker cannot be read. */
  rule: number;
  /** Silence alone cannot change the verdict before this long from now. */
  nextLookMs: number;
}

/** Stalled or dead: what a person should know of. */
export function isWrong(judged: { health: Health } | null | undefined): boolean {
  return judged?.health === 'stalled' || judged?.health === 'dead';
}

/** Stalled for its silence alone: work that does not show may excuse it. */
export function isOverTime({ rule, health }: Verdict): boolean {
  return health === 'stalled' && rule >= 7 && rule <= 10;
}

/** At first sight, silence longer than this is history, not news. */
export const FIRST_SIGHT_SILENCE_MS = 3_600_000;
/** A command that is at work itself excuses its worker for this long from its last progress on. */
export const COMMAND_AT_WORK_MAX_MS = 3_600_000;
/**
 * Anything else its processes do excuses it for so many times the silence allowed to it, for this long at least and never
 * for longer than a command would: whoever hangs with a spinner turning looks just like that.
 */
export const IN_FLIGHT_ALLOWANCES = 3;
export const IN_FLIGHT_LEAST_MS = 600_000;
/** While they do, they are looked at this often, and so soon again where nothing was measured yet. */
const IN_FLIGHT_LOOK_MS = 5_000;
const IN_FLIGHT_FIRST_LOOK_MS = FIRST_WINDOW_MS + 50;
/** A heartbeat's own interval raises the thresholds to this many intervals. */
const INTERVALS_MISSED = 2.5;
/** Over this share of a threshold a worker is late. */
export const LATE = 2 / 3;
/** A process found gone is looked at again this soon: one reading is not enough. */
const CONFIRM_GONE_MS = 1_000;

/** Limits of one worker: its source may have a `staleMs` of its own, and its `interval_ms` raises those of silence. */
export function limitsFor({ intervalMs, staleMs }: Pick<Facts, 'intervalMs' | 'staleMs'>, limits: Limits): Limits {
  if (intervalMs === null && staleMs === null) return limits;
  const least = (intervalMs ?? 0) * INTERVALS_MISSED;
  return {
    ...limits,
    heartbeatMissingMs: Math.max(limits.heartbeatMissingMs, least),
    heartbeatStaleMs: Math.max(staleMs ?? limits.heartbeatStaleMs, least),
  };
}

/** Age of the newest sign of life of any kind; null when there has been none. */
export function lifeAgeMs(facts: Facts): number | null {
  const ages = [facts.heartbeat?.ageMs, facts.otherLife?.ageMs, facts.requestAgeMs].filter((age) => age != null);
  return ages.length ? Math.min(...ages) : null;
}

type Draft = Omit<Verdict, 'nextLookMs' | 'rule'>;
type Rule = (facts: Facts, limits: Limits) => Draft | null;

/** Judge one worker. `limits` are the settings'; the worker's own `interval_ms` is applied here. */
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

/** Over two thirds of a threshold: worth a look, no alarm. */
function lateReason(f: Facts, l: Limits): string | null {
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

/** Busy: it says so, or says nothing of being free while a task has no result. */
export function isBusy(f: Pick<Facts, 'declared' | 'openTasks'>): boolean {
  if (f.declared === 'busy') return true;
  return f.declared === null && f.openTasks > 0;
}

/** Without ages: they grow by the second, and the evidence shows them. */
function wellReason(f: Facts, l: Limits): string {
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

/** What is allowed to it and was not kept, and why it is not stalled all the same; null: nothing was not kept. */
function inFlightReason(f: Facts, l: Limits): string | null {
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
  return f.heartbeat?.fault ? 'Its heartbeat cannot be read' : null;
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

function startAgeMs(f: Facts): number {
  return f.specAgeMs ?? f.firstSeenAgeMs;
}

function isYoung(ageMs: number | null | undefined, limitMs: number): boolean {
  return ageMs != null && ageMs < limitMs;
}

function isLeftAlone(f: Facts): boolean {
  return f.silentForMs !== null && f.silentForMs > 0;
}

/** The worker said that it would be silent, or works unseen: silence means nothing, unless it is gone. */
function isHeldOff(f: Facts, l: Limits): boolean {
  return f.liveness !== 'gone' && (isLeftAlone(f) || hasOpenWork(f, l));
}

/** A model request is open, or its processes are at work. */
function hasOpenWork(f: Facts, l: Limits): boolean {
  return isYoung(f.requestAgeMs, l.requestSilenceMs) || isInFlight(f, l);
}

function isInFlight(f: Facts, l: Limits): boolean {
  if (!f.inFlight || f.liveness !== 'alive' || quietForMs(f) >= inFlightMaxMs(f, l)) return false;
  // What is wrong already stays so until it is known to be at work.
  return f.inFlight.isMeasured || !isWrong(f.previous);
}

/** Nothing better than that its processes are at work keeps it from being stalled. */
function isOnlyInFlight(f: Facts, l: Limits): boolean {
  if (isLeftAlone(f) || isYoung(f.requestAgeMs, l.requestSilenceMs)) return false;
  return isInFlight(f, l) && !isCommandAtWork(f);
}

function isCommandAtWork({ command, inFlight }: Facts): boolean {
  return command !== null && inFlight?.isBelow === true;
}

function inFlightMaxMs(f: Facts, { heartbeatStaleMs }: Limits): number {
  if (isCommandAtWork(f)) return COMMAND_AT_WORK_MAX_MS;
  return Math.min(COMMAND_AT_WORK_MAX_MS, Math.max(IN_FLIGHT_LEAST_MS, IN_FLIGHT_ALLOWANCES * heartbeatStaleMs));
}

/** For how long that has lacked which is asked of it: progress of what is at work, else life. */
function quietForMs(f: Facts): number {
  const progressMs = isBusy(f) || f.command ? f.progress?.ageMs : undefined;
  return progressMs ?? lifeAgeMs(f) ?? f.firstSeenAgeMs;
}

function refreshMs(ageMs: number | null): number {
  if (ageMs === null || ageMs >= 3_600_000) return 60_000;
  return ageMs < 600_000 ? 1_000 : 10_000;
}

/** When silence alone could next change the verdict: the nearest threshold that lies ahead. */
function nextLookMs(f: Facts, l: Limits, draft: Draft): number {
  const left: number[] = [];
  const ahead = (ageMs: number | null | undefined, ...thresholds: number[]) => {
    if (ageMs == null) return;
    for (const threshold of thresholds) if (threshold > ageMs) left.push(threshold - ageMs);
  };
  const near = (threshold: number) => Math.max(threshold * LATE, threshold - l.nearMs);
  if (f.liveness === 'gone' && f.goneReadings < 2) left.push(CONFIRM_GONE_MS);
  if (draft.state !== 'stopped' && draft.state !== 'waiting') {
    const life = lifeAgeMs(f);
    ahead(life, near(l.heartbeatMissingMs), l.heartbeatMissingMs);
    if (l.heartbeatMissingMs > l.heartbeatStaleMs) ahead(life, near(l.heartbeatStaleMs), l.heartbeatStaleMs);
    ahead(f.otherLife?.ageMs, l.heartbeatMissingMs);
    if (isBusy(f)) ahead(f.progress?.ageMs, near(l.heartbeatStaleMs), l.heartbeatStaleMs);
    if (f.command) ahead(f.command.ageMs, near(l.commandTimeoutMs), l.commandTimeoutMs);
    if (f.command) ahead(f.progress?.ageMs, l.heartbeatStaleMs);
    ahead(f.requestAgeMs, l.requestSilenceMs);
    if (f.runTime) ahead(f.runTime.ageMs, f.runTime.limitMs * LATE, f.runTime.limitMs);
    if (f.heartbeat?.ageMs == null) ahead(startAgeMs(f), l.startupGraceMs);
    if (f.silentForMs !== null && f.silentForMs > 0) left.push(f.silentForMs);
    if (isInFlight(f, l)) {
      left.push(f.inFlight?.isMeasured ? IN_FLIGHT_LOOK_MS : IN_FLIGHT_FIRST_LOOK_MS);
      ahead(quietForMs(f), inFlightMaxMs(f, l));
    }
  }
  // The reason of what is wrong names its age, and recovery should show soon: look more often while it is fresh.
  if (isWrong(draft)) left.push(refreshMs(lifeAgeMs(f)));
  return left.length ? Math.min(...left) : Number.POSITIVE_INFINITY;
}
