import { memo } from 'react';
import { Area, Line } from 'recharts';
import { useAppState } from '../../context';
import { type ChartPoint, highest, roundUp } from '../../logic/series';
import { formatRate } from '../../logic/words';
import { ChartCard, overTime } from './chart-card';
import { type OverTime, STILL, TimePlot } from './time-plot';

/** Activity a second: what came in each step as an area, its moving average as a line. */
export function TrafficChart({ points, domain }: OverTime) {
  const rate = useAppState((state) => formatRate(state.snapshot?.idle.trafficRate ?? 0));
  const count = useAppState((state) => state.snapshot?.idle.trafficCount ?? 0);
  const peak = highest(points, ['instantRate', 'trafficRate'], 0);
  return (
    <ChartCard
      title="Traffic rate"
      value={rate}
      unit="/s"
      spoken={`Traffic rate: ${rate} events a second on average; at most ${formatRate(peak)} in the last five minutes; ${count} events counted.`}
      foot={overTime(domain, 'events a second, EWMA')}
    >
      <TrafficPlot points={points} domain={domain} />
    </ChartCard>
  );
}

const TrafficPlot = memo(function TrafficPlot({ points, domain }: OverTime) {
  const top = roundUp(highest(points, ['instantRate', 'trafficRate'], 0.5));
  return (
    <TimePlot points={points} domain={domain} top={top} named={{ at: top, words: `${top} /s` }} tell={tell}>
      <Area {...STILL} dataKey="instantRate" type="linear" stroke="none" fill="var(--blue)" fillOpacity={0.22} />
      <Line {...STILL} dataKey="trafficRate" type="linear" stroke="var(--blue)" strokeWidth={1.6} />
    </TimePlot>
  );
});

function tell({ instantRate, trafficRate }: ChartPoint): string[] {
  return [`${formatRate(instantRate ?? 0)} /s`, `average ${formatRate(trafficRate ?? 0)} /s`];
}
