import type { ProcessAddress } from './ports';

/** `orphaned`: its supervisor is gone, and the command lives or its end is not known. */
export const RUN_STATES = ['running', 'succeeded', 'failed', 'timed_out', 'killed', 'orphaned'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** A run whose state is final changes no more. */
export function isFinal(state: RunState): boolean {
  return state !== 'running' && state !== 'orphaned';
}

/** What is known of a supervised run at its start. */
export interface NewRun {
  /** Made by the supervisor; also the name of its worker directory. */
  id: string;
  name: string;
  key: string | null;
  command: string[];
  /** Absolute: its worker directory, and the directory the command was started in. */
  directory: string;
  workingDirectory: string;
  supervisor: ProcessAddress;
  timeoutMs: number | null;
  idleTimeoutMs: number | null;
}

/** One supervised run. Every `…At` is by the registry's own clock, in milliseconds since the epoch. */
export interface RunRecord extends NewRun {
  state: RunState;
  /** The command's first process; null until it was started. It leads a session and a process group of its own. */
  child: ProcessAddress | null;
  startedAt: number;
  heartbeatAt: number;
  /** Grows with every change. */
  updatedAt: number;
  finishedAt: number | null;
  exitCode: number | null;
  signal: string | null;
  /** In words, for every state that is not plainly `running` or `succeeded`. */
  reason: string | null;
  outputBytes: number;
  /** Somebody asked for its end through idlewatch: who and why, in words. Its supervisor then says `killed`. */
  endRequested: string | null;
}

export type RunChange = Partial<
  Pick<RunRecord, 'state' | 'child' | 'exitCode' | 'signal' | 'reason' | 'outputBytes' | 'endRequested'>
>;

/** Something a supervisor told of: output cut, a timeout, a heartbeat that could not be written. */
export interface RunNotice {
  id: number;
  runId: string;
  at: number;
  text: string;
}

/** Who holds the lease on a key. */
export interface LeaseHolder extends ProcessAddress {
  key: string;
  runId: string;
  claimedAt: number;
}

/** Is the process of an address still there? Asked by the registry when a lease is claimed; `unknown` keeps it held. */
export type AddressLiveness = (address: ProcessAddress) => 'alive' | 'gone' | 'unknown';

/** A change met another one again and again. */
export class RunConflictError extends Error {
  override readonly name = 'RunConflictError';
}

/**
 * Where supervised runs are written down. Every method throws (or rejects) with a sentence where the registry cannot be
 * read or written; nothing is ever half written.
 */
export interface RunRegistry {
  /**
   * Write down a new run, `running`. With a key: claims the key's lease in the same transaction, and takes it over only
   * where the holder is `gone`, and so is the command it had started. Else says who holds it, and nothing is written.
   * `mayLive` is asked of a run whose supervisor ended before it wrote down what it had started; without it, nothing lives.
   */
  begin(
    run: NewRun,
    livenessOf: AddressLiveness,
    mayLive?: (run: RunRecord) => boolean,
  ): { ok: true; run: RunRecord } | { ok: false; heldBy: LeaseHolder };
  get(id: string): RunRecord | null;
  /** Newest first. Without states: all. */
  list(states?: readonly RunState[]): RunRecord[];
  /**
   * Change a run: `edit` gets it as it is now and says what changes (null: nothing). Guarded by `updatedAt`: where
   * another change came between, `edit` is asked again, up to 3 times with jitter, then it rejects with a
   * RunConflictError. A final state sets `finishedAt` and gives back the lease; a final run is changed no more: what
   * stands is returned.
   */
  change(id: string, edit: (run: RunRecord) => RunChange | null): Promise<RunRecord>;
  /** The supervisor lives: sets `heartbeatAt` and what was put out so far. Touches no other column. */
  beat(id: string, outputBytes: number): void;
  notice(runId: string, text: string): void;
  /** Notices with a greater id, oldest first. */
  noticesAfter(runId: string, id: number): RunNotice[];
  /** By its clock, which is the only one its times may be compared with. */
  now(): number;
  lease(key: string): LeaseHolder | null;
  /** Give a lease back by hand. False: nobody held it. */
  release(key: string): boolean;
  /** Drop a final run and its notices; its directory is gone. */
  forget(id: string): void;
}

/** Keeps the final states that the registry would not take, as one file each, until it does. */
export interface RunSpool {
  put(id: string, change: RunChange): void;
  /** What waits, by run. A file that cannot be read is left where it is and told. */
  waiting(): { id: string; change: RunChange }[];
  drop(id: string): void;
}

/** A kill that was begun and whose outcome was never written: idlewatch ended in between. */
export interface UnfinishedKill {
  at: number;
  planId: string;
  workerName: string;
  askedBy: string;
  pids: number[];
}
