import type { EvidenceKind, HeartbeatContent, Liveness, SourceKind, Usage, WorkerId } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type {
  Clock,
  Files,
  ForeignTables,
  Http,
  Multiplexer,
  ProcessIdentity,
  ProcessTable,
  TerminalSession,
} from '../ports';
import type { RunRegistry } from '../run-registry';

/** What sources are made of: the machine as far as they need it. */
export interface SourceContext {
  files: Files;
  clock: Clock;
  processTable: ProcessTable;
  multiplexer: Multiplexer;
  runs: RunRegistry;
  http: Http;
  tables: ForeignTables;
  /** Where the routines that begin workbenches are kept, whether or not it exists. */
  routinesDirectory: string;
  settings: () => Settings;
}

/**
 * A source is where workers come from: one adapter a kind. It finds workers and reads what they left behind; it never
 * judges (observe/watchdog.ts does) and never acts (act/ does).
 */
export interface Source {
  readonly kind: SourceKind;
  /** Which directories to look in from now on. Workers below none of them leave at the next sweep. */
  setRoots(roots: string[]): void;
  /** What is known of the roots since the last sweep. */
  roots(): { path: string; workers: number; unreadable: string | null }[];
  /**
   * Go through everything once: find new and vanished workers. Yields after every small piece of work (well below a
   * millisecond), so that whoever drives it can pause. Found and vanished workers are told through `onFound`/`onLeft`.
   */
  sweep(listener: SourceListener): Generator<void, void, void>;
  /**
   * Look at one worker again. `life`: no more than it takes to know whether it still lives; `full`: everything.
   * Null when its directory is gone.
   */
  look(id: WorkerId, depth: 'life' | 'full'): Reading | null;
  /**
   * Whether anything but its heartbeat has changed since the last full look, as far as can be told for less than a look.
   * A new log may go unnoticed.
   */
  touched(id: WorkerId): boolean;
  /** The directories whose file events concern this worker. */
  watchDirectories(id: WorkerId): string[];
  /** How deep to look after a file event: `name` changed in the worker's directory (null: not known which). */
  depthFor(id: WorkerId, name: string | null): 'life' | 'full' | 'none';
  /** The directories in which new workers appear. */
  rootDirectories(): string[];
  logTail(id: WorkerId, maxBytes: number): { file: string; path: string; text: string } | null;
  forget(id: WorkerId): void;
  /**
   * Ask what cannot be asked in passing (another program, a server) and keep the answer for the looks that follow.
   * Called before the first sweep and every `refreshIntervalMs`. Never rejects: what is not known is said by the
   * readings. Resolves with the workers whose reading may be another one now. Null: there is nothing to ask for.
   */
  refresh?(): Promise<WorkerId[]> | null;
  /** How long after an answer to ask again. */
  readonly refreshIntervalMs?: number;
  /** Keep in touch with who tells by itself (a server's events), from now until `disconnect`. */
  connect?(listener: PushListener): void;
  disconnect?(): void;
  /** Ended through idlewatch, and nothing of it is left: what was known of its existence before holds no more. */
  ended?(id: WorkerId): void;
  /** Finished workers that still take up room, whether or not their time has come. */
  leftovers?(): Leftover[];
  /** Ask afresh whether one of them still is finished: null where it is, else why it must stay. */
  whyNotFinished?(id: WorkerId): Promise<string | null>;
}

/** What a finished worker left behind. */
export interface Leftover {
  workerId: WorkerId;
  source: SourceKind;
  name: string;
  /** Real path. */
  path: string;
  /** Real path of the directory it lies directly in. */
  root: string;
  finishedAt: number;
  /** How long ago that was; 0 where it lies in the future. */
  finishedAgeMs: number;
  /** How long it is kept. */
  ttlMs: number;
  /** When it was begun: the end is never earlier. */
  startedAt: number;
}

/**
 * What is said of a worker's process, to be verified. `heartbeat` and `spec`: by its own files, a hint. `session`: the
 * first process of its tmux session. `supervisor`: our supervisor wrote down what it started, with its start time.
 * `report`: the program it runs in says so of itself, or another program's registry of what it started does.
 */
export interface ProcessClaim {
  pid: number;
  from: 'heartbeat' | 'spec' | 'session' | 'supervisor' | 'report';
  namedAt: number;
  /** Where it is known: another start time means another process. */
  startTime?: string;
  /** Of a report without a start time: when the process is said to have been started, which is only near it. */
  startedAt?: number;
  /** How the report came about, in words that go on from the process: `it holds … open`. */
  why?: string;
  /** Where it is known: until then its supervisor lived, and the number was its own. */
  heldUntil?: number;
}

/** What a source that is told of changes passes on. */
export interface PushListener {
  /** These may be another thing now. */
  changed(ids: WorkerId[]): void;
  /** There may be new ones. */
  appeared(): void;
}

export interface SourceListener {
  onFound(id: WorkerId): void;
  /** `why`: in words. */
  onLeft(id: WorkerId, why: string): void;
}

/** A session that lives in a server: the server is asked to end its work, and is itself never ended. */
export interface SessionAbort {
  /** Base address of the server, with user and password where one is needed. Never shown. */
  server: string;
  /** Its address without them. */
  serverName: string;
  sessionId: string;
  directory: string;
  /** Ids of the sessions that work for it: they end with it. */
  helpers: string[];
  /** When it began what it is busy with, milliseconds since the epoch; null: it is not busy. */
  busySince: number | null;
  /** Its last work that was heard of, milliseconds since the epoch. */
  activeAt: number;
  /** The server's own process, where it runs here and is known. */
  serverProcess: ProcessIdentity | null;
}

/** `finished`: well; `failed`: not; `timed_out`: by its time limit; `ended`: by somebody else's hand; `gone`: nobody knows. */
export type HowEnded = 'finished' | 'failed' | 'timed_out' | 'ended' | 'gone';

/** What is wrong with a heartbeat, if anything; the words are the watchdog's reasons. */
export type HeartbeatFault =
  | { kind: 'missing' }
  | { kind: 'unreadable'; detail: string }
  | { kind: 'invalid_json'; detail: string }
  | { kind: 'no_timestamp'; detail: string };

/** A time on the monotonic clock (so that wall clock steps cannot touch it), with the wall time it was read from. */
export interface Moment {
  monotonicMs: number;
  at: number;
}

export interface LifeSign extends Moment {
  from: EvidenceKind;
}

/**
 * Everything a source knows of one worker now. Times never change with the wall clock once read.
 * Absent clocks are null: a worker is judged by those its source declares, and by those alone.
 */
export interface Reading {
  id: WorkerId;
  runId: string;
  name: string;
  role: string | null;
  /** Real path. */
  path: string;
  /** The worker itself cannot be read now, with the reason: its last verdict stands, its health is unknown. */
  unreadable: string | null;
  /** What is wrong with it beside its silence, in words: a broken spec, a path that leaves its directory. */
  problems: string[];
  /** Null: this worker keeps no heartbeat at all and must not be judged by one. */
  heartbeat: { fault: HeartbeatFault | null; content: HeartbeatContent | null; beat: Moment | null } | null;
  /** A timestamp from the future was not believed, in words. */
  clockSkew: string | null;
  /** When the worker's spec was written (without one: null). */
  specWritten: Moment | null;
  /** Newest sign of life but the heartbeat's. */
  otherLife: LifeSign | null;
  /** Newest progress: life without bare heartbeats. */
  progress: LifeSign | null;
  /** One line each of the evidence table: what was seen, when it last changed. */
  traces: { kind: EvidenceKind; text: string; moment: Moment | null; fault: boolean }[];
  /** What the worker says of itself; null: nothing. */
  declared: 'starting' | 'ready' | 'busy' | 'waiting' | 'stopped' | null;
  /** What it asks of a person, where known. */
  asks: string | null;
  /** What it is working on, in words, where known. */
  task: string | null;
  /** A command known to run. */
  command: { label: string; started: Moment } | null;
  inboxCount: number | null;
  outboxCount: number | null;
  /** Inbox ids without a result. */
  openTasks: number;
  intervalMs: number | null;
  silentUntil: number | null;
  /** An open model request: its start or last chunk. */
  request: Moment | null;
  claim: ProcessClaim | null;
  /** The tmux session that is this worker, where it is one and lives. */
  session: TerminalSession | null;
  /** What the source knows of its existence by other means than a process; null: the process tells. */
  existence: { liveness: Liveness; reason: string } | null;
  /** What it may run for in all; null: as long as it likes. `ownLimitMs`: what it may by itself, whatever the settings allow. */
  runTime: { started: Moment; limitMs: number; ownLimitMs?: number | null } | null;
  /** Of an entry of a list: its state in words (`In progress`). Its run time then is time without activity. */
  inState?: string;
  /** Nobody watches over it any more, in words; null: somebody does, or nobody ever did. */
  orphaned: string | null;
  /** Said in place of "Says that it has stopped"; null: nothing better is known. */
  stoppedReason: string | null;
  /** How what it worked on ended, where its source knows; absent: it does not, or nothing has. */
  howEnded?: HowEnded;
  /** What was told of it since the reading before: each becomes an event. */
  notices: string[];
  /**
   * Why nobody can tell whether its work goes on or awaits a person, in words: its health is unknown then, and its silence
   * no fault.
   */
  unclear?: string | null;
  /** What it has started may work without a connection: processor time of that alone then shows that it is at work. */
  thinksSilently?: boolean;
  /**
   * A process that works for this worker alone just now, and for others at other times: from this share of a core on, in
   * percent, it shows that the worker is at work. It is none of the worker's own, and never ended with it. Null, or absent:
   * there is none.
   */
  worksIn?: { process: ProcessIdentity; atWorkPercent: number } | null;
  /** Silence allowed while it is busy; null: as for every worker. */
  staleMs: number | null;
  /** The worker it works for, of the same source; null: for itself. */
  parentId: WorkerId | null;
  usage: Usage | null;
  /** Its tasks without a result, newest first, at most 50, with their last activity. */
  tasks: { id: string; title: string | null; state: string; active: Moment | null }[];
  /** A command that shows it in a terminal. */
  attachCommand: string | null;
  /** How its program is asked to end it before any process is touched; null: there is no such way. */
  abort: SessionAbort | null;
  /** Real paths of the files it writes itself. */
  files: string[];
  /** Lines, requests and chunks that came since the reading before: traffic. */
  newActivity: number;
  /** The reading is not whole yet: look again after this long (a half-written file, a long file still being counted). */
  againInMs: number | null;
  /** The heartbeat may be half-written: nothing should be said of it at first sight. */
  doubtful: boolean;
}
