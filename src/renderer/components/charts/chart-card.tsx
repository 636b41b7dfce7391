import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** The figure that matters now. */
  value: string;
  unit?: string;
  tone?: 'red' | 'amber';
  /** All of it in words, for those who do not see the drawing. */
  spoken: string;
  /** What stands below the drawing, of the class `chart-foot`. */
  foot: ReactNode;
  children: ReactNode;
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
      {foot}
    </div>
  );
}

interface FootProps {
  /** What stands under the left end, the middle and the right end of the drawing. */
  from: ReactNode;
  middle: ReactNode;
  to: ReactNode;
}

export function ChartFoot({ from, middle, to }: FootProps) {
  return (
    <div className="chart-foot">
      <span>{from}</span>
      <span>{middle}</span>
      <span>{to}</span>
    </div>
  );
}
