import type { ReactNode } from 'react';
import { formatDuration } from '../../../shared/format';
import type { OverTime } from '../../logic/series';
import { ChartFoot } from './chart-card';

interface Props {
  over: OverTime;
  /** What is said of now, where the drawing is of now. */
  now: ReactNode;
}

/** The foot of a chart over time: what its ends are; of a recorded range its times of day or days. */
export function TimeFoot({ over, now }: Props) {
  const [start, end] = over.domain;
  if (over.range === '5min') {
    return (
      <ChartFoot
        from={<span className="foot-end">−{formatDuration(end - start)}</span>}
        middle={now}
        to={<span className="foot-end">now</span>}
      />
    );
  }
  return (
    <div className="chart-foot time-axis">
      {over.axis.labels.map(({ at, words }) => (
        <span key={at} style={{ left: `${(100 * (at - start)) / (end - start)}%` }}>
          {words}
        </span>
      ))}
    </div>
  );
}
