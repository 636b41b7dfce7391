import type { Liveness, WorkerProcess } from '../../shared/model';
import type { KillTarget } from '../monitor-types';
import type { ProcessFact, ProcessIdentity, ProcessTable } from '../ports';
import { belongsTo } from './belonging';
import { type Self, whyNoWorker } from './off-limits';

/** What of a worker tells which process is its own. Paths are real paths. */
export type ProcessSubject = Pick<KillTarget, 'path' | 'claim' | 'files'>;

/** What was found out about a worker's process. */
export interface ProcessFinding {
  /** Null: no process is known to look for. */
  process: WorkerProcess | null;
  /** Set only where the process is verified: what to compare before anything is done to it. */
  identity: ProcessIdentity | null;
  liveness: Liveness;
  /** In words, one line. */
  reason: string;
}

/**
 * How much later than its naming a process may seem to have started and still be the named one. A start is known to
 * 10 ms on top of a time of boot in whole seconds, and that moves when the wall clock is adjusted in small steps.
 */
export const START_TOLERANCE_MS = 2_000;

/**
 * Find out about the process a worker's files name. It is verified, and so may be ended, when it exists, started before
 * the file that names it, belongs to the worker (see belongsTo), and nothing forbids ending it (see whyNoWorker).
 *
 * Liveness is another question: a process of the worker that is off limits is alive all the same. `gone` is said only
 * where the pid does not exist, or was plainly handed to another program after it was named.
 */
export function findClaimed(table: ProcessTable, self: Self, subject: ProcessSubject): ProcessFinding {
  const { claim, path } = subject;
  if (!claim) return noProcess('no process is named');
  const { pid, from, namedAt } = claim;
  const answer = (liveness: Liveness, why: string, fact: ProcessFact | null, verified = false): ProcessFinding => ({
    process: { pid, startedAt: fact?.startedAt ?? null, from, verified, why },
    identity: fact && verified ? { pid, startTime: fact.startTime } : null,
    liveness,
    reason: verified ? `process ${pid} is verified: ${why}` : `process ${pid} is not verified: ${why}`,
  });

  if (!Number.isSafeInteger(pid) || pid <= 1) return answer('unknown', `${pid} cannot be the pid of a worker`, null);
  const look = table.inspect(pid);
  if (look.liveness === 'unknown') return answer('unknown', look.reason, null);
  if (look.liveness === 'gone') return answer('gone', 'it does not exist any more', null);

  const { fact } = look;
  const startedLater = fact.startedAt > namedAt + START_TOLERANCE_MS;
  const belonging = belongsTo(table, pid, path, self.commonDirectories);
  if (startedLater) {
    return belonging.belongs
      ? answer('unknown', `it started after the ${from} that names it was written, though ${belonging.why}`, fact)
      : answer('gone', `the pid was given to another program after the ${from} that names it was written`, fact);
  }
  const offLimits = whyNoWorker(table, self, fact);
  if (offLimits) return answer(belonging.belongs ? 'alive' : 'unknown', offLimits, fact);
  if (!belonging.belongs) return answer('unknown', belonging.why, fact);
  return answer('alive', belonging.why, fact, true);
}

/** Whether a process verified before is still there: one cheap look, by pid and start time. */
export function stillThere(table: ProcessTable, identity: ProcessIdentity): Liveness {
  const look = table.inspect(identity.pid);
  if (look.liveness !== 'alive') return look.liveness;
  return look.fact.startTime === identity.startTime ? 'alive' : 'gone';
}

export function noProcess(reason: string): ProcessFinding {
  return { process: null, identity: null, liveness: 'unknown', reason };
}
