import type { KillTarget } from './monitor-types';
import { keyOf } from './observe/in-flight';
import type { WorkerRecord } from './worker-record';

/** Null: it has not been read yet. */
export function targetOf(record: WorkerRecord): KillTarget | null {
  const { reading } = record;
  if (!reading) return null;
  const { name, path, claim, session, files, abort } = reading;
  const { identity } = record.process;
  // Of the process that it has now: another one may be anywhere.
  const outer = identity && record.runsIn?.key === keyOf(identity) ? record.runsIn.workerId : null;
  const within = identity && outer !== null ? { id: outer, pid: identity.pid } : null;
  return {
    workerId: record.id,
    workerName: name,
    source: record.source.kind,
    path,
    claim,
    session,
    files,
    abort,
    within,
  };
}
