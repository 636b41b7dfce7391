import type { ReactNode } from 'react';
import { CartesianGrid, ComposedChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { formatClock } from '../../../shared/format';
import type { ChartPoint } from '../../logic/series';

export interface OverTime {
  points: ChartPoint[];
  /** First and last moment of the drawing, ms on the wall clock. */
  domain: [number, number];
}

interface Props extends OverTime {
  /** Top of the scale, in the lines' own unit. */
  top: number;
  /** A value of the scale that has a name (its top, a threshold), and the name, which stands on its line. */
  named: { at: number; words: string };
  /** What a point says when it is pointed at, one line each. */
  tell: (point: ChartPoint) => string[];
  children: ReactNode;
}

/** The frame of every chart over time: one scale from zero, three grid lines, no axis and no animation. */
export function TimePlot({ points, domain, top, named, tell, children }: Props) {
  return (
    <>
      <ResponsiveContainer width="100%" height="100%" minWidth={0} debounce={50}>
        <ComposedChart data={points} margin={{ top: 1, right: 0, bottom: 1, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" strokeWidth={1} />
          <XAxis dataKey="at" type="number" domain={domain} allowDataOverflow hide />
          <YAxis domain={[0, top]} ticks={[0, top / 2, top]} allowDataOverflow hide width={0} />
          {children}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--dim)', strokeWidth: 1 }}
            content={({ active, payload }) => {
              const point = payload?.[0]?.payload as ChartPoint | undefined;
              return active && point ? <PointWords ago={domain[1] - point.at} lines={tell(point)} /> : null;
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

function PointWords({ ago, lines }: { ago: number; lines: string[] }) {
  return (
    <div className="point-words">
      <div className="dim">{ago < 1000 ? 'now' : `−${formatClock(ago)}`}</div>
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}

/** Lines and areas look alike in every chart. */
export const STILL = { isAnimationActive: false, dot: false, activeDot: false, connectNulls: false } as const;
