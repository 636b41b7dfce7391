/**
 * The vocabulary of idlewatch: every type that crosses a boundary (engine to window, tray, CLI, API).
 *
 * Times named `…At` are milliseconds since the Unix epoch on the wall clock. Lengths named `…Ms` are milliseconds.
 * An age is given as of the `judgedAt` or `takenAt` beside it and never counts time the machine slept.
 */

/** Names one worker for good: `<source kind>:<absolute path or the source's own key>`. */
export type WorkerId = string;

/** Where a worker comes from. One adapter a kind, see src/engine/sources. */
export const SOURCE_KINDS = [
  'worker-directory',
  'workbench',
  'supervised-run',
  'opencode',
  'claude-code',
  'codex',
  'agent-registry',
  'task-list',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** What the workers of a source are: of sessions and tasks it is also told whether they are idle. */
export type Nature = 'worker' | 'session' | 'task';

const NATURES: Record<SourceKind, Nature> = {
  'worker-directory': 'worker',
  workbench: 'worker',
  'supervised-run': 'worker',
  opencode: 'session',
  'claude-code': 'session',
  codex: 'session',
  'agent-registry': 'worker',
  'task-list': 'task',
};

export function natureOf(source: SourceKind): Nature {
  return NATURES[source];
}

/**
 * Whether a session or task is in use: `idle` is over its threshold without activity, `timed_out` was ended for that.
 */
export interface IdleStatus {
  status: 'active' | 'idle' | 'timed_out';
  /** Last activity; null where none is known. */
  activeAt: number | null;
  thresholdMs: number;
}

/** A task of a worker or of a task list that has no result yet. */
export interface OpenTask {
  id: string;
  title: string | null;
  /** As its list has it; of an inbox entry: `open`. */
  state: string;
  since: number | null;
  idle: IdleStatus;
}

/** What a session has used so far, as far as its program tells. */
export interface Usage {
  tokens: number | null;
  /** US dollars. */
  cost: number | null;
}

/** What a worker is doing. `waiting` means: for a person. */
export const WORKER_STATES = ['stalled', 'dead', 'waiting', 'busy', 'starting', 'ready', 'stopped'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** How well a worker is. `unknown`: it is not judged by its silence (stopped, starting, or nothing known yet). */
export type Health = 'healthy' | 'late' | 'stalled' | 'dead' | 'unknown';

/** Whether the process exists. `unknown` when no process is known or the question could not be answered. */
export type Liveness = 'alive' | 'gone' | 'unknown';

/** What the tray shows. */
export type Overall = 'idle' | 'busy' | 'stalled';

export type EvidenceKind =
  | 'heartbeat'
  | 'outbox'
  | 'inbox'
  | 'wire_events'
  | 'log'
  | 'request'
  | 'process'
  | 'command'
  | 'spec'
  | 'session'
  | 'run_time'
  /** What its own program says of it: a status, an event. */
  | 'report'
  | 'transcript'
  /** Its processes use processor time while a connection is open. */
  | 'in_flight'
  | 'task'
  | 'first_seen'
  | 'clock_skew';

/** One fact a verdict rests on. */
export interface Evidence {
  kind: EvidenceKind;
  /** In words, one line, safe to show. */
  text: string;
  /** When it last changed, or null where it has no time. */
  at: number | null;
  /** Its age when the worker was judged, without time slept. */
  ageMs: number | null;
  /** `fault`: this is what is wrong; `warn`: worth a look; `info`: the rest. */
  level: 'info' | 'warn' | 'fault';
}

/** What a worker's own heartbeat says, read with a schema and bounded; see docs/heartbeat.md. */
export interface HeartbeatContent {
  status: string | null;
  name: string | null;
  /** As written. */
  ts: string | null;
  pid: number | null;
  startedAt: number | null;
  intervalMs: number | null;
  task: { id: string | null; title: string | null; startedAt: number | null } | null;
  phase: string | null;
  progress: string | null;
  silentUntil: number | null;
  message: string | null;
}

/**
 * How a process came to be taken for a worker's: its files name it, its tmux session began with it, a supervisor of ours
 * started it, a program of its own reports it, it holds the worker's files open, or it carries the worker's mark in its environment.
 */
export type ProcessOrigin = 'heartbeat' | 'spec' | 'session' | 'supervisor' | 'report' | 'open_file' | 'mark';

/** The process idlewatch found for a worker, and whether it may be trusted to be the worker's. */
export interface WorkerProcess {
  pid: number;
  /** When the process started, or null when it is not known. */
  startedAt: number | null;
  /** Where the pid comes from. */
  from: ProcessOrigin;
  /** Only a verified process can be ended from idlewatch. */
  verified: boolean;
  /** Why it is verified, or why not. */
  why: string;
}

/** One line of the worker table. */
export interface WorkerRow {
  id: WorkerId;
  /** The state directory's name: workers of one state directory are one run. */
  runId: string;
  source: SourceKind;
  name: string;
  role: string | null;
  /** Its directory. */
  path: string;
  state: WorkerState;
  health: Health;
  /** The verdict in words. */
  reason: string;
  /** When the state began. */
  since: number;
  judgedAt: number;
  /** Time of the last heartbeat, by the worker's own word (by the file's, where that is out of bounds). */
  lastHeartbeatAt: number | null;
  heartbeatAgeMs: number | null;
  /** Age of the newest sign of life of any kind. */
  lifeAgeMs: number | null;
  /** Silence allowed to this worker: no sign of life. */
  heartbeatMissingMs: number;
  /** Silence allowed to this worker: busy without progress. */
  heartbeatStaleMs: number;
  inboxCount: number | null;
  outboxCount: number | null;
  pid: number | null;
  liveness: Liveness;
  /** Of the whole process tree, 100 = one core; null when not sampled. */
  cpuPercent: number | null;
  /** Resident memory of the whole process tree; null when not sampled. */
  rssBytes: number | null;
  /** A person has seen it and wants no more of it: for a while, and at most until it changes. */
  snoozed: boolean;
  /** When the snooze ends by itself; null: only when the worker changes. */
  snoozedUntil: number | null;
  /** The worker this one works for: a sub-agent shows below its parent. */
  parentId: WorkerId | null;
  /** Null where its source knows nothing of it. */
  usage: Usage | null;
  /** Of sessions and tasks alone. */
  idle: IdleStatus | null;
  /** Stalled or dead, and not snoozed. */
  needsPerson: boolean;
  /** Ending is offered: something needs ending, and what is verified as the worker's still lives. */
  canEnd: boolean;
  /** A person has said that nothing may end it but they themselves: the policy leaves it alone. */
  keepAlive: boolean;
  /** Why the policy suggests to end it, in a sentence; null: it does not. */
  suggestion: string | null;
}

/** Whether silence is a fault of this worker. Others write no heartbeat: they are judged by what else is known of them. */
export function isJudgedBySilence({ source }: Pick<WorkerRow, 'source'>): boolean {
  return source === 'worker-directory' || source === 'supervised-run';
}

/** A row with everything the verdict rests on. */
export interface WorkerReport extends WorkerRow {
  heartbeatContent: HeartbeatContent | null;
  process: WorkerProcess | null;
  evidence: Evidence[];
}

/** One process of a worker's tree, parents before children. */
export interface ProcessNode {
  pid: number;
  ppid: number;
  /** 0 for the root. */
  depth: number;
  command: string;
  startedAt: number | null;
  cpuPercent: number | null;
  rssBytes: number;
}

/** All there is to show of the selected worker. */
export interface WorkerDetail extends WorkerReport {
  processes: ProcessNode[];
  /** The end of its log, control characters shown harmlessly; null without a log. */
  logTail: { file: string; lines: string[] } | null;
  /** A command that shows the worker in a terminal; null where there is none. */
  attachCommand: string | null;
  /** Newest first, at most 50. */
  openTasks: OpenTask[];
}

/** Something that happened to a worker or to the whole, once. */
export interface MonitorEvent {
  /** Counts up from 1, and goes on where the event log ends. */
  id: number;
  at: number;
  kind:
    | 'found'
    | 'left'
    | 'started'
    | 'busy'
    | 'ready'
    | 'waiting'
    | 'stalled'
    | 'dead'
    | 'recovered'
    | 'stopped'
    | 'idle'
    | 'running'
    | 'held'
    /** Something its supervisor told of, or what became of an action of ours: neither good nor bad by itself. */
    | 'notice'
    /** What the policy decided. */
    | 'policy'
    /** The circuit breaker. */
    | 'breaker_opened'
    | 'breaker_closed'
    /** Somebody, or the policy, ends a worker: what is meant to be done, and what came of it. */
    | 'kill_intent'
    | 'kill_ended'
    | 'kill_failed'
    | 'reap'
    /** A setting changed. */
    | 'config_changed'
    /** Over its threshold without activity; one that is grouped names no worker. */
    | 'session_idle'
    | 'task_idle'
    /** Ended for being idle. */
    | 'session_timed_out';
  workerId: WorkerId | null;
  workerName: string | null;
  text: string;
}

/** An event as the event log keeps it. */
export interface LoggedEvent extends MonitorEvent {
  /** What belongs to it beside the words, as JSON: a plan, a receipt, what a setting was and is. */
  data?: unknown;
}

/** What the local API and the command line call an event: the kinds that are of a worker say so. */
export function eventName({ kind }: Pick<MonitorEvent, 'kind'>): string {
  return tellsOfWorker(kind) ? `worker_${kind}` : kind;
}

/** It tells how a worker is; all others tell of actions, or of the whole. */
export function tellsOfWorker(kind: MonitorEvent['kind']): boolean {
  return OF_WORKERS.has(kind);
}

const OF_WORKERS: ReadonlySet<MonitorEvent['kind']> = new Set([
  'found',
  'left',
  'started',
  'busy',
  'ready',
  'waiting',
  'stalled',
  'dead',
  'recovered',
  'stopped',
]);

/** What the idle manager says. */
export interface IdleStats {
  isIdle: boolean;
  /** Why it is not idle, or since when it is. */
  reason: string;
  /** Events a second, EWMA, as of now. */
  trafficRate: number;
  /** Silence after which the whole counts as idle; moves with the traffic. */
  idleTimeoutMs: number;
  /** Time since the last traffic, be it only known from the workers' files; null when there has been none. */
  sinceTrafficMs: number | null;
  /** Activity counted since the start. */
  trafficCount: number;
}

export interface MemoryStats {
  totalBytes: number;
  /** Not available to programs: total less available. */
  usedBytes: number;
  /** Resident memory of all workers' process trees; null when none is known. */
  workersRssBytes: number | null;
  growing: boolean;
  overThreshold: boolean;
}

/**
 * How well a worker was in the last hour, one letter a minute, oldest first: `h` healthy, `l` late, `s` stalled, `d` dead,
 * `w` waiting for a person, `o` stopped or starting, `-` not watched. The worst of a minute counts.
 */
export type HealthStrip = string;
export const STRIP_MINUTES = 60;

/** One point of the charts' last five minutes. */
export interface SeriesPoint {
  at: number;
  /** Activity a second since the point before. */
  instantRate: number;
  trafficRate: number;
  idleTimeoutMs: number;
  sinceTrafficMs: number | null;
  memoryUsedBytes: number;
  workersRssBytes: number | null;
}

/** A point, with how many workers were how at that time. */
export interface Figures extends SeriesPoint {
  busy: number;
  waiting: number;
  /** Stalled or dead. */
  wrong: number;
}

/** How far back the charts may look. */
export const HISTORY_RANGES = ['5min', '1h', '24h', '7d'] as const;
export type HistoryRange = (typeof HISTORY_RANGES)[number];
export const HISTORY_RANGE_MS: Record<HistoryRange, number> = {
  '5min': 300_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
};

/** The figures of one stretch of time: means, and with them the greatest value, so that a peak is never smoothed away. */
export interface HistoryPoint {
  /** Its beginning. */
  at: number;
  spanMs: number;
  instantRate: number;
  instantRateMax: number;
  trafficRate: number;
  trafficRateMax: number;
  idleTimeoutMs: number;
  /** The longest silence; null: there had been no traffic. */
  sinceTrafficMs: number | null;
  memoryUsedBytes: number;
  memoryUsedMaxBytes: number;
  workersRssBytes: number | null;
  workersRssMaxBytes: number | null;
  /** Most workers at once. */
  busyMax: number;
  waitingMax: number;
  /** Stalled or dead. */
  wrongMax: number;
}

/** Oldest first, at most HISTORY_POINTS_MAX; where nothing was recorded there is no point. */
export type HistoryAnswer = { ok: true; points: HistoryPoint[] } | { ok: false; reason: string };
export const HISTORY_POINTS_MAX = 400;

/** A silence of a worker that came near its threshold, from its last sign of life or progress on. */
export interface Silence {
  workerId: WorkerId;
  workerName: string;
  source: SourceKind;
  /** What was silent: see the watchdog's rules. Of a run time the silence is the time it ran. */
  clock: 'missing' | 'stale' | 'command' | 'run_time';
  silentFrom: number;
  /** Without time slept, which also ends what is counted: of its parts the longest. */
  lengthMs: number;
  /** The threshold in force at its end. */
  thresholdMs: number;
  /** The interval its heartbeat asked for, which raises its thresholds; null: none. */
  intervalMs: number | null;
  /** Of a command: how long it had been running when the silence began. */
  commandMs: number | null;
  /** Of a run time: what the worker itself may run for, whatever the settings allow; null: what they do. */
  ownLimitMs: number | null;
  /** Until then its silence was no fault: it had asked for that, or was at work unseen. Null: it was one all along. */
  excusedUntil: number | null;
  /** Something of it was known that could have been ended. */
  couldEnd: boolean;
  /**
   * `life`: it went on by itself; `finished`: it ended well; `failed`, `gone`: not; `ended`: somebody ended it; `unknown`:
   * idlewatch stopped watching before it was over.
   */
  end: 'life' | 'finished' | 'failed' | 'gone' | 'ended' | 'unknown';
  endedAt: number;
}

/** One end that the policy would have made, going by what was recorded. */
export interface BacktestCase {
  workerId: WorkerId;
  workerName: string;
  source: SourceKind;
  silentFrom: number;
  /** At the earliest. */
  wouldEndAt: number;
  /** What really became of it. */
  outcome: Silence['end'];
  outcomeAt: number;
  /** In a sentence. */
  text: string;
}

/** What the thresholds would have done in the recorded past. */
export interface BacktestReport {
  /** What is recorded begins here; null: nothing is. */
  since: number | null;
  until: number;
  /** Which kinds would have been ended, and after how long of being stalled. */
  kinds: { source: SourceKind; afterMs: number }[];
  /** No kind is set to be ended: every kind is taken as if it were. */
  asIf: boolean;
  /** Silences of these kinds that came near a threshold, in all. */
  silences: number;
  /** Workers that went on or finished well afterwards: each would have been a wrong kill. Newest first. */
  mistaken: BacktestCase[];
  /** Workers that never came back. Newest first. */
  right: BacktestCase[];
  /** Workers of which nobody knows how they went on. Newest first. */
  undecided: BacktestCase[];
  /** What cannot be told from what was recorded, in sentences. */
  limits: string[];
}

/** Whether what happens can be kept. */
export interface KeepingStatus {
  /** Why nothing can be written to the disk now, in words; null: all is well. */
  failing: string | null;
  /** Events that wait for the disk. */
  waiting: number;
}

/** A directory that is watched, and whether it can be read. */
export interface RootStatus {
  path: string;
  workers: number;
  /** In words, why it cannot be read; null when it can. */
  unreadable: string | null;
}

/** What the policy tells a person, as a notification. */
export interface PolicyMessage {
  title: string;
  body: string;
  /** Whom it is about; null: several workers, or the whole. */
  workerId: WorkerId | null;
  /** Something was done to a worker: told at any hour. */
  done?: true;
}

/** What the policy may do by itself now. */
export interface PolicyStatus {
  /** Some source is set to `kill`: workers may be ended without a person. */
  armed: boolean;
  /** Why nothing is ended automatically for now (wake-up, an overloaded machine), in words; null where nothing forbids it. */
  heldBack: string | null;
  /** The circuit breaker is open: nothing is ended automatically until a person closes it or all has been quiet. */
  breaker: { openedAt: number; reason: string } | null;
}

/** Everything of a snapshot but its lists: small enough to go with every delta. */
export interface SnapshotHead {
  seq: number;
  takenAt: number;
  overall: Overall;
  /** The overall state in a sentence. */
  sentence: string;
  counts: Record<WorkerState, number>;
  /** Watching is paused by the person. */
  paused: boolean;
  /** Verdicts hold after a wake-up or a late tick; null when they do not. */
  hold: { reason: string; untilAt: number } | null;
  idle: IdleStats;
  memory: MemoryStats;
  policy: PolicyStatus;
  /** Of the event log and the history. */
  keeping: KeepingStatus;
  roots: RootStatus[];
}

/** One picture of everything. Tray, window, CLI and API show it and nothing else. */
export interface Snapshot extends SnapshotHead {
  workers: WorkerRow[];
  /** Newest first, at most EVENTS_KEPT, and ROUTINE_EVENTS_KEPT routine ones. */
  events: MonitorEvent[];
  /** Oldest first, at most SERIES_KEPT. */
  series: SeriesPoint[];
  /** The selected worker, if there is one. */
  detail: WorkerDetail | null;
}

/** What changed since the snapshot or delta with `seq - 1`. */
export interface Delta {
  head: SnapshotHead;
  changed: WorkerRow[];
  removed: WorkerId[];
  /** Newest first. */
  events: MonitorEvent[];
  series: SeriesPoint[];
  /** Absent: unchanged. */
  detail?: WorkerDetail | null;
}

export const EVENTS_KEPT = 200;
/** And so many of work that begins and ends: many busy workers must not push out what matters. */
export const ROUTINE_EVENTS_KEPT = 50;

/** Work beginning and ending, as it does all day. */
export function isRoutine({ kind }: MonitorEvent): boolean {
  return kind === 'busy' || kind === 'ready';
}
/** Five minutes, one point every two seconds. */
export const SERIES_STEP_MS = 2_000;
export const SERIES_KEPT = 150;

/** One process a kill plan would signal. */
export interface PlannedProcess {
  pid: number;
  ppid: number;
  depth: number;
  /** The other half of its identity: opaque, compared for equality (Linux: clock ticks since boot). */
  startTime: string;
  startedAt: number | null;
  command: string;
  /** Why it belongs to the worker. */
  why: string;
  /** Somebody keeps it from running: a debugger, or, where it is the worker's first process, whoever stopped it. */
  heldStill?: true;
}

/** What would be done to end a worker, to show before anything is. */
export interface KillPlan {
  planId: string;
  workerId: WorkerId;
  workerName: string;
  madeAt: number;
  killGraceMs: number;
  /** The tmux session that is ended first, by its exact name; null: the worker is none. */
  session: string | null;
  /** The server that is asked to abort the session first, in words; null: the worker lives in none. */
  abort: string | null;
  /** Parents before children; empty when refused. */
  processes: PlannedProcess[];
  /** Seen near the worker and left alone, with the reason. */
  spared: { pid: number; command: string; why: string }[];
  /** Why nothing can be ended; null when the plan can be carried out. */
  refused: string | null;
  /** Other workers that live in the same processes and would end too. */
  sharedWith: { id: WorkerId; name: string }[];
  /** What happens, in order, in words. */
  steps: string[];
}

/** Who asked for an action. `supervisor`: the timeout a person gave to `idlewatch run`. */
export type Asker = 'window' | 'tray' | 'cli' | 'api' | 'policy' | 'supervisor' | 'test';

export interface ReceiptProcess {
  pid: number;
  /** The other half of its identity, as in the plan. */
  startTime: string;
  startedAt: number | null;
  command: string;
  signals: { signal: 'SIGTERM' | 'SIGKILL'; at: number }[];
  outcome: 'ended' | 'survived' | 'not_signalled';
  /** How it ended, or why it was not signalled or survived. */
  note: string;
}

/** What was done, and what came of it. */
export interface KillReceipt {
  planId: string;
  workerId: WorkerId;
  workerName: string;
  askedBy: Asker;
  /** Why it was ended, in words: the verdict as it stood, or the policy's reason. */
  why: string;
  startedAt: number;
  tookMs: number;
  /** True only when nothing of the plan's processes or their descendants is left. */
  ended: boolean;
  /** In a sentence. */
  summary: string;
  /** What became of the session it is, of tmux or of a server, in words; null where it is none. */
  session: string | null;
  processes: ReceiptProcess[];
}

/** A finished worker whose directory may be removed. */
export interface ReapCandidate {
  workerId: WorkerId;
  source: SourceKind;
  name: string;
  path: string;
  /** What removing it frees; null where it could not be measured. */
  bytes: number | null;
  finishedAt: number;
  /** Why it may go, in words: finished how long ago, and how long finished ones are kept. */
  why: string;
}

/** What the reaper would remove, to show before anything is. */
export interface ReapPlan {
  planId: string;
  madeAt: number;
  /** Oldest finished first. */
  candidates: ReapCandidate[];
  /** Finished or not, what was looked at and stays, with the reason. */
  kept: { name: string; path: string; why: string }[];
  totalBytes: number;
}

/** What the reaper removed. */
export interface ReapReceipt {
  planId: string;
  askedBy: Asker;
  startedAt: number;
  tookMs: number;
  removed: { name: string; path: string; bytes: number | null }[];
  /** What could not be removed, or was left alone at the last look. */
  failed: { name: string; path: string; why: string }[];
  /** In a sentence. */
  summary: string;
}
