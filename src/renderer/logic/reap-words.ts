import { formatBytes } from '../../shared/format';

/** Rows of a list that are drawn: more than anyone reads, and few enough to be drawn at once. */
export const ROWS_SHOWN = 300;

/** `3.4 GB`; `at least 3.4 GB` where not all could be measured, `size not known` where none could. */
export function freedWords(directories: readonly { bytes: number | null }[]): string {
  const known = directories.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
  if (!known.length && directories.length) return 'size not known';
  const total = formatBytes(known.reduce((sum, bytes) => sum + bytes, 0));
  return known.length < directories.length ? `at least ${total}` : total;
}

/** The rows to draw, and in words how many are not. */
export function firstRows<T>(rows: readonly T[]): { shown: readonly T[]; rest: string | null } {
  const over = rows.length - ROWS_SHOWN;
  return { shown: rows.slice(0, ROWS_SHOWN), rest: over > 0 ? `and ${over.toLocaleString('en')} more` : null };
}
