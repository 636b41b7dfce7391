import type { IdleStatus, Liveness, OpenTask, WorkerId, WorkerProcess, WorkerReport, WorkerRow } from '../shared/model';
import type { InFlight } from './observe/in-flight';
import { StripRecorder } from './observe/strip';
import { isWrong, type Verdict } from './observe/verdict';
import type { ProcessIdentity } from './ports';
import type { Moment, Reading, Source } from './sources/source';

/** What the monitor remembers of one worker between two looks. */
export interface WorkerRecord {
  id: WorkerId;
  source: Source;
  firstSeen: { monotonicMs: number; at: number };
  /** Null until the first look. */
  reading: Reading | null;
  /** Null until the first judgement. */
  verdict: Verdict | null;
  /** When the state began. */
  since: number;
  /** Health began to be bad; for "recovered after". */
  badSince: number | null;
  judgedAt: { monotonicMs: number; at: number };
  /** Monotonic time of the last full look. */
  readInFullMs: number;
  silentAtFirstSight: boolean;
  process: ProcessKnown;
  /** Of a session: the workbench or run that its process, named by `key`, is one of; null where it is none's. */
  runsIn: { key: string; workerId: WorkerId | null; askedMs: number } | null;
  /** Processes that carry its mark and live on though its own is gone. */
  leftBehind: ProcessIdentity[];
  /** Sampled from the process table, of the whole tree. */
  usage: { cpuPercent: number | null; rssBytes: number } | null;
  /** Whether it is at work though it shows nothing: known only of those that are late or over their time. */
  inFlight: InFlight | null;
  snoozed: boolean;
  /** When the snooze ends by itself; null: only when the worker changes. */
  snoozedUntil: Moment | null;
  /** How it stood in the last hour. */
  readonly strip: StripRecorder;
  /** Of sessions and tasks, as last gone through. */
  idle: IdleStatus | null;
  /** Its open tasks, as last gone through. */
  tasks: OpenTask[];
  /** When it was ended for being idle. */
  timedOut: Moment | null;
  /** A person wants nothing to end it by itself. */
  keepAlive: boolean;
  /** Why the policy suggests to end it; null: it does not. */
  suggestion: string | null;
  /** When a person ended it through idlewatch; without any life since, that is no news. */
  ended: Moment | null;
  /** The row as last shown; null when something changed since. */
  row: WorkerRow | null;
  /** The report made for a row, kept as long as the row is. */
  report: { row: WorkerRow; report: WorkerReport } | null;
}

/** What is known of a worker's process. */
export interface ProcessKnown {
  shown: WorkerProcess | null;
  identity: ProcessIdentity | null;
  liveness: Liveness;
  reason: string;
  goneReadings: number;
  goneCountedAt: number;
  seenAlive: boolean;
  /** The named pid is not of this process table: looking for it here would find nobody, or a stranger. */
  isElsewhere: boolean;
  /** Which pid the finding is about, and where it came from: another one is looked up afresh. */
  key: string;
}

/** Said of a process that was there and is not any more. */
export const WHY_GONE = 'it is gone';

export const NO_PROCESS: ProcessKnown = {
  shown: null,
  identity: null,
  liveness: 'unknown',
  reason: 'no process is named',
  goneReadings: 0,
  goneCountedAt: 0,
  seenAlive: false,
  isElsewhere: false,
  key: '',
};

export function newRecord(id: WorkerId, source: Source, now: { monotonicMs: number; at: number }): WorkerRecord {
  return {
    id,
    source,
    firstSeen: now,
    reading: null,
    verdict: null,
    since: now.at,
    badSince: null,
    judgedAt: now,
    readInFullMs: now.monotonicMs,
    silentAtFirstSight: false,
    process: NO_PROCESS,
    runsIn: null,
    leftBehind: [],
    usage: null,
    inFlight: null,
    snoozed: false,
    snoozedUntil: null,
    strip: new StripRecorder(),
    idle: null,
    tasks: [],
    timedOut: null,
    keepAlive: false,
    suggestion: null,
    ended: null,
    row: null,
    report: null,
  };
}

export function isBad(record: WorkerRecord): boolean {
  return isWrong(record.verdict);
}
