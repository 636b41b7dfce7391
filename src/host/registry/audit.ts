import { z } from 'zod';
import { livenessOf } from '../../engine/observe/address';
import type { AuditEntry, AuditLog, ProcessTable } from '../../engine/ports';
import type { UnfinishedKill } from '../../engine/run-registry';
import type { Connection } from '../sqlite/connection';
import type { Database } from '../sqlite/database';
import { whileLockedAsync } from './patience';
import { addressOf } from './rows';
import { STATEMENTS } from './statements';

/** What is kept of the audit log; beyond either the oldest entries are dropped. */
export interface AuditLimits {
  entries: number;
  /** Of the whole registry file. */
  bytes: number;
}

export interface RegistryAuditLog extends AuditLog {
  /** The newest `limit` entries, oldest of them first. */
  entries(limit: number): AuditEntry[];
  /**
   * Kills that were begun, whose outcome is not written, and of whose program it is not known that it still runs: oldest
   * first. One is not told again after an entry of kind `kill_unfinished` with its `planId`.
   */
  unfinishedKills(): UnfinishedKill[];
}

/**
 * The audit log in the registry. An entry is on the disk before `append` resolves, and entries stand in the order in which
 * they were given. Each says which process wrote it.
 */
export function createAudit(
  { read, write }: Database,
  table: ProcessTable,
  ourselves: () => string | null,
  limits: AuditLimits,
): RegistryAuditLog {
  let last: Promise<void> = Promise.resolve();

  function insert(entry: AuditEntry): void {
    const writer = ourselves();
    const values = {
      at: Math.round(entry.at),
      kind: entry.kind,
      planId: planIdOf(entry),
      entry: JSON.stringify(entry),
    };
    write((connection) => {
      connection.statement(STATEMENTS.insertAudit).run({ ...values, writer });
      connection.statement(STATEMENTS.dropOldAudit).run({ kept: limits.entries });
      if (usedBytes(connection) > limits.bytes) connection.statement(STATEMENTS.dropTenthOfAudit).run();
    });
  }

  function isUnderWay(row: IntentRow): boolean {
    const writer = row.writer === null ? null : addressOf(row.writer);
    return writer !== null && livenessOf(table, writer) === 'alive';
  }

  return {
    append(entry) {
      const written = last.then(() => whileLockedAsync(() => insert(entry)));
      last = written.catch(() => undefined);
      return written;
    },
    entries(limit) {
      const rows: { at: number; kind: string; entry: string }[] = read((connection) =>
        connection.statement(STATEMENTS.newestAudit).all({ limit }),
      );
      return rows.map(({ at, kind, entry }) => {
        const kept = JSON.parse(entry);
        return { ...kept, kind, at: typeof kept?.at === 'number' ? kept.at : at };
      });
    },
    unfinishedKills() {
      const rows: IntentRow[] = read((connection) => connection.statement(STATEMENTS.unfinishedKills).all());
      return rows.filter((row) => !isUnderWay(row)).map(unfinishedOf);
    },
  };
}

interface IntentRow {
  at: number;
  plan_id: string;
  entry: string;
  writer: string | null;
}

/** Another program, or another version of this one, may have written it. */
const intent = z
  .object({
    workerName: z.string().catch('a worker'),
    askedBy: z.string().catch('somebody'),
    processes: z.array(z.object({ pid: z.number() })).catch([]),
  })
  .catch({ workerName: 'a worker', askedBy: 'somebody', processes: [] });

function unfinishedOf({ at, plan_id, entry }: IntentRow): UnfinishedKill {
  const { workerName, askedBy, processes } = intent.parse(JSON.parse(entry));
  return { at, planId: plan_id, workerName, askedBy, pids: processes.map(({ pid }) => pid) };
}

/** Of a plan that is carried out, or of the receipt of one. */
function planIdOf({ planId, receipt }: AuditEntry): string | null {
  if (typeof planId === 'string') return planId;
  const given = (receipt as { planId?: unknown } | undefined)?.planId;
  return typeof given === 'string' ? given : null;
}

function usedBytes(connection: Connection): number {
  const { page_count: pages } = connection.statement('PRAGMA page_count').get();
  const { freelist_count: free } = connection.statement('PRAGMA freelist_count').get();
  const { page_size: pageBytes } = connection.statement('PRAGMA page_size').get();
  return (pages - free) * pageBytes;
}
