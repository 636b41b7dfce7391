import {
  HISTORY_POINTS_MAX,
  HISTORY_RANGE_MS,
  type HistoryAnswer,
  type HistoryPoint,
  type HistoryRange,
} from '../../shared/model';
import { type ChartPoint, gapAt, type OverTime } from './series';
import { timeAxis } from './time-axis';

/** How each range is written, and said after "in the last". */
export const RANGE_WORDS: Record<HistoryRange, { short: string; spoken: string }> = {
  '5min': { short: '5 min', spoken: 'five minutes' },
  '1h': { short: '1 h', spoken: 'hour' },
  '24h': { short: '24 h', spoken: '24 hours' },
  '7d': { short: '7 d', spoken: 'seven days' },
};

/** What was answered of a range that is read from the history, and when on the engine's wall clock. */
export interface KnownHistory {
  range: HistoryRange;
  untilAt: number;
  answer: HistoryAnswer;
}

/** Before it is over, a new answer would show the same. */
export function stretchMs(range: HistoryRange): number {
  return Math.ceil(HISTORY_RANGE_MS[range] / HISTORY_POINTS_MAX);
}

/** A recorded range as the charts draw it. */
export function recordedOverTime({ range, untilAt, answer }: KnownHistory): OverTime {
  const domain: [number, number] = [untilAt - HISTORY_RANGE_MS[range], untilAt];
  const points = answer.ok ? stretchPoints(answer.points, untilAt) : [];
  const nothing = points.length ? null : 'Nothing was recorded in this time.';
  return { range, points, domain, axis: timeAxis(range, domain), missing: answer.ok ? nothing : answer.reason };
}

/** Figures come every few seconds: stretches may stand so far apart without anything missing between them. */
const BETWEEN_FIGURES_MS = 10_000;

/**
 * A stretch is drawn from its beginning. Where the next one does not follow, it is drawn to its end and the line is
 * broken: a single stretch is seen, and nothing is drawn where nothing was recorded.
 */
export function stretchPoints(points: readonly HistoryPoint[], untilAt: number): ChartPoint[] {
  const drawn: ChartPoint[] = [];
  points.forEach((point, index) => {
    drawn.push({ ...point, x: point.at });
    const end = Math.min(point.at + point.spanMs, untilAt);
    const next = points[index + 1];
    const missingMs = next ? next.at - end : 0;
    const isBroken = missingMs > BETWEEN_FIGURES_MS;
    if (isBroken || !next) drawn.push({ ...point, x: end });
    if (isBroken) drawn.push(gapAt(end + missingMs / 2));
  });
  return drawn;
}
