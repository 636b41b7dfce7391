import type { WorkerId } from '../../../shared/model';
import type { KillTarget } from '../../monitor-types';
import type { RunRecord } from '../../run-registry';
import type { ProcessClaim } from '../source';

export function workerIdOf(runId: string): WorkerId {
  return `supervised-run:${runId}`;
}

/** The command's first process, as its supervisor wrote it down with its start time. */
export function claimOf({ child, startedAt }: RunRecord): ProcessClaim | null {
  return child && { pid: child.pid, startTime: child.startTime, from: 'supervisor', namedAt: startedAt };
}

/** A run as whoever ends it needs to know it, also where no monitor runs. */
export function targetOfRun(run: RunRecord): KillTarget {
  return {
    workerId: workerIdOf(run.id),
    workerName: run.name,
    source: 'supervised-run',
    path: run.directory,
    claim: claimOf(run),
    session: null,
    files: [],
  };
}
