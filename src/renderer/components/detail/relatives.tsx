import { useMemo } from 'react';
import type { WorkerRow } from '../../../shared/model';
import { stateWord } from '../../../shared/state-words';
import { useApp, useAppState } from '../../context';
import { CALM_SORT, compareRows } from '../../logic/rows';
import { rowSign } from '../../logic/words';
import { Mark } from '../mark';

const SHOWN = 8;
const NONE: never[] = [];

/** Who the worker works for, or what it runs in, and who works for it; a click goes there. */
export function Relatives({ row }: { row: WorkerRow }) {
  const workers = useAppState((state) => state.snapshot?.workers) ?? NONE;
  const parent = workers.find(({ id }) => id === row.parentId);
  const below = useMemo(
    () => workers.filter(({ parentId }) => parentId === row.id).sort((a, b) => compareRows(a, b, CALM_SORT)),
    [workers, row.id],
  );
  return (
    <>
      {parent && <Relations title={parent.source === row.source ? 'Works for' : 'Runs in'} rows={[parent]} />}
      {below.length > 0 && <Relations title="Sub-agents" rows={below} />}
    </>
  );
}

function Relations({ title, rows }: { title: string; rows: readonly WorkerRow[] }) {
  const { actions } = useApp();
  const more = rows.length - SHOWN;
  return (
    <section aria-label={title}>
      <h3 className="label">
        {title} {rows.length > 1 && <span className="label-count">{rows.length}</span>}
      </h3>
      <ul className="relations">
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.id}>
            <button type="button" className="relation" title={row.reason} onClick={() => actions.select(row.id)}>
              <Mark sign={rowSign(row)} />
              <span className="relation-name">{row.name}</span>
              <span className="relation-state">
                {stateWord(row)} · {row.reason}
              </span>
            </button>
          </li>
        ))}
        {more > 0 && <li className="dim">and {more} more</li>}
      </ul>
    </section>
  );
}
