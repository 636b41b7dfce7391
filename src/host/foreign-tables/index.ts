import { realpathSync } from 'node:fs';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { ForeignTables, RowChoice, RowsAnswer } from '../../engine/ports';
import { harmless } from '../../shared/format';
import { isInside } from '../files';
import { inWords } from '../sqlite/errors';
import { statOf } from './bytes';
import { readForeign, Unsteady } from './opened';
import { columnsOf } from './schema';
import { selectionOf } from './selection';

/** What is being written is tried again after a moment, this often. */
const ATTEMPTS = 4;
const ATTEMPT_APART_MS = 3;

/**
 * Other programs' SQLite files. `ownFolder`: where our own ones lie, which are not read this way; closing such a file
 * would drop the locks this program has on it.
 */
export function createForeignTables(ownFolder: string | null = null): ForeignTables {
  return {
    rows(path, table, columns, limit, choice = {}) {
      try {
        const real = realpathSync.native(path);
        if (ownFolder !== null && isOwn(real, ownFolder)) throw new Error('it belongs to idlewatch itself');
        return steadily(real, (database) => rowsOf(database, table, columns, limit, choice));
      } catch (error) {
        return { ok: false, reason: wordsOf(error), passing: error instanceof Unsteady };
      }
    },
    written(path) {
      const real = realPathOf(path);
      const stats = ['', '-wal'].map((ending) => statOf(`${real}${ending}`));
      if (!stats[0]) return null;
      const at = Math.max(...stats.map((each) => (each?.size ? each.mtimeMs : 0)));
      return { at, mark: stats.map((each) => each && `${each.ino} ${each.size} ${each.mtimeMs}`).join('; ') };
    },
  };
}

function isOwn(path: string, folder: string): boolean {
  return isInside(path, realPathOf(folder));
}

/** The path itself where it leads nowhere. */
function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function steadily<T>(path: string, read: (database: DatabaseSyncInstance) => T): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return readForeign(path, read);
    } catch (error) {
      if (!(error instanceof Unsteady) || attempt === ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ATTEMPT_APART_MS);
    }
  }
}

function rowsOf(
  database: DatabaseSyncInstance,
  table: string,
  columns: readonly string[],
  limit: number,
  choice: RowChoice,
): RowsAnswer {
  // What a stranger's file says of itself must not have functions called.
  database.exec('PRAGMA trusted_schema = OFF');
  const present = columnsOf(database, table, columns, choice.optional ?? []);
  const { sql, values } = selectionOf(present, limit, choice);
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  const rows = statement.all(...values) as Record<string, unknown>[];
  return { ok: true, rows: rows.map((row) => plain(row)) };
}

function plain(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([name, value]): [string, unknown] => [name, simplest(value)]);
  return Object.fromEntries(entries);
}

function simplest(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return harmless(String(error));
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    default:
      return harmless(inWords(error, 'it').message, 400);
  }
}
