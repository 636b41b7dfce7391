import { useMemo } from 'react';
import type { WorkerRow } from '../../../shared/model';
import { useAppState } from '../../context';
import { type Entry, layOut } from '../../logic/entries';

/** The table's lines for rows in order. What a filter finds stands on a line of its own, in its group. */
export function useEntries(rows: readonly WorkerRow[], severalKinds: boolean): readonly Entry[] {
  const grouped = useAppState((state) => state.kind === 'grouped') && severalKinds;
  const nested = useAppState((state) => state.chip === 'all' && !state.filterText.trim());
  const urgentFirst = useAppState(({ sort }) => sort.column === 'state' && sort.direction === 'ascending');
  const closedGroups = useAppState((state) => state.closedGroups);
  const openParents = useAppState((state) => state.openParents);
  return useMemo(
    () => layOut(rows, { grouped, nested, urgentFirst, closedGroups, openParents }),
    [rows, grouped, nested, urgentFirst, closedGroups, openParents],
  );
}
