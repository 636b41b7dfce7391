import type { WorkerId, WorkerRow } from '../../shared/model';
import { compareRows, isRestless, type Sort, sortKey } from './rows';

/** How long rows sorted by a restless column keep their places. */
export const RESORT_AFTER_MS = 5_000;

/** The rows of the table in order, and what is needed to keep them calm the next time. */
export interface Order {
  rows: readonly WorkerRow[];
  sort: Sort;
  /** Changes when the person changed the filter: then everything is sorted anew. */
  filterKey: string;
  sortedAt: number;
  /** Some rows keep a place that is no longer theirs, until the restless column is sorted again. */
  overdue: boolean;
}

/**
 * Put rows in order, starting from the order they had.
 *
 * Thousands of rows come with every delta and nearly all are where they belong: where no key of the sort changed,
 * the old order holds without a comparison. `now` is any steadily growing time in ms.
 */
export function orderRows(
  rows: readonly WorkerRow[],
  sort: Sort,
  filterKey: string,
  now: number,
  before: Order | null,
): Order {
  const same = before && before.sort.column === sort.column && before.sort.direction === sort.direction;
  if (!same || before.filterKey !== filterKey) {
    return { rows: rows.toSorted((a, b) => compareRows(a, b, sort)), sort, filterKey, sortedAt: now, overdue: false };
  }
  const { kept, unmoved } = carryOver(rows, before.rows, sort);
  const right = unmoved && !before.overdue;
  if (right || (isRestless(sort.column) && now - before.sortedAt < RESORT_AFTER_MS)) {
    return { ...before, rows: kept, overdue: !right };
  }
  return { rows: kept.sort((a, b) => compareRows(a, b, sort)), sort, filterKey, sortedAt: now, overdue: false };
}

/** The new rows in the old order, new ones last; `unmoved` when that is surely the right order still. */
function carryOver(rows: readonly WorkerRow[], before: readonly WorkerRow[], sort: Sort) {
  const fresh = new Map<WorkerId, WorkerRow>(rows.map((row) => [row.id, row]));
  const kept: WorkerRow[] = [];
  let unmoved = true;
  for (const old of before) {
    const row = fresh.get(old.id);
    if (!row) continue;
    fresh.delete(old.id);
    kept.push(row);
    if (row !== old && !sameKeys(row, old, sort)) unmoved = false;
  }
  if (fresh.size) {
    unmoved = false;
    kept.push(...fresh.values());
  }
  return { kept, unmoved };
}

function sameKeys(a: WorkerRow, b: WorkerRow, sort: Sort): boolean {
  return (
    sortKey(a, sort.column) === sortKey(b, sort.column) &&
    sortKey(a, 'state') === sortKey(b, 'state') &&
    a.name === b.name
  );
}
