/**
 * What the engine needs from the machine. src/host implements these; tests step the clock and use the real rest.
 *
 * The rule of every port: a question that could not be answered says so (`unreadable`, `unknown`, with the reason).
 * It never answers with "nothing there", because a failed probe read as "gone" is how monitors end live work.
 */

import type { WorkerId, WorkerState } from '../shared/model';

/** Wall time for dates, monotonic time for intervals. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start; never jumps, stands still while the machine sleeps (Linux, macOS). */
  monotonicMs(): number;
  /** Run once after `delayMs`; returns the function that cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export type FileProblem = 'missing' | 'unreadable' | 'not_regular' | 'outside';

/** Why a file was not read, in words a person can act on. */
export interface FileFailure {
  ok: false;
  problem: FileProblem;
  detail: string;
}

export interface FileStat {
  ok: true;
  size: number;
  /** Wall clock, milliseconds with fraction. */
  mtimeMs: number;
  /** The inode: another value means another file under the same name. */
  fileId: number;
}

/** True where nothing shows that a file was written between two looks. */
export function isSameContent(a: FileStat, b: FileStat): boolean {
  return a.mtimeMs === b.mtimeMs && a.size === b.size && a.fileId === b.fileId;
}

export interface FileRead extends FileStat {
  data: Uint8Array;
  /** True when the file is longer than what was asked for. */
  truncated: boolean;
}

export type DirectoryEntry = { name: string; kind: 'file' | 'directory' | 'other' };
export type DirectoryListing = { ok: true; entries: DirectoryEntry[] } | FileFailure;

/**
 * Bounded reading of hostile files: regular files only (opening never blocks on a FIFO or a device), a link is
 * followed only while it stays inside `within` (a real path). Synchronous: one call costs microseconds.
 */
export interface Files {
  stat(path: string, within: string): FileStat | FileFailure;
  /** Only after `stat` has shown a regular file. Read at most `maxBytes` from byte `offset` on (from the end backwards where negative). */
  read(path: string, within: string, maxBytes: number, offset?: number): FileRead | FileFailure;
  list(path: string): DirectoryListing;
  /** mtime of a directory or file, following links; null when there is none to see. */
  mtimeMs(path: string): number | null;
  /** The path with every link followed; null when it leads nowhere. */
  realPath(path: string): string | null;
  /** Path arithmetic of this machine: `path` seen from `base`, or itself where it is absolute. */
  resolve(base: string, path: string): string;
  parent(path: string): string;
  baseName(path: string): string;
  /** True when `path` is `directory` or lies below it, by their names. */
  isInside(path: string, directory: string): boolean;
}

/** Tells of changes inside one directory. */
export interface FileEvents {
  /** `onChange` gets the changed name, or null when it is not known. Null: the directory cannot be watched now. */
  watch(directory: string, onChange: (name: string | null) => void): (() => void) | null;
}

/** Names one process for good on this boot of this machine. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; compared for equality. Linux: field 22 of /proc/<pid>/stat. */
  startTime: string;
}

/** Where a pid means something: two processes of the same pid and start time elsewhere are not the same. */
export interface ProcessSpace {
  hostName: string;
  /** Differs after every boot; null where the system does not tell. */
  bootId: string | null;
  /** Differs between containers of one machine; null where there is no such thing. */
  pidNamespace: string | null;
}

/** Names one process for good, wherever it is written down: a registry may outlive a boot or be shared by machines. */
export interface ProcessAddress extends ProcessIdentity, ProcessSpace {}

export interface ProcessFact extends ProcessIdentity {
  ppid: number;
  /** Process group; 0 when unknown. */
  pgid: number;
  sessionId: number;
  /** Owner (effective user); -1 when unknown. */
  uid: number;
  /** One letter as in ps: R S D T Z …; a `Z` has ended and only waits to be reaped. */
  stat: string;
  startedAt: number;
  /** Short name. */
  name: string;
  rssBytes: number;
  /** User and system time used so far. */
  cpuMs: number;
}

export type ProcessLook =
  | { liveness: 'alive'; fact: ProcessFact }
  | { liveness: 'gone' }
  | { liveness: 'unknown'; reason: string };
export type ProcessListing = { ok: true; processes: ProcessFact[] } | { ok: false; reason: string };

export interface OpenFile {
  path: string;
  writing: boolean;
}

/** One end of a network connection of a process. */
export interface SocketFact {
  state: 'listening' | 'established' | 'other';
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
}

/** The process table. Every answer is as of the call. */
export interface ProcessTable {
  inspect(pid: number): ProcessLook;
  /** All processes, in one pass. */
  list(): ProcessListing;
  /** Command line, arguments separated by spaces, at most 4 KiB of it; null when it cannot be read. */
  commandLine(pid: number): string | null;
  /** Its arguments one by one, the program first, at most 64 KiB of them; null when they cannot be read. */
  commandArguments(pid: number): string[] | null;
  workingDirectory(pid: number): string | null;
  /** Value of one variable of the environment the process was started with, our own as it is; null when unset or unreadable. */
  environmentValue(pid: number, name: string): string | null;
  /** Files the process holds open; null when they cannot be read. */
  openFiles(pid: number): OpenFile[] | null;
  /** Its TCP sockets; null when they cannot be read. */
  sockets(pid: number): SocketFact[] | null;
  /**
   * This process, its user, all its ancestors' pids, and the directories this user's programs of every kind work in (home,
   * temporary files), as real paths.
   */
  self(): { pid: number; uid: number; ancestors: number[]; commonDirectories: string[] };
  /** Where the pids of this table mean something. */
  space(): ProcessSpace;
}

export type SignalName = 'SIGTERM' | 'SIGKILL';
export type SignalResult = { result: 'sent' } | { result: 'gone' } | { result: 'refused'; reason: string };

export interface Signals {
  /** Send to exactly one process. Never to a group: the pid is positive. */
  send(pid: number, signal: SignalName): SignalResult;
}

export interface MachineMemory {
  totalBytes: number;
  /** What programs can still get, as the system estimates it. */
  availableBytes: number;
}

export interface MemoryProbe {
  read(): Promise<MachineMemory>;
}

/** What the program that runs this code holds itself, as of the call. */
export interface OwnMemory {
  read(): { rssBytes: number; heapBytes: number };
}

/**
 * What a person snoozed, kept over restarts: what they looked at and left must not be ended or told of anew. Never throws.
 */
export interface SnoozeBook {
  /** The snooze of a worker that is in this state again; null: there is none. `untilAt` null: until it changes. */
  find(id: WorkerId, state: WorkerState): { untilAt: number | null } | null;
  note(id: WorkerId, state: WorkerState, untilAt: number | null): void;
  drop(id: WorkerId): void;
}

/** How much the machine has to do beside memory. */
export interface LoadProbe {
  /** Programs that run or wait to, for each processor core, over the last minute; null where the system does not tell. */
  loadPerCore(): number | null;
}

export type AuditEntry = { at: number; kind: string } & Record<string, unknown>;

/** Keeps what was intended and what came of it. Rejects when it could not be kept. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
}

/** What was ended through idlewatch, by whichever of its programs: the app, or a command in a terminal. */
export interface KnownEnds {
  /** Wall time when nothing of the worker was left; null: it was not ended of late, as far as is known. Never throws. */
  endedAt(id: WorkerId): number | null;
  /** It is being ended right now. Never throws. */
  isUnderWay(id: WorkerId): boolean;
}

/** One session of a terminal multiplexer, as listed. */
export interface TerminalSession {
  name: string;
  /** The server's own name for it (`$3`), never given twice by one server. */
  id: string;
  /** Of its server, which may be another one next time. */
  serverPid: number;
  /** Milliseconds since the epoch, to the second. */
  createdAt: number;
  /** First process of each pane that was opened in it. Windows of other sessions that are linked into it do not count. */
  panePids: number[];
}

/** `ok` with none: it is known that there are none (no server runs). Else why it is not known. */
export type SessionListing = { ok: true; sessions: TerminalSession[] } | { ok: false; reason: string };

/** tmux, on this user's own server. Bounded: a question that is not answered within some seconds fails. */
export interface Multiplexer {
  sessions(): Promise<SessionListing>;
  /** End exactly this session, if it still is the one that was listed (name, id, server, time); else say why not. */
  endSession(session: TerminalSession): Promise<{ ok: true } | { ok: false; reason: string }>;
}

export type HttpAnswer = { ok: true; status: number; body: string } | { ok: false; reason: string };

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** http or https; user and password in it become a Basic authorization. */
  url: string;
  /** JSON to send. */
  body?: unknown;
  timeoutMs: number;
  /** A longer answer is a failure. */
  maxBytes: number;
}

/** Asks servers on behalf of sources. Never rejects; follows no redirect; uses no proxy for this machine. */
export interface Http {
  ask(request: HttpRequest): Promise<HttpAnswer>;
  /**
   * Follow a server's events (SSE) until closed by either side. `onEvent` gets each event's data, bounded; `onEnd` is
   * called once, with the reason, unless we closed it.
   */
  follow(url: string, on: { event(data: string): void; end(reason: string): void }): { close(): void };
}

/** Which rows of a table matter, where not all do. */
export interface RowChoice {
  /** Not the rows with one of these texts there, in whatever case. */
  except?: { column: string; values: readonly string[] };
  /** Those with the greatest value there come first, where there is such a column; without it those added last. */
  newestBy?: string;
  /** Columns that may be missing: then no row has them. */
  optional?: readonly string[];
}

/** Texts are cut at 2,000 characters; whole numbers too large for a number are texts. */
export type RowsAnswer =
  | { ok: true; rows: Record<string, unknown>[] }
  /** `passing`: it is being written just now, and will be readable soon. */
  | { ok: false; reason: string; passing: boolean };

/** Reads rows of other programs' SQLite files: read-only, without ever taking a lock that keeps them waiting. */
export interface ForeignTables {
  /** At most `limit` rows of the given columns as they stand in the file; or why they cannot be read. */
  rows(path: string, table: string, columns: readonly string[], limit: number, choice?: RowChoice): RowsAnswer;
  /** When what `rows` would read was last written, and a text that is another one afterwards; null: not to be seen. */
  written(path: string): { at: number; mark: string } | null;
}

/** Looks at and removes directory trees. Never follows a link, never crosses into another file system or mount. */
export interface TreeRemover {
  /** Bytes on the disk of everything in a directory; null where it cannot be read as a whole. */
  measure(path: string): Promise<number | null>;
  /**
   * Remove the directory `path`, which lies directly in `root` (both real paths). Rejects with a sentence that names
   * what is in the way: a mount, a link, a right that is missing. What was removed before that stays removed.
   */
  remove(path: string, root: string): Promise<void>;
}

/** For what went wrong inside idlewatch itself. */
export interface Logger {
  warn(message: string): void;
}
