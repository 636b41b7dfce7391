import { z } from 'zod';
import { intentWords } from '../../shared/asker-words';
import type { Connection } from '../sqlite/connection';
import type { Database } from '../sqlite/database';
import { STATEMENTS } from './statements';

/** So many entries are read at once: some milliseconds, whatever the log holds. */
const PAGE = 200;

/** What the audit log tells of a kill: what was meant to be done, or what came of it. */
export interface AuditedKill {
  at: number;
  step: 'intent' | 'outcome';
  planId: string;
  /** This very process wrote it. */
  isOurs: boolean;
  /** Null: it was dropped meanwhile, or cannot be understood. Throws where the registry cannot be read. */
  read(): KillContent | null;
}

/** The intent as it was written (`data`), or the receipt, and what is needed of it. Another version may have written it. */
export interface KillContent {
  workerId: string;
  workerName: string | null;
  /** Of an outcome: nothing is left of it. */
  ended: boolean;
  text: string;
  data: object;
}

/**
 * Takes what was written after that which was taken before, oldest first; false: there is more of it. What `take` throws at
 * comes again, and so does what stands in a file that was opened anew. Throws a sentence where the registry cannot be read.
 *
 * Costs some 20 µs where nothing was written: one look at the end of the table, which SQLite holds in memory. To ask
 * first whether the file has changed at all (`PRAGMA data_version`) takes longer than that look.
 */
export type KillReader = (take: (kill: AuditedKill) => void) => boolean;

interface AuditRow {
  id: number;
  at: number;
  kind: string;
  plan_id: string | null;
  writer: string | null;
}

/** `sinceAt`: what was written before, on the wall clock, is not told. `ourselves`: as the audit log names a writer. */
export function createKillReader(
  { read }: Pick<Database, 'read'>,
  ourselves: () => string | null,
  sinceAt: () => number,
): KillReader {
  let file: Connection | 'frozen' | null = null;
  let readTo = 0;

  function rowsOn(connection: Connection): AuditRow[] {
    // What cannot change is opened for each reading.
    const current = connection.frozen ? 'frozen' : connection;
    if (file !== current) readTo = connection.statement(STATEMENTS.newestBefore).get({ at: sinceAt() })?.id ?? 0;
    file = current;
    return connection.statement(STATEMENTS.auditAfter).all({ after: readTo, limit: PAGE });
  }

  function contentOf(id: number, step: AuditedKill['step']): KillContent | null {
    const row = read((connection) => connection.statement(STATEMENTS.auditEntry).get({ id }));
    return row ? understood(step, JSON.parse(row.entry)) : null;
  }

  function killIn({ id, at, kind, plan_id: planId, writer }: AuditRow): AuditedKill | null {
    const step = STEPS.get(kind);
    if (!step || planId === null) return null;
    const isOurs = writer !== null && writer === ourselves();
    return { at, step, planId, isOurs, read: () => contentOf(id, step) };
  }

  return (take) => {
    const rows = read(rowsOn);
    for (const row of rows) {
      const kill = killIn(row);
      if (kill) take(kill);
      readTo = row.id;
    }
    return rows.length < PAGE;
  };
}

const STEPS = new Map<string, AuditedKill['step']>([
  ['kill_intent', 'intent'],
  ['kill_outcome', 'outcome'],
]);

const worker = { workerId: z.string(), workerName: z.string().nullable().catch(null) };
const intentSchema = z.looseObject({ ...worker, askedBy: z.string().catch('somebody'), why: z.string().catch('') });
const outcomeSchema = z.object({
  receipt: z.looseObject({ ...worker, ended: z.boolean(), summary: z.string().catch('') }),
});

function understood(step: AuditedKill['step'], entry: unknown): KillContent | null {
  if (step === 'outcome') {
    const receipt = outcomeSchema.safeParse(entry).data?.receipt;
    if (!receipt) return null;
    const { workerId, workerName, ended, summary } = receipt;
    return { workerId, workerName, ended, text: summary, data: receipt };
  }
  const { data } = intentSchema.safeParse(entry);
  if (!data) return null;
  const { at: _at, kind: _kind, ...intent } = data;
  const { workerId, workerName } = intent;
  return { workerId, workerName, ended: false, text: intentWords(intent), data: intent };
}
