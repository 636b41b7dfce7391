import type { ReactNode } from 'react';
import { CartesianGrid, ComposedChart, ResponsiveContainer, Tooltip, useChartWidth, XAxis, YAxis } from 'recharts';
import { formatClock } from '../../../shared/format';
import { type ChartPoint, type Figure, highestNear, isGap, type OverTime } from '../../logic/series';
import { stretchWords } from '../../logic/time-axis';

interface Props {
  over: OverTime;
  /** Top of the scale, in the lines' own unit. */
  top: number;
  /** A value of the scale that has a name (its top, a threshold), and the name, which stands on its line. */
  named: { at: number; words: string };
  /** What a point says when it is pointed at, one line each. */
  tell: (point: ChartPoint) => string[];
  /** The figure whose peaks must be told however narrow they are. */
  peaks: Figure;
  children: ReactNode;
}

/** The frame of every chart over time: one scale from zero, three grid lines and those of its times, no animation. */
export function TimePlot({ over, top, named, tell, peaks, children }: Props) {
  const { points, domain, axis, missing } = over;
  if (missing !== null) {
    return (
      <p className="plot-empty" title={missing}>
        <span>{missing}</span>
      </p>
    );
  }
  return (
    <>
      <ResponsiveContainer width="100%" height="100%" minWidth={0} debounce={50}>
        <ComposedChart data={points} margin={{ top: 1, right: 0, bottom: 1, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={axis.lines.length > 0} stroke="var(--line)" strokeWidth={1} />
          <XAxis dataKey="x" type="number" domain={domain} ticks={axis.lines} interval={0} allowDataOverflow hide />
          <YAxis domain={[0, top]} ticks={[0, top / 2, top]} allowDataOverflow hide width={0} />
          {children}
          <Tooltip
            filterNull={false}
            isAnimationActive={false}
            cursor={{ stroke: 'var(--dim)', strokeWidth: 1 }}
            content={({ active, payload }) => {
              const point = payload?.[0]?.payload as ChartPoint | undefined;
              return active && point ? <PointWords near={point} over={over} tell={tell} peaks={peaks} /> : null;
            }}
          />
        </ComposedChart>
      </ResponsiveContainer>
      <span className="plot-name" style={{ top: `${100 * (1 - named.at / top)}%` }}>
        {named.words}
      </span>
    </>
  );
}

function whenWords(point: ChartPoint, { range, domain: [, end] }: OverTime): string {
  if (range !== '5min') return stretchWords(point, end);
  const ago = end - point.at;
  return ago < 1000 ? 'now' : `−${formatClock(ago)}`;
}

interface PointWordsProps extends Pick<Props, 'over' | 'tell' | 'peaks'> {
  /** The point the pointer is nearest to. */
  near: ChartPoint;
}

/** A pointer can be so much beside what it means. */
const BESIDE_PX = 2;

function PointWords({ near, over, tell, peaks }: PointWordsProps) {
  const { points, domain } = over;
  const width = useChartWidth() ?? 0;
  const withinMs = width ? (BESIDE_PX * (domain[1] - domain[0])) / width : 0;
  const point = over.range === '5min' ? near : highestNear(points, near, peaks, withinMs);
  return (
    <div className="point-words">
      <div className="dim">{whenWords(point, over)}</div>
      {(isGap(point) ? ['nothing recorded'] : tell(point)).map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}

/** Lines and areas look alike in every chart. */
export const STILL = { isAnimationActive: false, dot: false, activeDot: false, connectNulls: false } as const;
