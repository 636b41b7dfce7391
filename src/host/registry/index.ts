import type { KnownEnds, Logger } from '../../engine/ports';
import type { RunRegistry } from '../../engine/run-registry';
import { createProcessTable } from '../process-table';
import { openDatabase } from '../sqlite/database';
import { type AuditLimits, createAudit, type RegistryAuditLog } from './audit';
import { createKillReader, type KillReader } from './kill-reader';
import { createKnownEnds, LOOK_BACK_MS } from './known-ends';
import { createOurselves } from './ourselves';
import { createRuns } from './runs';
import { REGISTRY_LAYOUT } from './schema';

const AUDIT_LIMITS: AuditLimits = { entries: 20_000, bytes: 64 * 1024 * 1024 };

/** The run registry and the audit log, in one file. */
export interface Registry {
  runs: RunRegistry;
  audit: RegistryAuditLog;
  ends: KnownEnds;
  /** Reads the kills in the audit log from this time on, and then on from where it has read to. */
  killsSince(at: () => number): KillReader;
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
  const table = createProcessTable();
  const ourselves = createOurselves(table);
  const killsSince = (at: () => number) => createKillReader(database, ourselves, at);
  return {
    runs: createRuns(database),
    audit: createAudit(database, table, ourselves, limits),
    ends: createKnownEnds(killsSince(() => Date.now() - LOOK_BACK_MS)),
    killsSince,
    close: database.close,
  };
}
