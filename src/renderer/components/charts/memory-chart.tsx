import { memo } from 'react';
import { Area, ReferenceLine } from 'recharts';
import { formatBytes } from '../../../shared/format';
import { useAppState } from '../../context';
import type { ChartPoint } from '../../logic/series';
import { ChartCard, overTime } from './chart-card';
import { type OverTime, STILL, TimePlot } from './time-plot';

/** The machine's memory, and the workers' share of it. */
export function MemoryChart({ points, domain }: OverTime) {
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
      unit={`% of ${total}`}
      tone={memory.overThreshold ? 'amber' : undefined}
      spoken={`Memory: ${percent} percent of ${total} used${pressure}; ${workers}.`}
      foot={overTime(domain, workers)}
    >
      <MemoryPlot points={points} domain={domain} totalBytes={memory.totalBytes} pressurePercent={pressurePercent} />
    </ChartCard>
  );
}

interface MemoryPlotProps extends OverTime {
  totalBytes: number;
  pressurePercent: number | null;
}

const MemoryPlot = memo(function MemoryPlot({ points, domain, totalBytes, pressurePercent }: MemoryPlotProps) {
  const top = Math.max(1, totalBytes);
  const named =
    pressurePercent === null
      ? { at: top, words: formatBytes(totalBytes) }
      : { at: (top * pressurePercent) / 100, words: `pressure from ${pressurePercent} %` };
  return (
    <TimePlot points={points} domain={domain} top={top} named={named} tell={tell}>
      <Area {...STILL} dataKey="memoryUsedBytes" type="linear" stroke="none" fill="var(--dim)" fillOpacity={0.25} />
      <Area
        {...STILL}
        dataKey="workersRssBytes"
        type="linear"
        stroke="var(--green)"
        strokeWidth={1.6}
        fill="var(--green)"
        fillOpacity={0.35}
      />
      {pressurePercent !== null && (
        <ReferenceLine y={named.at} stroke="var(--amber)" strokeDasharray="2 3" strokeOpacity={0.8} />
      )}
    </TimePlot>
  );
});

function tell({ memoryUsedBytes, workersRssBytes }: ChartPoint): string[] {
  const used = `used ${formatBytes(memoryUsedBytes ?? 0)}`;
  return workersRssBytes === null ? [used] : [used, `workers ${formatBytes(workersRssBytes)}`];
}
