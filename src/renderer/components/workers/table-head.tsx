import { useApp, useAppState } from '../../context';
import type { SortColumn } from '../../logic/rows';

interface Column {
  column: SortColumn;
  word: string;
  number?: true;
  hint?: string;
}

const COLUMNS: Column[] = [
  { column: 'state', word: 'State' },
  { column: 'name', word: 'Worker' },
  { column: 'source', word: 'Source' },
  { column: 'reason', word: 'Why' },
  { column: 'heartbeat', word: 'Heartbeat', number: true },
  { column: 'traffic', word: 'In/out', number: true, hint: 'tasks given and results' },
  { column: 'usage', word: 'Used', number: true, hint: 'tokens and cost, as far as its program tells' },
  { column: 'cpu', word: 'CPU', number: true },
  { column: 'memory', word: 'Memory', number: true },
];

/** Column headers; a click sorts. `sourceWord`: what the column of sources tells here. */
export function TableHead({ sourceWord }: { sourceWord: string }) {
  const { actions } = useApp();
  const sort = useAppState((state) => state.sort);
  return (
    <thead>
      <tr aria-rowindex={1}>
        {COLUMNS.map(({ column, word, number, hint }) => (
          <th
            key={column}
            scope="col"
            className={`head col-${column}`}
            aria-sort={sort.column === column ? sort.direction : undefined}
          >
            <button
              type="button"
              className={`sort${number ? ' sort-reverse' : ''}${sort.column === column ? ' sort-now' : ''}`}
              title={hint}
              onClick={() => actions.sortBy(column)}
            >
              {column === 'source' ? sourceWord : word}
              <SortArrow direction={sort.column === column ? sort.direction : null} />
            </button>
          </th>
        ))}
        <th scope="col" className="head head-plain col-hour" title="how well it was, a minute a bar">
          Last hour
        </th>
        <th scope="col" className="head col-action">
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
