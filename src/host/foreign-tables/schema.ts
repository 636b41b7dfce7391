import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { harmless } from '../../shared/format';

/** A table that is there, with those of the wanted columns that it has. */
export interface PresentTable {
  name: string;
  columns: { wanted: string; name: string }[];
  /** Whether rows have numbers of their own, which grow with every row. */
  hasRowid: boolean;
}

const NAMED_MAX = 12;

/**
 * Find a table and its columns by their names, in whatever case. Throws an Error that says what was expected and what is
 * there; so it does for a view, which would have to be computed, however long that takes.
 */
export function columnsOf(
  database: DatabaseSyncInstance,
  table: string,
  wanted: readonly string[],
  optional: readonly string[],
): PresentTable {
  const tables = database.prepare('PRAGMA main.table_list').all() as { name: string; type: string; wr: number }[];
  const found = tables.find(({ name }) => isSame(name, table));
  if (!found) {
    const own = tables.filter(({ name, type }) => type === 'table' && !name.startsWith('sqlite_'));
    throw new Error(`expected a table ${named([table])}, found ${named(own.map(({ name }) => name))}`);
  }
  if (found.type !== 'table') throw new Error(`expected a table ${named([table])}, found a ${found.type} of that name`);
  const there = database.prepare('SELECT name FROM pragma_table_xinfo(?)').all(found.name) as { name: string }[];
  const columns = wanted.flatMap((each) => {
    const column = there.find(({ name }) => isSame(name, each));
    return column ? [{ wanted: each, name: column.name }] : [];
  });
  const missing = wanted.filter((each) => !optional.includes(each) && !columns.some((one) => one.wanted === each));
  if (missing.length) {
    const has = named(there.map(({ name }) => name));
    throw new Error(`expected in the table ${named([table])} ${wordsFor(missing)}, found ${has}`);
  }
  return { name: found.name, columns, hasRowid: !found.wr };
}

function wordsFor(columns: string[]): string {
  return `${columns.length === 1 ? 'a column' : 'columns'} ${named(columns)}`;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** `“a”, “b” and 3 more`; `none` of none. */
function named(names: string[]): string {
  if (!names.length) return 'none';
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  const shown = names.slice(0, NAMED_MAX).map((name) => `“${harmless(name, 40)}”`);
  return `${shown.join(', ')}${more}`;
}
