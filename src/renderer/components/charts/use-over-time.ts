import { useMemo } from 'react';
import { useAppState } from '../../context';
import { recordedOverTime } from '../../logic/history';
import { liveOverTime, type OverTime } from '../../logic/series';

const NONE: never[] = [];

/** What the charts over time draw now: the same object as long as that is the same. */
export function useOverTime(): OverTime {
  const history = useAppState((state) => state.history);
  const series = useAppState((state) => (state.history ? NONE : (state.snapshot?.series ?? NONE)));
  // Only for a series that is still empty: else the newest point says where "now" is.
  const takenAt = useAppState((state) =>
    state.history || state.snapshot?.series.length ? 0 : (state.snapshot?.takenAt ?? 0),
  );
  return useMemo(
    () => (history ? recordedOverTime(history) : liveOverTime(series, takenAt)),
    [history, series, takenAt],
  );
}
