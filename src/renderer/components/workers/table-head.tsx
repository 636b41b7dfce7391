import { useApp, useAppState } from '../../context';
import type { SortColumn } from '../../logic/rows';

const COLUMNS: { column: SortColumn; word: string }[] = [
  { column: 'state', word: 'State' },
  { column: 'name', word: 'Worker' },
  { column: 'source', word: 'Source' },
  { column: 'reason', word: 'Why' },
  { column: 'heartbeat', word: 'Heartbeat' },
  { column: 'traffic', word: 'In/out' },
  { column: 'cpu', word: 'CPU' },
  { column: 'memory', word: 'Memory' },
];

/** Column headers; a click sorts. */
export function TableHead() {
  const { actions } = useApp();
  const sort = useAppState((state) => state.sort);
  return (
    <thead>
      <tr aria-rowindex={1}>
        {COLUMNS.map(({ column, word }) => (
          <th
            key={column}
            scope="col"
            className={`col-${column}`}
            aria-sort={sort.column === column ? sort.direction : undefined}
          >
            <button type="button" className="sort" onClick={() => actions.sortBy(column)}>
              {word}
              <SortArrow direction={sort.column === column ? sort.direction : null} />
            </button>
          </th>
        ))}
        <th scope="col" className="col-action">
          <span className="visually-hidden">Action</span>
        </th>
      </tr>
    </thead>
  );
}

function SortArrow({ direction }: { direction: 'ascending' | 'descending' | null }) {
  return (
    <svg className="sort-arrow" viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
      {direction && <path d={direction === 'ascending' ? 'M1 6l3-4 3 4z' : 'M1 2l3 4 3-4z'} fill="currentColor" />}
    </svg>
  );
}
