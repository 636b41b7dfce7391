import type { KillTarget } from './monitor-types';
import type { WorkerRecord } from './worker-record';

/** Null: it has not been read yet. */
export function targetOf(record: WorkerRecord): KillTarget | null {
  const { reading } = record;
  if (!reading) return null;
  const { name, path, claim, session, files, abort } = reading;
  return { workerId: record.id, workerName: name, source: record.source.kind, path, claim, session, files, abort };
}
