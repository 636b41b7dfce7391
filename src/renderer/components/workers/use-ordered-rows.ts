import { useMemo, useRef } from 'react';
import type { WorkerRow } from '../../../shared/model';
import { useApp, useAppState } from '../../context';
import { type Order, orderRows } from '../../logic/row-order';
import { filterRows } from '../../logic/rows';

const NONE: never[] = [];

/** The rows the filters let through, in the order asked for; rows keep their places where they can. */
export function useOrderedRows(): readonly WorkerRow[] {
  const { store } = useApp();
  const workers = useAppState((state) => state.snapshot?.workers) ?? NONE;
  const chip = useAppState((state) => state.chip);
  const kind = useAppState((state) => state.kind);
  const text = useAppState((state) => state.filterText);
  const sort = useAppState((state) => state.sort);
  const before = useRef<Order | null>(null);
  return useMemo(() => {
    const rows = filterRows(workers, { chip, kind, text });
    before.current = orderRows(rows, sort, `${chip} ${kind} ${text}`, store.getState().receivedAt, before.current);
    return before.current.rows;
  }, [workers, chip, kind, text, sort, store]);
}
