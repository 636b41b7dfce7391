import { describe, expect, it } from 'vitest';
import {
  CHART_SPAN_MS,
  chartDomain,
  chartPoints,
  highest,
  roundUp,
  roundUpTime,
} from '../../../src/renderer/logic/series';
import { SERIES_STEP_MS } from '../../../src/shared/model';
import { makePoint } from '../../fixtures/renderer/pictures';

describe('the charts over time', () => {
  it.each([
    [0, 60_000],
    [60_000, 60_000],
    [62_000, 120_000],
    [122_000, 300_000],
    [9_000_000, 300_000],
  ])('with points of the last %d ms they span %d ms, which end with the newest', (knownMs, spanMs) => {
    const newest = 10_000_000;
    expect(chartDomain([makePoint(newest - knownMs), makePoint(newest)], 5)).toEqual([newest - spanMs, newest]);
  });

  it('end now as long as there is no point', () => {
    expect(CHART_SPAN_MS).toBe(300_000);
    expect(chartDomain([], 900_000)).toEqual([840_000, 900_000]);
  });

  it('leave out what is older', () => {
    const points = chartPoints([makePoint(600_000), makePoint(1_000_000)], 0);
    expect(points.map((point) => point.at)).toEqual([1_000_000]);
  });

  it('break the line where points are missing, and only there', () => {
    const steady = [0, 1, 2].map((step) => makePoint(1_000_000 + step * SERIES_STEP_MS));
    expect(chartPoints(steady, 0)).toHaveLength(3);
    const asleep = [...steady, makePoint(1_100_000)];
    const points = chartPoints(asleep, 0);
    expect(points).toHaveLength(5);
    expect(points[3]).toMatchObject({ trafficRate: null, memoryUsedBytes: null });
  });

  it('know their highest value, across lines, over a floor', () => {
    const points = chartPoints([makePoint(1, { instantRate: 2 }), makePoint(2, { trafficRate: 3 })], 2);
    expect(highest(points, ['instantRate', 'trafficRate'], 0.5)).toBe(3);
    expect(highest(points, ['workersRssBytes'], 0.5)).toBe(0.5);
  });

  it.each([
    [0, 1],
    [0.5, 0.5],
    [0.51, 0.7],
    [2.1, 3],
    [7.2, 10],
    [140, 150],
  ])('the scale for %d ends at %d', (value, top) => expect(roundUp(value)).toBe(top));

  it.each([
    [10_200, 15_000],
    [61_000, 90_000],
    [122_400, 180_000],
    [3_600_001, 7_200_000],
  ])('the scale for %d ms ends at %d ms', (value, top) => expect(roundUpTime(value)).toBe(top));
});
