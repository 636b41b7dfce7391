import type { ReactNode } from 'react';
import { formatDuration } from '../../../shared/format';

interface Props {
  title: string;
  /** The figure that matters now. */
  value: string;
  unit?: string;
  tone?: 'red' | 'amber';
  /** All of it in words, for those who do not see the drawing. */
  spoken: string;
  /** What stands under the left end, the middle and the right end of the drawing; over time only the middle differs. */
  foot: { from: ReactNode; middle: ReactNode; to: ReactNode };
  children: ReactNode;
}

/** The foot of a chart over time: what its ends are. */
export function overTime([start, end]: [number, number], middle: ReactNode): Props['foot'] {
  return {
    from: <span className="foot-end">−{formatDuration(end - start)}</span>,
    middle,
    to: <span className="foot-end">now</span>,
  };
}

/** One chart: title, figure, drawing, and the figure's threshold at its foot. */
export function ChartCard({ title, value, unit, tone, spoken, foot, children }: Props) {
  return (
    <div className="card chart" role="img" aria-label={spoken}>
      <div className="chart-head">
        <span className="label">{title}</span>
        <span className={tone ? `figure tone-${tone}` : 'figure'}>
          {value}
          {unit && <span className="unit"> {unit}</span>}
        </span>
      </div>
      <div className="plot">{children}</div>
      <div className="chart-foot">
        <span>{foot.from}</span>
        <span>{foot.middle}</span>
        <span>{foot.to}</span>
      </div>
    </div>
  );
}
