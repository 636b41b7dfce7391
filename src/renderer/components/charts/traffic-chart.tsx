import { memo } from 'react';
import { Area, Line } from 'recharts';
import { useAppState } from '../../context';
import { RANGE_WORDS } from '../../logic/history';
import { type ChartPoint, highest, type OverTime, peakOf, roundUp } from '../../logic/series';
import { stretchWords } from '../../logic/time-axis';
import { formatRate } from '../../logic/words';
import { ChartCard } from './chart-card';
import { PeakBand } from './peak-band';
import { TimeFoot } from './time-foot';
import { STILL, TimePlot } from './time-plot';

/** Activity a second: what came in each step as an area, its moving average as a line; of a stretch the most, and the mean. */
export function TrafficChart({ over }: { over: OverTime }) {
  // As the line ends: between two points it leaps with every event.
  const rate = useAppState((state) => formatRate(state.snapshot?.series.at(-1)?.trafficRate ?? 0));
  const count = useAppState((state) => state.snapshot?.idle.trafficCount ?? 0);
  return (
    <ChartCard
      title="Traffic rate"
      value={rate}
      unit={over.range === '5min' ? '/s' : '/s now'}
      spoken={`Traffic rate: ${rate} events a second on average; ${spokenPeak(over)}; ${count} events counted.`}
      foot={<TimeFoot over={over} now="events a second, EWMA" />}
    >
      <TrafficPlot over={over} />
    </ChartCard>
  );
}

function spokenPeak({ range, points, domain }: OverTime): string {
  const peak = peakOf(points, 'instantRateMax');
  const most = `at most ${formatRate(peak?.instantRateMax ?? 0)} in the last ${RANGE_WORDS[range].spoken}`;
  return peak && range !== '5min' ? `${most}, at ${stretchWords(peak, domain[1])}` : most;
}

const TrafficPlot = memo(function TrafficPlot({ over }: { over: OverTime }) {
  const isLive = over.range === '5min';
  const top = roundUp(highest(over.points, ['instantRateMax', 'trafficRateMax'], 0.5));
  return (
    <TimePlot
      over={over}
      top={top}
      named={{ at: top, words: `${top} /s` }}
      peaks="instantRateMax"
      tell={isLive ? tellMoment : tellStretch}
    >
      <Area
        {...STILL}
        dataKey="instantRateMax"
        type={isLive ? 'linear' : 'stepAfter'}
        stroke={isLive ? 'none' : 'var(--blue)'}
        strokeWidth={1}
        strokeOpacity={0.45}
        fill="var(--blue)"
        fillOpacity={0.22}
      />
      {!isLive && <PeakBand mean="trafficRate" max="trafficRateMax" colour="var(--blue)" />}
      <Line {...STILL} dataKey="trafficRate" type="linear" stroke="var(--blue)" strokeWidth={1.6} />
    </TimePlot>
  );
});

function tellMoment({ instantRate, trafficRate }: ChartPoint): string[] {
  return [`${formatRate(instantRate ?? 0)} /s`, `average ${formatRate(trafficRate ?? 0)} /s`];
}

function tellStretch({ trafficRate, instantRateMax }: ChartPoint): string[] {
  return [`average ${formatRate(trafficRate ?? 0)} /s`, `at most ${formatRate(instantRateMax ?? 0)} /s`];
}
