import {
  HISTORY_RANGE_MS,
  type HistoryPoint,
  type HistoryRange,
  SERIES_STEP_MS,
  type SeriesPoint,
} from '../../shared/model';
import type { TimeAxis } from './time-axis';

/** The live charts show this much time at most, ending now. */
export const CHART_SPAN_MS = HISTORY_RANGE_MS['5min'];
/** They show less while less is known, so that the first minutes do not lie in a corner. */
const SPANS_MS = [60_000, 120_000, CHART_SPAN_MS];

/** What the charts draw of a stretch of time: means and greatest values. */
export type Figure = Exclude<keyof HistoryPoint, 'at' | 'spanMs' | 'busyMax' | 'waitingMax' | 'wrongMax'>;

/** One point of the charts over time; its figures are null where there is nothing to draw. */
export interface ChartPoint extends Record<Figure, number | null> {
  /** Where it stands in the drawing, ms on the wall clock. */
  x: number;
  /** What it tells of begins then, and lasts so long; 0: a moment. */
  at: number;
  spanMs: number;
}

/** What the charts over time draw. */
export interface OverTime {
  range: HistoryRange;
  points: ChartPoint[];
  /** First and last moment of the drawing, ms on the wall clock. */
  domain: [number, number];
  axis: TimeAxis;
  /** Why there is nothing to draw, in words. */
  missing: string | null;
}

/** The last minutes as the picture itself brings them. `takenAt`: of the picture, for a series that is still empty. */
export function liveOverTime(series: readonly SeriesPoint[], takenAt: number): OverTime {
  const domain = chartDomain(series, takenAt);
  const axis: TimeAxis = { lines: [], labels: [] };
  return { range: '5min', points: chartPoints(series, takenAt), domain, axis, missing: null };
}

/** From the first point of the chart's time to the last, ms on the wall clock. */
export function chartDomain(series: readonly SeriesPoint[], takenAt: number): [number, number] {
  const end = series.at(-1)?.at ?? takenAt;
  const known = end - (series[0]?.at ?? end);
  return [end - (SPANS_MS.find((span) => span >= known) ?? CHART_SPAN_MS), end];
}

/** The points of the chart's time; where points are missing (paused, asleep) the line is broken, not drawn across. */
export function chartPoints(series: readonly SeriesPoint[], takenAt: number): ChartPoint[] {
  const [start] = chartDomain(series, takenAt);
  const points: ChartPoint[] = [];
  let before: SeriesPoint | null = null;
  for (const point of series) {
    if (point.at < start) continue;
    if (before && point.at - before.at > 3 * SERIES_STEP_MS) points.push(gapAt((point.at + before.at) / 2));
    points.push(momentOf(point));
    before = point;
  }
  return points;
}

/** Of one moment the mean is the greatest value too. */
function momentOf(point: SeriesPoint): ChartPoint {
  return {
    ...point,
    x: point.at,
    spanMs: 0,
    instantRateMax: point.instantRate,
    trafficRateMax: point.trafficRate,
    memoryUsedMaxBytes: point.memoryUsedBytes,
    workersRssMaxBytes: point.workersRssBytes,
  };
}

/** Where a line is broken. */
export function gapAt(x: number): ChartPoint {
  return {
    ...{ x, at: x, spanMs: 0 },
    instantRate: null,
    instantRateMax: null,
    trafficRate: null,
    trafficRateMax: null,
    idleTimeoutMs: null,
    sinceTrafficMs: null,
    memoryUsedBytes: null,
    memoryUsedMaxBytes: null,
    workersRssBytes: null,
    workersRssMaxBytes: null,
  };
}

/** Whether a line is broken there: of everything that is recorded, this is known. */
export function isGap({ memoryUsedBytes }: ChartPoint): boolean {
  return memoryUsedBytes === null;
}

/** The highest value of some lines, and at least `floor`, so that a quiet chart lies low. */
export function highest(points: readonly ChartPoint[], keys: readonly Figure[], floor: number): number {
  let max = floor;
  for (const point of points) {
    for (const key of keys) max = Math.max(max, point[key] ?? 0);
  }
  return max;
}

/** The point at which a figure is highest; null: it is nowhere more than 0. */
export function peakOf(points: readonly ChartPoint[], key: Figure): ChartPoint | null {
  let peak: ChartPoint | null = null;
  for (const point of points) if ((point[key] ?? 0) > (peak?.[key] ?? 0)) peak = point;
  return peak;
}

/** Of the points that stand so near to one, that at which a figure is highest: narrow ones cannot be pointed at each. */
export function highestNear(
  points: readonly ChartPoint[],
  near: ChartPoint,
  key: Figure,
  withinMs: number,
): ChartPoint {
  const neighbours = points.filter(({ x }) => Math.abs(x - near.x) <= withinMs);
  return peakOf(neighbours, key) ?? near;
}

const ROUND_STEPS = [1, 1.5, 2, 3, 5, 7, 10];
const ROUND_SECONDS = [15, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600];

/** The next round number up, so that the scale seldom moves. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = ROUND_STEPS.find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(2));
}

/** The next round length of time up, ms. */
export function roundUpTime(ms: number): number {
  const seconds = ROUND_SECONDS.find((candidate) => candidate * 1000 >= ms);
  return seconds === undefined ? Math.ceil(ms / 3_600_000) * 3_600_000 : seconds * 1000;
}
