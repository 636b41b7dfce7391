import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrafficRate } from '../../../../src/engine/observe/traffic-rate';

const DECAY = 0.85;

/** `[monotonic ms, events]` in order. */
type Events = [number, number][];

function rateAfter(events: Events, decay = DECAY): TrafficRate {
  const rate = new TrafficRate(decay);
  for (const [atMs, count] of events) rate.note(atMs, count);
  return rate;
}

describe('the rate, read at the last event', () => {
  it.each<[string, Events, number]>([
    ['before any event', [], 0],
    ['one event alone has no interval, so no rate', [[0, 1]], 0],
    ['many in one millisecond have none either', [[0, 1000]], 0],
    // 0.15 × 1/dt
    [
      'two events a second apart',
      [
        [0, 1],
        [1000, 1],
      ],
      0.15,
    ],
    [
      'two events 100 ms apart',
      [
        [0, 1],
        [100, 1],
      ],
      1.5,
    ],
    // 0.85 × 0.15 + 0.15 × 1
    [
      'three events a second apart',
      [
        [0, 1],
        [1000, 1],
        [2000, 1],
      ],
      0.2775,
    ],
    // The stored 1.5/s is clamped to 1/10 s first, and 1/10 s is folded in: 0.1
    [
      'a pause of 10 s clamps what was stored',
      [
        [0, 1],
        [100, 1],
        [10_100, 1],
      ],
      0.1,
    ],
    // n events count n times: (1 − 0.85³) × 3/s
    [
      'three in one millisecond after a second',
      [
        [0, 1],
        [1000, 3],
      ],
      (1 - DECAY ** 3) * 3,
    ],
  ])('%s', (_, events, expected) => {
    const at = events.at(-1)?.[0] ?? 0;
    expect(rateAfter(events).read(at)).toBeCloseTo(expected, 10);
  });

  it('comes to the true rate of steady traffic, be it single or in batches', () => {
    for (const batch of [1, 2, 100]) {
      const events = Array.from({ length: 200 }, (_, i): [number, number] => [i * 500, batch]);
      expect(rateAfter(events).read(199 * 500)).toBeCloseTo(batch * 2, 5);
    }
  });

  it('weighs the past by the decay it was given, and by a new one from then on', () => {
    expect(
      rateAfter(
        [
          [0, 1],
          [1000, 1],
        ],
        0.5,
      ).read(1000),
    ).toBeCloseTo(0.5, 10);
    const rate = rateAfter([
      [0, 1],
      [1000, 1],
    ]);
    rate.setDecay(0.5);
    rate.note(2000);
    expect(rate.read(2000)).toBeCloseTo(0.5 * 0.15 + 0.5 * 1, 10);
  });
});

describe('between events', () => {
  const dense = () => rateAfter(Array.from({ length: 100 }, (_, i): [number, number] => [i * 100, 1]));
  it.each([
    ['nothing decays while the silence is no news', 100, 10],
    ['after 1 s at most one a second', 1000, 1],
    ['after 20 s at most one in 20 s', 20_000, 0.05],
    ['after an hour', 3_600_000, 1 / 3600],
  ])('%s', (_, silenceMs, expected) => {
    expect(dense().read(9900 + silenceMs)).toBeCloseTo(expected, 4);
  });

  it('reading changes nothing', () => {
    const [read, unread] = [dense(), dense()];
    for (let at = 9900; at < 30_000; at += 700) read.read(at);
    read.note(30_000);
    unread.note(30_000);
    expect(read.read(30_000)).toBe(unread.read(30_000));
  });

  it('the silence is told; null before the first event; never negative', () => {
    expect(new TrafficRate(DECAY).sinceMs(5)).toBeNull();
    expect(rateAfter([[100, 1]]).sinceMs(350)).toBe(250);
    expect(rateAfter([[100, 1]]).sinceMs(50)).toBe(0);
  });
});

describe('whatever comes', () => {
  const events = fc
    .array(
      fc.tuple(
        fc.oneof(fc.constant(0), fc.double({ min: 0, max: 100_000, noNaN: true })),
        fc.integer({ min: 1, max: 1_000_000 }),
      ),
      { maxLength: 60 },
    )
    .map((steps) => {
      let at = 0;
      return steps.map(([step, count]): [number, number] => {
        at += step;
        return [at, count];
      });
    });

  /** The most events that came after a pause, over that pause: no average can be above its greatest part. */
  function physicalMaximum(all: Events): number {
    let most = 0;
    let moment: number | null = null;
    let before: number | null = null;
    let count = 0;
    for (const [at, n] of all) {
      if (moment !== null && at - moment < 1) count += n;
      else {
        before = moment;
        moment = at;
        count = n;
      }
      if (before !== null) most = Math.max(most, (count * 1000) / (moment - before));
    }
    return most;
  }

  it('the rate is a number from 0 to the physical maximum, and in silence at most one event in its length', () => {
    fc.assert(
      fc.property(events, fc.double({ min: 1, max: 1e9, noNaN: true }), (all, silenceMs) => {
        const rate = rateAfter(all);
        const end = all.at(-1)?.[0] ?? 0;
        for (const value of [rate.read(end), rate.read(end + silenceMs)]) {
          expect(Number.isFinite(value) && value >= 0).toBe(true);
          expect(value).toBeLessThanOrEqual(physicalMaximum(all) * (1 + 1e-9));
        }
        if (all.length) expect(rate.read(end + silenceMs)).toBeLessThanOrEqual(1000 / (end + silenceMs - end) + 1e-6);
      }),
    );
  });

  it('n events of one millisecond are the same as one note of n', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 20 }), (all, n) => {
        const at = (all.at(-1)?.[0] ?? 0) + 1500;
        const [together, apart] = [rateAfter(all), rateAfter(all)];
        together.note(at, n);
        for (let i = 0; i < n; i++) apart.note(at);
        expect(apart.read(at)).toBe(together.read(at));
        expect(apart.count).toBe(together.count);
      }),
    );
  });

  it('a clock that steps back does no harm', () => {
    const rate = rateAfter([
      [1000, 1],
      [2000, 1],
      [1500, 1],
    ]);
    expect(rate.count).toBe(3);
    expect(rate.read(2000)).toBeCloseTo((1 - DECAY ** 2) * 2, 10);
  });
});
