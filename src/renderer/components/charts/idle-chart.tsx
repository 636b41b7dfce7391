import { memo } from 'react';
import { Area, Line } from 'recharts';
import { formatClock, formatDuration } from '../../../shared/format';
import type { IdleStats } from '../../../shared/model';
import { useAppState, useEngineNow } from '../../context';
import { ageNow } from '../../logic/ages';
import { type ChartPoint, highest, type OverTime, roundUpTime } from '../../logic/series';
import { ChartCard } from './chart-card';
import { TimeFoot } from './time-foot';
import { STILL, TimePlot } from './time-plot';

/** How long it is to idle: the moving timeout as steps, the quiet time rising towards it. */
export function IdleChart({ over }: { over: OverTime }) {
  const idle = useAppState((state) => state.snapshot?.idle);
  const takenAt = useAppState((state) => state.snapshot?.takenAt ?? 0);
  const now = useEngineNow();
  if (!idle) return null;
  const quietMs = ageNow(idle.sinceTrafficMs, takenAt, now);
  const timeout = formatClock(idle.idleTimeoutMs);
  const quiet = quietMs === null ? 'no traffic yet' : `quiet for ${formatClock(quietMs)}`;
  const value = idleFigure(idle, quietMs);
  return (
    <ChartCard
      title={idle.isIdle ? 'Idle timeout' : 'Idle in'}
      value={value}
      spoken={`${idle.isIdle ? 'Idle' : `Idle in ${value}`}: idle timeout ${timeout}, ${quiet}. ${idle.reason}`}
      foot={<TimeFoot over={over} now={`timeout ${timeout} · ${quiet}`} />}
    >
      <IdlePlot over={over} />
    </ChartCard>
  );
}

/** `0:38`, `idle`, or `held` where the quiet is long enough and something else keeps it from being idle. */
function idleFigure(idle: IdleStats, quietMs: number | null): string {
  if (idle.isIdle) return 'idle';
  if (quietMs === null) return '–';
  const restMs = idle.idleTimeoutMs - quietMs;
  return restMs > 0 ? formatClock(restMs + 999) : 'held';
}

const IdlePlot = memo(function IdlePlot({ over }: { over: OverTime }) {
  const top = roundUpTime(highest(over.points, ['idleTimeoutMs'], 10_000) * 1.02);
  return (
    <TimePlot peaks="sinceTrafficMs" over={over} top={top} named={{ at: top, words: formatDuration(top) }} tell={tell}>
      <Area {...STILL} dataKey="sinceTrafficMs" type="linear" stroke="none" fill="var(--violet)" fillOpacity={0.24} />
      <Line {...STILL} dataKey="idleTimeoutMs" type="stepAfter" stroke="var(--violet)" strokeWidth={1.6} />
    </TimePlot>
  );
});

/** Of a stretch the quiet is the longest in it. */
function tell({ idleTimeoutMs, sinceTrafficMs, spanMs }: ChartPoint): string[] {
  const timeout = `timeout ${formatClock(idleTimeoutMs ?? 0)}`;
  if (sinceTrafficMs === null) return [timeout];
  return [timeout, `quiet for ${spanMs ? 'up to ' : ''}${formatClock(sinceTrafficMs)}`];
}
