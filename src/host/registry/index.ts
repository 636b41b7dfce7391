import type { KnownEnds, Logger } from '../../engine/ports';
import type { RunRegistry } from '../../engine/run-registry';
import { createProcessTable } from '../process-table';
import { openDatabase } from '../sqlite/database';
import { type AuditLimits, createAudit, type RegistryAuditLog } from './audit';
import { createKnownEnds } from './known-ends';
import { createRuns } from './runs';
import { REGISTRY_LAYOUT } from './schema';

const AUDIT_LIMITS: AuditLimits = { entries: 20_000, bytes: 64 * 1024 * 1024 };

/** The run registry and the audit log, in one file. */
export interface Registry {
  runs: RunRegistry;
  audit: RegistryAuditLog;
  ends: KnownEnds;
  /** Let go of the file; whatever is asked afterwards opens it again. */
  close(): void;
}

/**
 * The registry of a state folder: `idlewatch.db`, readable by its owner alone. Nothing is opened before it is needed, and
 * nothing is made before something is written. Failures throw (or reject with) a sentence that names the file; a damaged
 * file is put aside and a new one begun, which `log` is told.
 */
export function openRegistry(folder: string, log: Logger, limits: AuditLimits = AUDIT_LIMITS): Registry {
  const database = openDatabase(folder, REGISTRY_LAYOUT, log);
  return {
    runs: createRuns(database),
    audit: createAudit(database, createProcessTable(), limits),
    ends: createKnownEnds(database),
    close: database.close,
  };
}
