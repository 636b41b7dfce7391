import { useEffect, useMemo } from 'react';
import { Bar, BarChart, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { formatDuration } from '../../../shared/format';
import { useApp, useEngineNow } from '../../context';
import {
  BARS_SHOWN,
  barScaleMs,
  type HeartbeatBar,
  heartbeatBars,
  oldestSigns,
  thresholdRange,
} from '../../logic/heartbeat-bars';
import { AgeBar } from './age-bar';
import { ChartCard, ChartFoot } from './chart-card';
import { useHeight } from './use-height';

const NONE: never[] = [];
/** A bar with its name needs this much, px. */
const BAND_PX = 12;

/**
 * The oldest heartbeats against each worker's own thresholds. Ages move every second in any case, so it is drawn with
 * the clock and not with every delta.
 */
export function HeartbeatChart() {
  const { focus, store } = useApp();
  const now = useEngineNow();
  const workers = store.getState().snapshot?.workers ?? NONE;
  const [plot, height] = useHeight<HTMLDivElement>();
  const oldest = useMemo(() => oldestSigns(workers), [workers]);
  const { bars, overThreshold, judged } = heartbeatBars(workers, oldest, now);
  const shown = bars.slice(0, Math.min(BARS_SHOWN, Math.max(1, Math.floor(height / BAND_PX))));
  useEffect(() => focus.setCharted(oldest.map((row) => row.id)), [focus, oldest]);

  const missing = thresholdRange(
    shown.map((bar) => bar.heartbeatMissingMs),
    formatDuration,
  );
  const stale = thresholdRange(
    shown.map((bar) => bar.heartbeatStaleMs),
    formatDuration,
  );
  return (
    <ChartCard
      title="Heartbeat age"
      value={String(overThreshold)}
      unit="over a threshold"
      tone={bars.some((bar) => bar.tone === 'red') ? 'red' : undefined}
      spoken={`${spokenBars(bars, overThreshold, judged)} Missing after ${missing}, stale after ${stale}.`}
      foot={
        <ChartFoot
          from={<span className="threshold-missing">missing {missing}</span>}
          middle={judged > shown.length ? `oldest ${shown.length} of ${judged.toLocaleString('en')}` : ''}
          to={<span className="threshold-stale">stale {stale}</span>}
        />
      }
    >
      <div ref={plot} className="bars">
        {shown.length ? <BarPlot bars={shown} /> : <p className="plot-empty">No worker is judged by its age.</p>}
      </div>
    </ChartCard>
  );
}

function spokenBars(bars: readonly HeartbeatBar[], overThreshold: number, judged: number): string {
  const oldest = bars.map((bar) => `${bar.name} ${formatDuration(bar.ageMs)}`).join(', ');
  return `Heartbeat age: ${overThreshold} of ${judged} over a threshold. Oldest: ${oldest || 'none'}.`;
}

function BarPlot({ bars }: { bars: HeartbeatBar[] }) {
  const scaleMs = barScaleMs(bars);
  return (
    <ResponsiveContainer width="100%" height="100%" minWidth={0} debounce={50}>
      <BarChart
        data={bars}
        layout="vertical"
        margin={{ top: 0, right: 0, bottom: 0, left: 0 }}
        barCategoryGap={0}
        accessibilityLayer={false}
      >
        <XAxis type="number" domain={[0, scaleMs]} allowDataOverflow hide />
        <YAxis type="category" dataKey="id" hide width={0} interval={0} />
        <Bar
          dataKey="ageMs"
          isAnimationActive={false}
          shape={(props: unknown) => <AgeBar {...(props as AgeBarShape)} scaleMs={scaleMs} />}
        />
      </BarChart>
    </ResponsiveContainer>
  );
}

/** What Recharts hands to the shape of a bar; `background` is the bar's whole band. */
interface AgeBarShape {
  payload: HeartbeatBar;
  background: { x: number; y: number; width: number; height: number };
}
