import type { ProcessListing, ProcessLook } from '../../engine/ports';
import { errorCode } from './proc-file';

/** What a listing says of one process. It is gone only where the system, asked for it by itself, says so too. */
export function lookFor(pid: number, listing: ProcessListing): ProcessLook {
  if (!listing.ok) return { liveness: 'unknown', reason: listing.reason };
  const fact = listing.processes.find((process) => process.pid === pid);
  if (fact) return fact.stat === 'Z' ? { liveness: 'gone' } : { liveness: 'alive', fact };
  return exists(pid) ? { liveness: 'unknown', reason: `process ${pid} is not listed` } : { liveness: 'gone' };
}

/** The pids of all our ancestors in a listing; our parent alone where there is none. */
export function ancestorsIn(listing: ProcessListing): number[] {
  const parents = new Map(listing.ok ? listing.processes.map(({ pid, ppid }) => [pid, ppid]) : []);
  const ancestors: number[] = [];
  let parent = parents.get(process.pid) ?? process.ppid;
  while (parent > 0 && !ancestors.includes(parent)) {
    ancestors.push(parent);
    parent = parents.get(parent) ?? 0;
  }
  return ancestors;
}

/** Signal 0 reaches nobody and tells whether there is somebody. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
