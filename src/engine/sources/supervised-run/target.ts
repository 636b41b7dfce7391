import type { WorkerId } from '../../../shared/model';
import type { KillTarget } from '../../monitor-types';
import { isHere } from '../../observe/address';
import type { ProcessTable } from '../../ports';
import type { NewRun, RunRecord } from '../../run-registry';
import type { ProcessClaim } from '../source';

export function workerIdOf(runId: string): WorkerId {
  return `supervised-run:${runId}`;
}

/**
 * The command's first process, as its supervisor wrote it down with its start time; null where that was on another
 * machine, in another boot or another container: no process here can be it.
 */
export function claimOf({ child, startedAt, heartbeatAt }: RunRecord, table: ProcessTable): ProcessClaim | null {
  if (!child || !isHere(table, child)) return null;
  const { pid, startTime } = child;
  return { pid, startTime, from: 'supervisor', namedAt: startedAt, heldUntil: heartbeatAt };
}

/** A run as whoever ends it needs to know it, also where no monitor runs. */
export function targetOfRun(run: RunRecord, table: ProcessTable): KillTarget {
  return runTarget(run, claimOf(run, table));
}

/** The same for whoever knows the run's process by itself. */
export function runTarget({ id, name, directory }: NewRun, claim: ProcessClaim | null): KillTarget {
  return {
    workerId: workerIdOf(id),
    workerName: name,
    source: 'supervised-run',
    path: directory,
    claim,
    session: null,
    files: [],
    abort: null,
    within: null,
  };
}
