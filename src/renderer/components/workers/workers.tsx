import { type KeyboardEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WorkerId } from '../../../shared/model';
import { useApp, useAppState } from '../../context';
import { kindsOf } from '../../logic/rows';
import type { AppState } from '../../state/store';
import { FilterBar } from './filter-bar';
import { useOrderedRows } from './use-ordered-rows';
import { WorkerTable, type WorkerTableHandle } from './worker-table';

const NONE: never[] = [];

/** Filters and the table of all workers, walked by keyboard. */
export function Workers({ filterRef }: { filterRef: RefObject<HTMLInputElement | null> }) {
  const { store, actions, kill } = useApp();
  const rows = useOrderedRows();
  const workers = useAppState((state) => state.snapshot?.workers) ?? NONE;
  const kinds = useMemo(() => kindsOf(workers), [workers]);
  const severalRuns = useAppState((state) => hasSeveralRuns(state));
  const selectedId = useAppState((state) => state.selectedId);
  const table = useRef<WorkerTableHandle>(null);
  const [walkedId, setWalkedId] = useState<WorkerId | null>(null);
  const activeId = rows.some((row) => row.id === walkedId) ? walkedId : (rows[0]?.id ?? null);

  /** Go to a row; an open panel follows. */
  function walkTo(index: number): void {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setWalkedId(row.id);
    table.current?.focusRow(row.id);
    if (isPanelOpen(store.getState())) actions.select(row.id);
  }

  function onTableKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = rows.findIndex((row) => row.id === activeId);
    const page = table.current?.pageRows() ?? 1;
    const target = walkTarget(event.key, index, page, rows.length);
    const row = rows[index];
    if (target !== null) walkTo(target);
    else if ((event.key === 'k' || event.key === 'Delete') && row?.canEnd) void kill.ask(row.id, row.name);
    else return;
    event.preventDefault();
  }

  const open = useCallback(
    (id: WorkerId) => {
      actions.select(id);
      table.current?.focusRow(id);
    },
    [actions],
  );

  // However a worker came to be selected (a click, an event, a notification): its row is in sight and the keys go on there.
  useEffect(() => {
    if (selectedId === null) return;
    setWalkedId(selectedId);
    table.current?.showRow(selectedId);
  }, [selectedId]);

  return (
    <section className="workers" aria-label="Worker list">
      <FilterBar inputRef={filterRef} kinds={kinds} shown={rows.length} toFirstRow={() => walkTo(0)} />
      <WorkerTable
        ref={table}
        rows={rows}
        activeId={activeId}
        severalKinds={kinds.length > 1}
        severalRuns={severalRuns}
        selectedId={selectedId}
        onOpen={open}
        onKeyDown={onTableKey}
      />
      {rows.length === 0 && <p className="nothing">No worker matches the filter.</p>}
    </section>
  );
}

function hasSeveralRuns({ snapshot }: AppState): boolean {
  const [first, ...others] = snapshot?.workers ?? [];
  return others.some((row) => row.runId !== first?.runId);
}

function isPanelOpen({ selectedId, snapshot }: AppState): boolean {
  return selectedId !== null && (snapshot?.workers.some((row) => row.id === selectedId) ?? false);
}

/** The row a key leads to, or null for a key that does not walk. */
function walkTarget(key: string, index: number, page: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return index + 1;
    case 'ArrowUp':
      return index - 1;
    case 'PageDown':
      return index + page;
    case 'PageUp':
      return index - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
