import type { WorkerId } from './source';

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
