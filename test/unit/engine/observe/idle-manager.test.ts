import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIdleManager, type IdleLimits } from '../../../../src/engine/observe/idle-manager';
import type { MemoryVerdict } from '../../../../src/engine/observe/memory';
import { SteppedClock } from '../../../fakes/stepped-clock';

const LIMITS: IdleLimits = {
  EWMA_DECAY: 0.85,
  INITIAL_IDLE_TIMEOUT_MS: 30_000,
  MIN_IDLE_TIMEOUT_MS: 10_000,
  MAX_IDLE_TIMEOUT_MS: 120_000,
};
const CALM: MemoryVerdict = { growing: false, overThreshold: false, why: null };

function made(limits: Partial<IdleLimits> = {}) {
  const clock = new SteppedClock();
  const state = { memory: CALM };
  const manager = createIdleManager({ ...LIMITS, ...limits, clock, memory: () => state.memory });
  return { clock, state, manager };
}

/** An event every `everyMs` for `forMs`. */
function traffic({ clock, manager }: ReturnType<typeof made>, everyMs: number, forMs: number): void {
  for (let ms = 0; ms < forMs; ms += everyMs) {
    manager.noteTraffic();
    clock.step(everyMs);
  }
}

describe('idle', () => {
  it('only after silence longer than the timeout, counted from the start before the first traffic', () => {
    const { clock, manager } = made();
    clock.step(30_000);
    expect(manager.isIdle()).toBe(false);
    clock.step(1);
    expect(manager.isIdle()).toBe(true);
  });

  it('ends at once with traffic, and comes again after silence', () => {
    const { clock, manager } = made();
    clock.step(31_000);
    manager.noteTraffic();
    expect(manager.isIdle()).toBe(false);
    clock.step(30_000);
    expect(manager.isIdle()).toBe(false);
    clock.step(1);
    expect(manager.isIdle()).toBe(true);
  });

  it.each<[string, MemoryVerdict]>([
    ['memory grows', { growing: true, overThreshold: false, why: 'the workers’ memory grew by 22 % in 60 s' }],
    ['memory is over its threshold', { growing: false, overThreshold: true, why: 'the workers’ memory is 2.0 GB' }],
  ])('not while %s, and the reason says so', (_, memory) => {
    const { clock, state, manager } = made();
    clock.step(60_000);
    state.memory = memory;
    expect(manager.getStats()).toMatchObject({ isIdle: false, reason: memory.why });
    expect(manager.isIdle()).toBe(false);
    state.memory = CALM;
    expect(manager.isIdle()).toBe(true);
  });
});

describe('the figures', () => {
  it.each<[string, (m: ReturnType<typeof made>) => void, object]>([
    [
      'at the start',
      ({ clock }) => clock.step(12_000),
      {
        isIdle: false,
        reason: 'watching for 12 s; idle after 30 s without',
        sinceTrafficMs: null,
        trafficCount: 0,
        trafficRate: 0,
      },
    ],
    [
      'after traffic',
      ({ clock, manager }) => {
        manager.noteTraffic({ count: 3 });
        clock.step(4_000);
      },
      { isIdle: false, reason: 'traffic 4 s ago; idle after 30 s without', sinceTrafficMs: 4_000, trafficCount: 3 },
    ],
    [
      'idle',
      ({ clock, manager }) => {
        manager.noteTraffic();
        clock.step(190_000);
      },
      { isIdle: true, reason: 'quiet for 3 min 10 s', sinceTrafficMs: 190_000, idleTimeoutMs: 30_000 },
    ],
  ])('%s', (_, live, expected) => {
    const m = made();
    live(m);
    expect(m.manager.getStats()).toMatchObject(expected);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -3])('a count of %s counts nothing', (count) => {
    const { clock, manager } = made();
    manager.noteTraffic();
    clock.step(1_000);
    manager.noteTraffic({ count });
    expect(manager.getStats()).toMatchObject({ trafficCount: 1, sinceTrafficMs: 1_000, trafficRate: 0 });
  });
});

describe('the timeout moves with the traffic', () => {
  it('dense traffic that goes on takes it to the maximum within 20 s', () => {
    const m = made();
    traffic(m, 250, 15_250);
    expect(m.manager.getStats().idleTimeoutMs).toBe(101_250);
    traffic(m, 250, 5_000);
    expect(m.manager.getStats().idleTimeoutMs).toBe(120_000);
  });

  it('sparse traffic takes it to the minimum', () => {
    const m = made();
    traffic(m, 60_000, 600_000);
    expect(m.manager.getStats().idleTimeoutMs).toBe(10_000);
  });

  it('traffic between the two leaves it, once its rate is known', () => {
    const m = made();
    traffic(m, 5_000, 60_000);
    const { idleTimeoutMs, trafficRate } = m.manager.getStats();
    expect(trafficRate).toBeGreaterThan(0.15);
    traffic(m, 5_000, 600_000);
    expect(m.manager.getStats().idleTimeoutMs).toBe(idleTimeoutMs);
  });

  it('one moment of traffic, whose rate nobody knows, leaves it', () => {
    const { clock, manager } = made();
    manager.noteTraffic({ count: 50 });
    clock.step(3_600_000);
    expect(manager.getStats().idleTimeoutMs).toBe(30_000);
  });

  it('a thousand events in one millisecond move it by one step at most', () => {
    const { clock, manager } = made();
    manager.noteTraffic();
    clock.step(1_000);
    manager.noteTraffic(); // From here on there is a rate: steps are due 5, 10, 15 s later.
    clock.step(4_999);
    for (let i = 0; i < 1000; i++) manager.noteTraffic();
    expect(manager.getStats().idleTimeoutMs).toBe(30_000);
    clock.step(1);
    expect(manager.getStats().idleTimeoutMs).toBe(45_000);
    clock.step(10_000); // 5 and 10 s of silence: 0.2 and 0.1 a second, neither dense nor sparse.
    expect(manager.getStats().idleTimeoutMs).toBe(45_000);
  });

  it('silence after dense traffic: idle after 40 s, not after the 120 s it was given', () => {
    const m = made();
    traffic(m, 250, 60_000);
    const last = m.clock.monotonicMs() - 250;
    expect(m.manager.getStats().idleTimeoutMs).toBe(120_000);
    while (!m.manager.isIdle()) m.clock.step(250);
    expect(m.clock.monotonicMs() - last).toBeGreaterThan(35_000);
    expect(m.clock.monotonicMs() - last).toBeLessThan(45_000);
  });

  it('does not depend on how often it is asked; all figures stay within bounds', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 50 }), fc.boolean()),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const [asked, left] = [made(), made()];
        for (const [ms, count, isTraffic] of all) {
          for (const m of [asked, left]) m.clock.step(ms);
          const { trafficRate, idleTimeoutMs } = asked.manager.getStats();
          expect(Number.isFinite(trafficRate) && trafficRate >= 0).toBe(true);
          expect(idleTimeoutMs).toBeGreaterThanOrEqual(10_000);
          expect(idleTimeoutMs).toBeLessThanOrEqual(120_000);
          if (isTraffic) for (const m of [asked, left]) m.manager.noteTraffic({ count });
        }
        expect(asked.manager.getStats()).toEqual(left.manager.getStats());
      }),
    );
  });
});

describe('bad options are refused with key, value and what is allowed', () => {
  it.each<[Partial<IdleLimits>, string]>([
    [{ EWMA_DECAY: 1 }, 'EWMA_DECAY is 1; allowed is a number between 0 and 1'],
    [{ EWMA_DECAY: 0 }, 'EWMA_DECAY is 0; allowed is a number between 0 and 1'],
    [{ EWMA_DECAY: Number.NaN }, 'EWMA_DECAY is NaN; allowed is a number between 0 and 1'],
    [{ MIN_IDLE_TIMEOUT_MS: 0 }, 'MIN_IDLE_TIMEOUT_MS is 0; allowed is a positive number of milliseconds'],
    [
      { MAX_IDLE_TIMEOUT_MS: Number.POSITIVE_INFINITY },
      'MAX_IDLE_TIMEOUT_MS is Infinity; allowed is a positive number of milliseconds',
    ],
    [
      { INITIAL_IDLE_TIMEOUT_MS: 5_000 },
      'the idle timeouts are 10000, 5000, 120000; allowed is MIN_IDLE_TIMEOUT_MS ≤ INITIAL_IDLE_TIMEOUT_MS ≤ MAX_IDLE_TIMEOUT_MS',
    ],
  ])('%j', (limits, message) => {
    expect(() => made(limits)).toThrow(new RangeError(message));
    const { manager } = made();
    expect(() => manager.configure({ ...LIMITS, ...limits })).toThrow(new RangeError(message));
    expect(manager.getStats().idleTimeoutMs).toBe(30_000);
  });
});

it('new limits hold at once and keep what was counted', () => {
  const m = made();
  traffic(m, 250, 60_000);
  const before = m.manager.getStats();
  m.manager.configure({ ...LIMITS, MAX_IDLE_TIMEOUT_MS: 60_000 });
  expect(m.manager.getStats()).toMatchObject({ idleTimeoutMs: 60_000, trafficCount: before.trafficCount });
});

it('after destroy nothing is counted and nothing is idle', () => {
  const { clock, manager } = made();
  manager.noteTraffic();
  manager.destroy();
  manager.destroy();
  manager.noteTraffic({ count: 5 });
  clock.step(3_600_000);
  expect(manager.isIdle()).toBe(false);
  expect(manager.getStats()).toMatchObject({
    isIdle: false,
    trafficCount: 1,
    reason: 'traffic is not counted any more',
  });
});

describe('what is known of the time before the start', () => {
  it.each<[string, number | null, object]>([
    ['traffic long ago', 3_600_000, { isIdle: true, reason: 'quiet for 1 h', sinceTrafficMs: 3_600_000 }],
    ['traffic at the timeout', 30_000, { isIdle: false, reason: 'traffic 30 s ago; idle after 30 s without' }],
    ['a millisecond longer ago', 30_001, { isIdle: true, reason: 'quiet for 30 s', sinceTrafficMs: 30_001 }],
    ['traffic just now', 0, { isIdle: false, reason: 'traffic 0 s ago; idle after 30 s without', sinceTrafficMs: 0 }],
    ['a time in the future', -5_000, { isIdle: false, sinceTrafficMs: 0 }],
    ['no number', Number.NaN, { isIdle: false, sinceTrafficMs: 0 }],
    ['no traffic ever', null, { isIdle: true, reason: 'no traffic yet', sinceTrafficMs: null }],
  ])('%s', (_, ageMs, expected) => {
    const { clock, manager } = made();
    clock.step(2_000);
    manager.noteQuietSince(ageMs);
    expect(manager.getStats()).toMatchObject({ ...expected, trafficRate: 0, trafficCount: 0, idleTimeoutMs: 30_000 });
    expect(manager.isIdle()).toBe(manager.getStats().isIdle);
  });

  it('grows older with time, and traffic that is counted outweighs it', () => {
    const { clock, manager } = made();
    manager.noteQuietSince(20_000);
    clock.step(5_000);
    expect(manager.getStats()).toMatchObject({ isIdle: false, sinceTrafficMs: 25_000 });
    manager.noteTraffic();
    clock.step(29_000);
    expect(manager.getStats()).toMatchObject({ isIdle: false, sinceTrafficMs: 29_000 });
    manager.noteQuietSince(null);
    expect(manager.getStats()).toMatchObject({ isIdle: false, sinceTrafficMs: 29_000 });
  });

  it('memory keeps it from being idle all the same', () => {
    const { manager, state } = made();
    manager.noteQuietSince(null);
    state.memory = { growing: true, overThreshold: false, why: 'the workers’ memory grew by 22 % in 60 s' };
    expect(manager.getStats()).toMatchObject({ isIdle: false, reason: state.memory.why });
  });
});
