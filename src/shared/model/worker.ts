import type { SourceKind, WorkerId } from './source';
import type { Evidence, Health, Liveness, WorkerState } from './verdict';

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
  /** It has stopped, and not as it should: its work failed, or was ended by a time limit. Null: neither, as far as is known. */
  failure: 'failed' | 'timed_out' | null;
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
  /** The worker this one works for, or the workbench or run it runs in: a sub-agent shows below its parent. */
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
