import type { ReactNode } from 'react';
import { CartesianGrid, ComposedChart, ResponsiveContainer, XAxis, YAxis } from 'recharts';
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
  children: ReactNode;
}

/** The frame of every chart over time: one scale from zero, three grid lines, no axis and no animation. */
export function TimePlot({ points, domain, top, named, children }: Props) {
  return (
    <>
      <ResponsiveContainer width="100%" height="100%" minWidth={0} debounce={50}>
        <ComposedChart data={points} margin={{ top: 1, right: 0, bottom: 1, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" strokeWidth={1} />
          <XAxis dataKey="at" type="number" domain={domain} allowDataOverflow hide />
          <YAxis domain={[0, top]} ticks={[0, top / 2, top]} allowDataOverflow hide width={0} />
          {children}
        </ComposedChart>
      </ResponsiveContainer>
      <span className="plot-name" style={{ top: `${100 * (1 - named.at / top)}%` }}>
        {named.words}
      </span>
    </>
  );
}

/** Lines and areas look alike in every chart. */
export const STILL = { isAnimationActive: false, dot: false, activeDot: false, connectNulls: false } as const;
