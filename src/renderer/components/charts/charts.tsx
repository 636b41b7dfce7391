import { useMemo } from 'react';
import { useAppState } from '../../context';
import { chartDomain, chartPoints } from '../../logic/series';
import { HeartbeatChart } from './heartbeat-chart';
import { IdleChart } from './idle-chart';
import { MemoryChart } from './memory-chart';
import { TrafficChart } from './traffic-chart';

const NONE: never[] = [];

/** Four charts of one height, over the last five minutes at most. */
export function Charts() {
  const series = useAppState((state) => state.snapshot?.series) ?? NONE;
  // Only for a series that is still empty: else the newest point says where "now" is.
  const takenAt = useAppState((state) => (state.snapshot?.series.length ? 0 : (state.snapshot?.takenAt ?? 0)));
  const points = useMemo(() => chartPoints(series, takenAt), [series, takenAt]);
  const domain = useMemo(() => chartDomain(series, takenAt), [series, takenAt]);
  return (
    <section className="charts" aria-label="Charts">
      <TrafficChart points={points} domain={domain} />
      <IdleChart points={points} domain={domain} />
      <HeartbeatChart />
      <MemoryChart points={points} domain={domain} />
    </section>
  );
}
