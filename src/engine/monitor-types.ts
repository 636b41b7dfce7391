import type { Focus, Snooze } from '../shared/ipc';
import type {
  Delta,
  Figures,
  HealthStrip,
  IdleStatus,
  KeepingStatus,
  KillReceipt,
  LoggedEvent,
  MonitorEvent,
  PolicyStatus,
  ReapReceipt,
  RootStatus,
  Silence,
  Snapshot,
  SourceKind,
  WorkerId,
  WorkerReport,
} from '../shared/model';
import type { Settings } from '../shared/settings';
import type { TerminalSession } from './ports';
import type { Leftover, ProcessClaim, SessionAbort } from './sources/source';

/** Among the roots of `opencode`: all servers that run here, which are found by themselves. */
export const ON_THIS_MACHINE = 'this machine';

/** Where each kind of source looks: directories, files, addresses of servers. */
export type WatchedRoots = Partial<Record<SourceKind, string[]>>;

/** The result of one reading of one run, as `idlewatch status` and a library user get it. */
export interface RunCheck {
  runId: string;
  checkedAt: number;
  workers: WorkerReport[];
  /** One line for each worker that is stalled or dead, and for each root that cannot be read. */
  issuesFound: string[];
}

/** What is noted as an event from outside the monitor. */
export type NotedKind = Extract<
  MonitorEvent['kind'],
  'notice' | 'policy' | 'breaker_opened' | 'breaker_closed' | 'kill_intent' | 'config_changed'
>;

/** What another program of idlewatch meant to do to a worker, or what came of it. */
export interface NotedKill {
  kind: Extract<MonitorEvent['kind'], 'kill_intent' | 'kill_ended' | 'kill_failed'>;
  /** On the wall clock. */
  at: number;
  workerId: WorkerId;
  workerName: string | null;
  text: string;
  /** The intent, or the receipt, as it was written. */
  data: object;
}

/** What ending a worker needs to know of it. */
export interface KillTarget {
  workerId: WorkerId;
  workerName: string;
  source: SourceKind;
  /** Real path of the worker directory. */
  path: string;
  /** What is said of its process, to be verified afresh by whoever acts. */
  claim: ProcessClaim | null;
  /** The tmux session that is this worker; null where it is none. */
  session: TerminalSession | null;
  /** Real paths of its own files that it writes: heartbeat, outbox, wire events, logs. */
  files: string[];
  /** How its program is asked to end it; null: there is no such way. */
  abort: SessionAbort | null;
  /** The workbench or run in which it is a session, with `pid` as its process: it ends with that one. Null: in none. */
  within: { id: WorkerId; pid: number } | null;
}

/** A session, or a task of a list or worker, and whether it is in use. */
export interface IdleItem {
  workerId: WorkerId;
  /** Null: the worker itself is the session or task. */
  taskId: string | null;
  name: string;
  status: IdleStatus['status'];
  /** Last activity; null where none is known. */
  since: number | null;
  thresholdMs: number;
}

export interface IdleItems {
  sessions: IdleItem[];
  tasks: IdleItem[];
}

/** One window's look at everything, with a focus and a selection of its own. */
export interface MonitorView {
  snapshot(): Snapshot;
  focus(focus: Focus): void;
  /** Nothing is told any more, and nothing is watched for it. */
  close(): void;
}

/** A model request that is under way through the gateway. */
export interface OpenRequest {
  /** A piece of the answer came. */
  chunk(): void;
  /** It is over, however it ended. */
  close(): void;
}

/** The running monitor: everything a shell (app, CLI, server) may ask of it. */
export interface Monitor {
  start(): void;
  /** Stops every timer and file watch. Nothing is left behind. */
  stop(): void;
  /** Resolves once every known directory was read for the first time after start. */
  firstReading(): Promise<void>;
  snapshot(): Snapshot;
  /**
   * The full picture and from then on every delta, with no gap between the two. The first change is told at once, then
   * at most 8 a second. Without a subscriber no delta is made.
   */
  subscribe(listener: (delta: Delta) => void): { snapshot: Snapshot; unsubscribe: () => void };
  /** The same for one of several windows: `snapshot()` of what comes back is the full picture before the first delta. */
  view(listener: (delta: Delta) => void): MonitorView;
  /** Every event once, as it happens, whether or not anyone subscribes to deltas. */
  onEvent(listener: (event: LoggedEvent) => void): () => void;
  /** The figures of the charts, every two seconds while it runs. */
  onFigures(listener: (figures: Figures) => void): () => void;
  /** Silences that came near a threshold, each once it is over. */
  onSilence(listener: (silence: Silence) => void): () => void;
  /** The head changed (overall, sentence, counts): for the tray. Called at most 8 times a second. */
  onHead(listener: (snapshot: Snapshot) => void): () => void;
  focus(focus: Focus): void;
  pause(paused: boolean): void;
  /** False when there is no such worker. */
  snooze(id: WorkerId, snooze: Snooze): boolean;
  /** How well these workers were in the last hour. */
  strips(ids: readonly WorkerId[]): Record<WorkerId, HealthStrip>;
  report(id: WorkerId): WorkerReport | null;
  /** Where its newest log lies; null where it has none. */
  logPath(id: WorkerId): string | null;
  killTarget(id: WorkerId): KillTarget | null;
  /** All workers that are known now, for finding out who shares a process. */
  killTargets(): KillTarget[];
  /** Record what ending a worker came to, and look at it again at once. */
  noteReceipt(receipt: KillReceipt): void;
  /** Record what cleaning up came to. */
  noteReap(receipt: ReapReceipt): void;
  /** Record something as an event, of one worker or of the whole. */
  noteEvent(kind: NotedKind, id: WorkerId | null, text: string, data?: unknown): void;
  /** Record what another program did, whether or not its worker is known here. */
  noteKill(kill: NotedKill): void;
  /** Whether what happens can be kept: shown with every snapshot. */
  noteKeeping(status: KeepingStatus): void;
  /** The person is there, or some program is at work: traffic that no file shows. */
  notePing(count?: number): void;
  /**
   * A model request begins. `worker`: an id, or a name that only one has; null or unknown: nobody's, which is traffic all
   * the same. While it is open and speaks, its worker is not silent.
   */
  openRequest(worker: string | null): OpenRequest;
  /** Whether all would be idle, were it not for those requests: nobody but who asks them is at work. */
  readonly isIdleButForRequests: boolean;
  /** A session was ended for being idle, in words. */
  noteTimedOut(id: WorkerId, text: string): void;
  /** Every session and task that is in use, idle or was ended for that, as of the last round. */
  idleItems(): IdleItems;
  /** What the policy may do now: shown with every snapshot. */
  notePolicy(status: PolicyStatus): void;
  /** The policy suggests to end a worker, with the reason; null: it does so no more. */
  suggest(id: WorkerId, reason: string | null): void;
  /** Look at a worker now and judge it afresh; null when there is none. */
  lookNow(id: WorkerId): WorkerReport | null;
  /** Finished workers that still take up room. */
  leftovers(): Leftover[];
  /** Just before a leftover is removed: null where it still is one, else why it must stay. */
  whyNotFinished(id: WorkerId): Promise<string | null>;
  /** New settings or directories take effect at once; no timer of the old ones is left. */
  configure(settings: Settings, roots: WatchedRoots): void;
  roots(): RootStatus[];
  /** The machine goes to sleep / has woken (from the system's power events). */
  suspend(): void;
  resume(): void;
  /** One read-only judgement of all workers now, grouped by run. Writes nothing, records no event. */
  check(): RunCheck[];
}
