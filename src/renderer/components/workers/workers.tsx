import { type KeyboardEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WorkerId, WorkerRow } from '../../../shared/model';
import { useApp, useAppState } from '../../context';
import { kindsOf } from '../../logic/rows';
import { foldStep, walkTarget } from '../../logic/walk';
import type { AppState } from '../../state/store';
import { FilterBar } from './filter-bar';
import { useEntries } from './use-entries';
import { useOrderedRows } from './use-ordered-rows';
import { type Columns, WorkerTable, type WorkerTableHandle } from './worker-table';

const NONE: never[] = [];

/** Filters and the table of all workers, walked by keyboard. */
export function Workers({ filterRef }: { filterRef: RefObject<HTMLInputElement | null> }) {
  const { store, actions, kill } = useApp();
  const rows = useOrderedRows();
  const workers = useAppState((state) => state.snapshot?.workers) ?? NONE;
  const kinds = useMemo(() => kindsOf(workers), [workers]);
  const entries = useEntries(rows, kinds.length > 1);
  const columns = useColumns(workers, kinds.length > 1);
  const selectedId = useAppState((state) => state.selectedId);
  const table = useRef<WorkerTableHandle>(null);
  const [walkedKey, setWalkedKey] = useState<string | null>(null);
  const activeKey = entries.some((entry) => entry.key === walkedKey) ? walkedKey : (entries[0]?.key ?? null);

  /** Go to a line; an open panel follows to a worker's. */
  function walkTo(index: number): void {
    const entry = entries[Math.max(0, Math.min(entries.length - 1, index))];
    if (!entry) return;
    setWalkedKey(entry.key);
    table.current?.focus(entry.key);
    if (entry.type === 'worker' && isPanelOpen(store.getState())) actions.select(entry.key);
  }

  function onTableKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = entries.findIndex((entry) => entry.key === activeKey);
    const entry = entries[index];
    const target = walkTarget(event.key, index, table.current?.pageLines() ?? 1, entries.length);
    const step = entry && foldStep(event.key, entries, index);
    const row = entry?.type === 'worker' ? entry.row : null;
    if (target !== null) walkTo(target);
    else if (step?.to !== undefined) walkTo(step.to);
    else if (step && entry.type === 'group') actions.toggleGroup(entry.source);
    else if (step && entry) actions.toggleBelow(entry.key);
    else if ((event.key === 'k' || event.key === 'Delete') && row?.canEnd) void kill.ask(row.id, row.name);
    else return;
    event.preventDefault();
  }

  const open = useCallback(
    (id: WorkerId) => {
      actions.select(id);
      table.current?.focus(id);
    },
    [actions],
  );

  // However a worker came to be selected (a click, an event, a notification): its row is in sight and the keys go on there.
  useEffect(() => {
    if (selectedId === null) return;
    setWalkedKey(selectedId);
    table.current?.show(selectedId);
  }, [selectedId]);

  return (
    <section className="workers" aria-label="Worker list">
      <FilterBar
        inputRef={filterRef}
        kinds={kinds}
        shown={rows.length}
        toFirstRow={() => walkTo(firstWorker(entries))}
      />
      <WorkerTable
        ref={table}
        entries={entries}
        activeKey={activeKey}
        columns={columns}
        selectedId={selectedId}
        onOpen={open}
        onFocus={setWalkedKey}
        onKeyDown={onTableKey}
      />
      {rows.length === 0 && <p className="nothing">No worker matches the filter.</p>}
    </section>
  );
}

function firstWorker(entries: readonly { type: string }[]): number {
  return Math.max(
    0,
    entries.findIndex(({ type }) => type === 'worker'),
  );
}

function useColumns(workers: readonly WorkerRow[], severalKinds: boolean): Columns {
  const kind = useAppState((state) => state.kind === 'one-list') && severalKinds;
  return useMemo(() => {
    const run = workers.some((row) => row.runId !== workers[0]?.runId);
    const traffic = workers.some((row) => row.inboxCount !== null || row.outboxCount !== null);
    const usage = workers.some((row) => row.usage !== null);
    const cost = workers.some((row) => row.usage !== null && row.usage.cost !== null);
    return { kind, run, traffic, usage, cost };
  }, [workers, kind]);
}

function isPanelOpen({ selectedId, snapshot }: AppState): boolean {
  return selectedId !== null && (snapshot?.workers.some((row) => row.id === selectedId) ?? false);
}
