import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSyncInstance, SqliteModule } from '@photostructure/sqlite';
import { onTestFinished } from 'vitest';
import type { AuditEntry, ProcessAddress } from '../../../src/engine/ports';
import type { NewRun } from '../../../src/engine/run-registry';
import { openRegistry, type Registry } from '../../../src/host/registry';

const { DatabaseSync } = createRequire(import.meta.url)('@photostructure/sqlite') as SqliteModule;

/** A directory of the test's own, removed after it. */
export function ownDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'idlewatch-registry-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A registry, and what it warned of. */
export function openedRegistry(folder: string): Registry & { warnings: string[] } {
  const warnings: string[] = [];
  const registry = openRegistry(folder, { warn: (message) => void warnings.push(message) });
  onTestFinished(registry.close);
  return { ...registry, warnings };
}

export const databaseIn = (folder: string): string => join(folder, 'idlewatch.db');

/** A connection to a registry file past the registry, closed after the test. */
export function rawDatabase(path: string): DatabaseSyncInstance {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

/** Do something to a registry file past the registry. */
export function inDatabase<T>(path: string, run: (database: DatabaseSyncInstance) => T): T {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  try {
    return run(database);
  } finally {
    database.close();
  }
}

/** What stands in the audit log of a state folder, oldest first. */
export function auditEntries(folder: string): AuditEntry[] {
  return openedRegistry(folder).audit.entries(10_000);
}

export const SOMEBODY: ProcessAddress = {
  pid: 4_000_000,
  startTime: '1',
  hostName: 'here',
  bootId: 'this boot',
  pidNamespace: 'pid:[1]',
};

export function newRun(id: string, given: Partial<NewRun> = {}): NewRun {
  return {
    id,
    name: id,
    key: null,
    command: ['sleep', '1'],
    directory: `/state/runs/${id}`,
    workingDirectory: '/work',
    supervisor: SOMEBODY,
    timeoutMs: null,
    idleTimeoutMs: null,
    ...given,
  };
}

export const isAlive = () => 'alive' as const;
export const isGone = () => 'gone' as const;
