import { SERIES_KEPT, SERIES_STEP_MS, type SeriesPoint } from '../../shared/model';

/** The charts show this much time at most, ending now. */
export const CHART_SPAN_MS = SERIES_KEPT * SERIES_STEP_MS;
/** They show less while less is known, so that the first minutes do not lie in a corner. */
const SPANS_MS = [60_000, 120_000, CHART_SPAN_MS];

/** One point of the charts over time; null where there is nothing to draw. */
export interface ChartPoint {
  at: number;
  instantRate: number | null;
  trafficRate: number | null;
  idleTimeoutMs: number | null;
  sinceTrafficMs: number | null;
  memoryUsedBytes: number | null;
  workersRssBytes: number | null;
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
    points.push(point);
    before = point;
  }
  return points;
}

function gapAt(at: number): ChartPoint {
  return {
    at,
    instantRate: null,
    trafficRate: null,
    idleTimeoutMs: null,
    sinceTrafficMs: null,
    memoryUsedBytes: null,
    workersRssBytes: null,
  };
}

/** The highest value of some lines, and at least `floor`, so that a quiet chart lies low. */
export function highest(
  points: readonly ChartPoint[],
  keys: readonly Exclude<keyof ChartPoint, 'at'>[],
  floor: number,
): number {
  let max = floor;
  for (const point of points) {
    for (const key of keys) max = Math.max(max, point[key] ?? 0);
  }
  return max;
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
