import { memo } from 'react';
import { Area, ReferenceLine } from 'recharts';
import { formatBytes } from '../../../shared/format';
import { useAppState } from '../../context';
import { RANGE_WORDS } from '../../logic/history';
import { type ChartPoint, type OverTime, peakOf } from '../../logic/series';
import { stretchWords } from '../../logic/time-axis';
import { ChartCard } from './chart-card';
import { PeakBand } from './peak-band';
import { TimeFoot } from './time-foot';
import { STILL, TimePlot } from './time-plot';

/** The machine's memory, and the workers' share of it. */
export function MemoryChart({ over }: { over: OverTime }) {
  const memory = useAppState((state) => state.snapshot?.memory);
  const pressurePercent = useAppState((state) => state.settings?.settings.memoryPressurePercent ?? null);
  if (!memory) return null;
  const percent = memory.totalBytes ? Math.round((memory.usedBytes / memory.totalBytes) * 100) : 0;
  const total = formatBytes(memory.totalBytes);
  const growing = memory.growing ? 'growing' : 'not growing';
  const workers =
    memory.workersRssBytes === null
      ? 'no worker process'
      : `workers ${formatBytes(memory.workersRssBytes)} · ${growing}`;
  const pressure = pressurePercent === null ? '' : `, pressure from ${pressurePercent} %`;
  return (
    <ChartCard
      title="Memory"
      value={String(percent)}
      unit={`% of ${total}${over.range === '5min' ? '' : ' now'}`}
      tone={memory.overThreshold ? 'amber' : undefined}
      spoken={`Memory: ${percent} percent of ${total} used${pressure}; ${workers}.${spokenPeak(over)}`}
      foot={<TimeFoot over={over} now={workers} />}
    >
      <MemoryPlot over={over} totalBytes={memory.totalBytes} pressurePercent={pressurePercent} />
    </ChartCard>
  );
}

interface MemoryPlotProps {
  over: OverTime;
  totalBytes: number;
  pressurePercent: number | null;
}

const MemoryPlot = memo(function MemoryPlot({ over, totalBytes, pressurePercent }: MemoryPlotProps) {
  const isLive = over.range === '5min';
  const top = Math.max(1, totalBytes);
  const named =
    pressurePercent === null
      ? { at: top, words: formatBytes(totalBytes) }
      : { at: (top * pressurePercent) / 100, words: `pressure from ${pressurePercent} %` };
  return (
    <TimePlot over={over} top={top} named={named} peaks="workersRssMaxBytes" tell={isLive ? tellMoment : tellStretch}>
      <Area {...STILL} dataKey="memoryUsedBytes" type="linear" stroke="none" fill="var(--dim)" fillOpacity={0.25} />
      {!isLive && <PeakBand mean="memoryUsedBytes" max="memoryUsedMaxBytes" colour="var(--dim)" />}
      <Area
        {...STILL}
        dataKey="workersRssBytes"
        type="linear"
        stroke="var(--green)"
        strokeWidth={1.6}
        fill="var(--green)"
        fillOpacity={0.35}
      />
      {!isLive && <PeakBand mean="workersRssBytes" max="workersRssMaxBytes" colour="var(--green)" />}
      {pressurePercent !== null && (
        <ReferenceLine y={named.at} stroke="var(--amber)" strokeDasharray="2 3" strokeOpacity={0.8} />
      )}
    </TimePlot>
  );
});

function tellMoment({ memoryUsedBytes, workersRssBytes }: ChartPoint): string[] {
  const used = `used ${formatBytes(memoryUsedBytes ?? 0)}`;
  return workersRssBytes === null ? [used] : [used, `workers ${formatBytes(workersRssBytes)}`];
}

function tellStretch(point: ChartPoint): string[] {
  const used = `used ${upTo(point.memoryUsedBytes ?? 0, point.memoryUsedMaxBytes)}`;
  return point.workersRssBytes === null
    ? [used]
    : [used, `workers ${upTo(point.workersRssBytes, point.workersRssMaxBytes)}`];
}

/** `5.2 GB, at most 7.9 GB`. */
function upTo(mean: number, max: number | null): string {
  return max === null ? formatBytes(mean) : `${formatBytes(mean)}, at most ${formatBytes(max)}`;
}

/** Of a recorded range, where the workers' memory was highest. */
function spokenPeak({ range, points, domain }: OverTime): string {
  const peak = range === '5min' ? null : peakOf(points, 'workersRssMaxBytes');
  if (!peak) return '';
  const most = formatBytes(peak.workersRssMaxBytes ?? 0);
  return ` Workers at most ${most} in the last ${RANGE_WORDS[range].spoken}, at ${stretchWords(peak, domain[1])}.`;
}
