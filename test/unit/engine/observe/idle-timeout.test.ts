import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdleTimeout, TIMEOUT_STEP_MS } from '../../../../src/engine/observe/idle-timeout';

const BOUNDS = { initialMs: 30_000, minMs: 10_000, maxMs: 120_000 };

function begun(bounds = BOUNDS): IdleTimeout {
  const timeout = new IdleTimeout(bounds);
  timeout.begin(0);
  return timeout;
}

const at = (rate: number) => () => rate;

describe('one step', () => {
  it.each([
    ['dense traffic lengthens it by half', 0.51, 45_000],
    ['0.5/s is not dense yet', 0.5, 30_000],
    ['0.05/s is not sparse yet', 0.05, 30_000],
    ['sparse traffic shortens it by a fifth', 0.049, 24_000],
    ['silence shortens it', 0, 24_000],
  ])('%s', (_, rate, expected) => {
    const timeout = begun();
    timeout.advance(TIMEOUT_STEP_MS, at(rate));
    expect(timeout.ms).toBeCloseTo(expected, 6);
  });

  it('is taken every five seconds, not at every question', () => {
    const timeout = begun();
    for (let now = 0; now < 5_000; now += 1) timeout.advance(now, at(100));
    expect(timeout.ms).toBe(30_000);
    for (let now = 5_000; now < 10_000; now += 1) timeout.advance(now, at(100));
    expect(timeout.ms).toBe(45_000);
  });

  it('is not taken before there is a rate', () => {
    const timeout = new IdleTimeout(BOUNDS);
    timeout.advance(3_600_000, at(0));
    expect(timeout.ms).toBe(30_000);
    timeout.begin(3_600_000);
    timeout.advance(3_604_999, at(0));
    expect(timeout.ms).toBe(30_000);
    timeout.advance(3_605_000, at(0));
    expect(timeout.ms).toBe(24_000);
  });
});

describe('many steps', () => {
  it.each([
    ['up: 30, 45, 67.5, 101.25, 120 s and no further', 1, [45_000, 67_500, 101_250, 120_000, 120_000]],
    ['down: 24, 19.2, 15.36, 12.288, 10 s and no further', 0, [24_000, 19_200, 15_360, 12_288, 10_000, 10_000]],
  ])('%s', (_, rate, expected) => {
    const timeout = begun();
    const seen = expected.map((_step, i) => {
      timeout.advance((i + 1) * TIMEOUT_STEP_MS, at(rate));
      return Math.round(timeout.ms);
    });
    expect(seen).toEqual(expected);
  });

  it('a long silence costs no more than the way down, and the steps keep their rhythm', () => {
    const timeout = begun();
    let asked = 0;
    timeout.advance(30 * 86_400_000 + 1, () => {
      asked += 1;
      return 0;
    });
    expect(timeout.ms).toBe(10_000);
    expect(asked).toBeLessThan(20);
    timeout.advance(30 * 86_400_000 + 4_999, at(1));
    expect(timeout.ms).toBe(10_000);
    timeout.advance(30 * 86_400_000 + 5_000, at(1));
    expect(timeout.ms).toBe(15_000);
  });

  it('each is taken by the rate of its own moment', () => {
    const timeout = begun();
    const moments: number[] = [];
    timeout.advance(16_000, (ms) => {
      moments.push(ms);
      return ms === 10_000 ? 1 : 0.1;
    });
    expect(moments).toEqual([5_000, 10_000, 15_000]);
    expect(timeout.ms).toBe(45_000);
  });
});

describe('new bounds', () => {
  it.each([
    ['a lower maximum', { ...BOUNDS, maxMs: 40_000 }, 40_000],
    ['a higher minimum', { ...BOUNDS, minMs: 25_000 }, 45_000],
    ['another start begins anew', { ...BOUNDS, initialMs: 20_000 }, 20_000],
    ['the same change nothing', BOUNDS, 45_000],
  ])('%s', (_, bounds, expected) => {
    const timeout = begun();
    timeout.advance(TIMEOUT_STEP_MS, at(1));
    timeout.setBounds(bounds);
    expect(timeout.ms).toBe(expected);
  });
});

it('stays within its bounds whatever the rate does', () => {
  const bounds = fc
    .tuple(fc.integer({ min: 100, max: 1e6 }), fc.integer({ min: 100, max: 1e6 }), fc.integer({ min: 100, max: 1e6 }))
    .map((values) => {
      const [minMs, initialMs, maxMs] = values.sort((a, b) => a - b) as [number, number, number];
      return { minMs, initialMs, maxMs };
    });
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.double({ min: 0, max: 10, noNaN: true })));
  fc.assert(
    fc.property(bounds, steps, (limits, all) => {
      const timeout = begun(limits);
      let now = 0;
      for (const [step, rate] of all) {
        now += step;
        timeout.advance(now, at(rate));
        expect(timeout.ms).toBeGreaterThanOrEqual(limits.minMs);
        expect(timeout.ms).toBeLessThanOrEqual(limits.maxMs);
      }
    }),
  );
});
