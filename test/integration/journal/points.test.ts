import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Figures, HistoryPoint } from '../../../src/shared/model';
import { DAY, HOUR, MINUTE, NOW, openedJournal, ownDirectory, someFigures, times } from './state';

/** How a test sees points: what must hold of them whatever was recorded. */
function expectFaithful(points: HistoryPoint[], recorded: Figures[], limit: number): void {
  expect(points.length).toBeLessThanOrEqual(limit);
  for (const [index, point] of points.entries()) {
    expect(point.spanMs).toBeGreaterThan(0);
    const next = points[index + 1];
    if (next) expect(next.at).toBeGreaterThanOrEqual(point.at + point.spanMs);
    const own = recorded.filter(({ at }) => at >= point.at && at < point.at + point.spanMs);
    expect(own.length).toBeGreaterThan(0);
    expectMean(point.instantRate, own, 'instantRate');
    expectMean(point.trafficRate, own, 'trafficRate');
    expectMean(point.idleTimeoutMs, own, 'idleTimeoutMs');
    expectMean(point.memoryUsedBytes, own, 'memoryUsedBytes');
    expectMean(point.workersRssBytes, own, 'workersRssBytes');
    expect(point.instantRateMax).toBe(greatest(own, 'instantRate'));
    expect(point.trafficRateMax).toBe(greatest(own, 'trafficRate'));
    expect(point.memoryUsedMaxBytes).toBe(greatest(own, 'memoryUsedBytes'));
    expect(point.workersRssMaxBytes).toBe(greatest(own, 'workersRssBytes'));
    expect(point.sinceTrafficMs).toBe(greatest(own, 'sinceTrafficMs'));
    expect(point.busyMax).toBe(greatest(own, 'busy'));
    expect(point.waitingMax).toBe(greatest(own, 'waiting'));
    expect(point.wrongMax).toBe(greatest(own, 'wrong'));
  }
}

function known(figures: Figures[], key: keyof Figures): number[] {
  return figures.flatMap((one) => one[key] ?? []);
}

function greatest(figures: Figures[], key: keyof Figures): number | null {
  const values = known(figures, key);
  return values.length ? Math.max(...values) : null;
}

function expectMean(mean: number | null, figures: Figures[], key: keyof Figures): void {
  const values = known(figures, key);
  if (!values.length) expect(mean).toBeNull();
  else expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3);
}

/** All that was recorded from `fromAt` on stands in one of them. */
function expectAllIn(points: HistoryPoint[], recorded: Figures[], fromAt: number, untilAt: number): void {
  const missing = recorded.filter(
    ({ at }) => at >= fromAt && at < untilAt && !points.some((point) => at >= point.at && at < point.at + point.spanMs),
  );
  expect(missing).toEqual([]);
}

const rate = fc.double({ min: 0, max: 1_000, noNaN: true });
const count = fc.nat(10_000);
const anyFigures = fc.record({
  instantRate: rate,
  trafficRate: rate,
  idleTimeoutMs: fc.integer({ min: 1, max: 120_000 }),
  sinceTrafficMs: fc.option(fc.nat(10_000_000)),
  memoryUsedBytes: fc.nat(2 ** 31 - 1),
  workersRssBytes: fc.option(fc.nat(2 ** 31 - 1)),
  busy: count,
  waiting: count,
  wrong: count,
});

describe('points', () => {
  it('are means with the greatest beside them, of whatever was recorded, whenever it is asked for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40 * DAY }), anyFigures), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 40 * DAY }),
        fc.integer({ min: 1, max: 40 * DAY }),
        fc.integer({ min: 1, max: 400 }),
        fc.boolean(),
        (recorded, back, lengthMs, limit, wasKeptUp) => {
          const journal = openedJournal(ownDirectory());
          const figures = recorded.map(([ageMs, one]) => ({ ...one, at: NOW - ageMs }));
          for (const one of figures) journal.figures(one);
          if (wasKeptUp) {
            journal.start(() => ({ historyDays: 90, historyMaxMB: 256 }));
            journal.clock.step(5 * MINUTE);
          }
          const fromAt = NOW - back;
          const points = journal.points(fromAt, fromAt + lengthMs, limit);
          expectFaithful(points, figures, limit);
          expectAllIn(points, figures, fromAt, fromAt + lengthMs);
          journal.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ['five minutes', 5 * MINUTE, 61],
    ['an hour', HOUR, 361],
    ['a day', DAY, 361],
    ['a week', 7 * DAY, 337],
  ])('of %s show a peak of two seconds, at its time', (_name, rangeMs, most) => {
    const journal = openedJournal(ownDirectory());
    const peakAt = NOW - Math.floor(rangeMs * 0.7);
    for (const at of times(NOW - rangeMs, NOW, Math.max(2_000, rangeMs / 5_000))) journal.figures(someFigures(at));
    journal.figures(someFigures(peakAt, { instantRate: 777, wrong: 42 }));
    const points = journal.points(NOW - rangeMs, NOW, 400);
    expect(points.length).toBeGreaterThan(most / 2);
    expect(points.length).toBeLessThanOrEqual(most);
    const peaks = points.filter(({ instantRateMax }) => instantRateMax === 777);
    expect(peaks).toHaveLength(1);
    expect(peaks[0]!.wrongMax).toBe(42);
    expect(peaks[0]!.at).toBeLessThanOrEqual(peakAt);
    expect(peaks[0]!.at + peaks[0]!.spanMs).toBeGreaterThan(peakAt);
  });

  it('stand where they stood while time goes on', () => {
    const journal = openedJournal(ownDirectory());
    for (const at of times(NOW - DAY, NOW, MINUTE)) journal.figures(someFigures(at, { busy: (at / MINUTE) % 7 }));
    const before = journal.points(NOW - DAY, NOW, 400);
    const after = journal.points(NOW - DAY + 10_000, NOW + 10_000, 400);
    expect(after.slice(1, -1)).toEqual(before.slice(1, -1));
  });

  it('leave a gap where nothing was recorded', () => {
    const journal = openedJournal(ownDirectory());
    for (const at of [...times(NOW - HOUR, NOW - 40 * MINUTE, 2_000), ...times(NOW - 10 * MINUTE, NOW, 2_000)]) {
      journal.figures(someFigures(at));
    }
    const points = journal.points(NOW - HOUR, NOW, 400);
    const gaps = points.flatMap((point, index) => {
      const next = points[index + 1];
      return next && next.at > point.at + point.spanMs ? [[point.at + point.spanMs, next.at]] : [];
    });
    expect(gaps).toEqual([[NOW - 40 * MINUTE, NOW - 10 * MINUTE]]);
  });

  it('of a time that ends before it begins, or in no number, are none', () => {
    const journal = openedJournal(ownDirectory());
    journal.figures(someFigures(NOW));
    expect(journal.points(NOW + 1, NOW, 10)).toEqual([]);
    expect(journal.points(NOW, NOW + MINUTE, 0)).toEqual([]);
    expect(journal.points(Number.NaN, NOW, 10)).toEqual([]);
  });
});
