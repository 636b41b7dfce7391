import type { RowChoice } from '../../engine/ports';
import type { PresentTable } from './schema';

const TEXT_MAX = 2_000;

/** The statement that reads some rows of a table, with its values. Every name in it is quoted. */
export function selectionOf(
  { name, columns, hasRowid }: PresentTable,
  limit: number,
  { except, newestBy }: RowChoice,
): { sql: string; values: (string | number)[] } {
  const own = new Map(columns.map((column) => [column.wanted, quoted(column.name)]));
  const shown = columns.map((column) => `${cut(quoted(column.name))} AS ${quoted(column.wanted)}`);
  const guarded = except && own.get(except.column);
  const marks = except?.values.map(() => 'lower(?)').join(', ');
  const where = guarded ? ` WHERE ${guarded} IS NULL OR lower(${guarded}) NOT IN (${marks})` : '';
  const newest = newestBy === undefined ? undefined : own.get(newestBy);
  const order = [...(newest ? [`${newest} DESC`] : []), ...(hasRowid ? ['rowid DESC'] : [])];
  const ordered = order.length ? ` ORDER BY ${order.join(', ')}` : '';
  return {
    sql: `SELECT ${shown.join(', ')} FROM main.${quoted(name)}${where}${ordered} LIMIT ?`,
    values: [...(guarded ? (except?.values ?? []) : []), limit],
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function cut(column: string): string {
  return `CASE WHEN typeof(${column}) IN ('text', 'blob') THEN substr(${column}, 1, ${TEXT_MAX}) ELSE ${column} END`;
}
