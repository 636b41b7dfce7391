import { describe, expect, it } from 'vitest';
import { type KnownHistory, recordedOverTime, stretchMs, stretchPoints } from '../../../src/renderer/logic/history';
import { highestNear, peakOf } from '../../../src/renderer/logic/series';
import { HISTORY_RANGE_MS, type HistoryPoint } from '../../../src/shared/model';
import { makeStretch } from '../../fixtures/renderer/pictures';

const MINUTE_MS = 60_000;
const UNTIL = 1_000 * MINUTE_MS;

/** Of stretches of a minute that begin at these minutes. */
const drawn = (...minutes: number[]) =>
  stretchPoints(
    minutes.map((minute) => makeStretch(minute * MINUTE_MS)),
    UNTIL,
  ).map(({ x, trafficRate }) => (trafficRate === null ? 'gap' : x / MINUTE_MS));

describe('recorded stretches', () => {
  it('are drawn from their beginning, and the last to its end', () => {
    expect(drawn(10, 11, 12)).toEqual([10, 11, 12, 13]);
    expect(drawn()).toEqual([]);
  });

  it('are broken where nothing was recorded, and a single one is seen', () => {
    expect(drawn(10, 11, 13)).toEqual([10, 11, 12, 'gap', 13, 14]);
    expect(drawn(10, 20, 30)).toEqual([10, 11, 'gap', 20, 21, 'gap', 30, 31]);
  });

  it('are not broken where short ones only stand apart as figures come', () => {
    const short = [0, 5_000, 14_000, 30_000].map((at) => makeStretch(at, { spanMs: 5_000 }));
    const gaps = stretchPoints(short, UNTIL).filter(({ trafficRate }) => trafficRate === null);
    expect(gaps.map(({ x }) => x)).toEqual([24_500]);
  });

  it('end now, however long the last one lasts', () => {
    expect(drawn(999.5)).toEqual([999.5, 1_000]);
  });

  it('tell of themselves wherever they are drawn', () => {
    const [begin, end] = stretchPoints([makeStretch(10 * MINUTE_MS)], UNTIL);
    expect([begin?.at, end?.at]).toEqual([10 * MINUTE_MS, 10 * MINUTE_MS]);
    expect(end?.spanMs).toBe(MINUTE_MS);
  });

  it('know where a figure is highest', () => {
    const points = stretchPoints(
      [1, 9, 4].map((instantRateMax, index) => makeStretch(index * MINUTE_MS, { instantRateMax })),
      UNTIL,
    );
    expect(peakOf(points, 'instantRateMax')).toMatchObject({ at: MINUTE_MS, instantRateMax: 9 });
    expect(peakOf(points, 'workersRssMaxBytes')).toBeNull();
  });

  it('tell of a peak that is near enough to be meant', () => {
    const points = stretchPoints(
      [2, 3, 0, 9].map((instantRateMax, index) => makeStretch(index * MINUTE_MS, { instantRateMax })),
      UNTIL,
    );
    const near = (index: number, minutes: number) => {
      const [at] = points.slice(index);
      return at && highestNear(points, at, 'instantRateMax', minutes * MINUTE_MS).at / MINUTE_MS;
    };
    expect([near(0, 0), near(0, 1), near(0, 2), near(0, 3)]).toEqual([0, 1, 1, 3]);
    expect([near(2, 0), near(2, 1)]).toEqual([2, 3]);
  });
});

describe('a recorded range', () => {
  const known = (points: HistoryPoint[]): KnownHistory => ({
    range: '24h',
    untilAt: UNTIL,
    answer: { ok: true, points },
  });

  it('is drawn whole, however much of it was recorded', () => {
    const over = recordedOverTime(known([makeStretch(UNTIL - MINUTE_MS)]));
    expect(over.domain).toEqual([UNTIL - HISTORY_RANGE_MS['24h'], UNTIL]);
    expect(over.missing).toBeNull();
  });

  it('says why there is nothing to draw', () => {
    expect(recordedOverTime(known([])).missing).toBe('Nothing was recorded in this time.');
    const failed = recordedOverTime({ ...known([]), answer: { ok: false, reason: 'The disk is gone.' } });
    expect([failed.missing, failed.points]).toEqual(['The disk is gone.', []]);
  });

  it('is of stretches that need no second look before they are over', () => {
    expect(stretchMs('1h')).toBe(9_000);
    expect(stretchMs('7d')).toBe(1_512_000);
  });
});
