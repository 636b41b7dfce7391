import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Depth, LookQueue } from '../../../../src/engine/schedule/look-queue';
import { SteppedClock } from '../../../fakes/stepped-clock';

const EVENT_DELAY_MS = 5;
const EVENT_GAP_MS = 100;
const GRID_MS = 25;

let clock: SteppedClock;
let looks: { key: string; depth: Depth; atMs: number }[];
let queue: LookQueue<string>;

beforeEach(() => {
  clock = new SteppedClock();
  looks = [];
  queue = new LookQueue(clock, (key, depth) => looks.push({ key, depth, atMs: clock.monotonicMs() }));
});

const looked = () => looks.map(({ key, depth, atMs }) => `${key} ${depth} ${atMs}`);

describe('a look at a deadline', () => {
  test('comes then, never before, and on the grid that gathers many into one', () => {
    queue.at('a', 1_010);
    queue.at('b', 1_020);
    queue.at('c', 1_025);
    clock.step(1_024);
    expect(looked()).toEqual([]);
    expect(clock.timerCount).toBe(1);
    clock.step(1);
    expect(looked().sort()).toEqual(['a life 1025', 'b life 1025', 'c life 1025']);
    expect(clock.timerCount).toBe(0);
  });

  test('moves with it, also forward, and ends with Infinity', () => {
    queue.at('a', 1_000);
    queue.at('a', 500);
    queue.at('b', 500);
    queue.at('b', 1_000);
    queue.at('c', 500);
    queue.at('c', Number.POSITIVE_INFINITY);
    clock.step(2_000);
    expect(looked()).toEqual(['a life 500', 'b life 1000']);
  });

  test('of the past comes at once', () => {
    clock.step(10_000);
    queue.at('a', 100);
    clock.step(0);
    expect(looked()).toEqual(['a life 10000']);
  });

  test('does not come once its key is deleted, or all are cleared', () => {
    queue.at('a', 100);
    queue.at('b', 100);
    queue.delete('a');
    clock.step(100);
    queue.at('c', 200);
    queue.soon('c', 'full');
    queue.clear();
    clock.step(1_000);
    expect(looked()).toEqual(['b life 100']);
    expect(clock.timerCount).toBe(0);
    queue.soon('c', 'full');
    clock.step(EVENT_DELAY_MS);
    expect(looks).toHaveLength(2);
  });
});

describe('a look after an event', () => {
  test('comes soon, once for the events of one change, as deep as the deepest of them', () => {
    queue.soon('a', 'life');
    queue.soon('a', 'full');
    queue.soon('a', 'life');
    queue.soon('b', 'life');
    clock.step(EVENT_DELAY_MS);
    expect(looked()).toEqual(['a full 5', 'b life 5']);
  });

  test('comes ten times a second for a worker that writes all the time', () => {
    for (let ms = 0; ms < 1_000; ms += 1) {
      queue.soon('a', 'full');
      clock.step(1);
    }
    expect(looks.length).toBeGreaterThanOrEqual(10);
    expect(looks.length).toBeLessThanOrEqual(11);
  });

  test('is not put off by a deadline set meanwhile', () => {
    queue.soon('a', 'full');
    clock.step(EVENT_DELAY_MS);
    queue.soon('a', 'full'); // Within the gap: it waits.
    queue.at('a', 10_000);
    clock.step(EVENT_GAP_MS);
    expect(looked()).toEqual(['a full 5', 'a full 105']);
  });

  test('is not lost after a look from elsewhere that set a deadline', () => {
    queue.soon('a', 'full');
    clock.step(EVENT_DELAY_MS);
    queue.soon('a', 'full');
    clock.step(50);
    queue.at('a', 10_000); // As a sweep does after looking at it.
    queue.soon('a', 'full');
    clock.step(EVENT_GAP_MS);
    expect(looks.length).toBeGreaterThanOrEqual(2);
    clock.step(EVENT_GAP_MS);
    queue.soon('a', 'full');
    clock.step(EVENT_DELAY_MS + EVENT_GAP_MS);
    expect(looks.length).toBeGreaterThanOrEqual(3);
  });
});

test('work that takes its time leaves room for other timers between the looks', () => {
  const slow = new SteppedClock({ readCostMs: 1 });
  let looks = 0;
  let others = 0;
  let mostBetween = 0;
  let before = 0;
  const many = new LookQueue<number>(slow, () => {
    looks += 1;
  });
  const tick = () => {
    others += 1;
    mostBetween = Math.max(mostBetween, looks - before);
    before = looks;
    slow.after(1, tick);
  };
  for (let key = 0; key < 100; key += 1) many.at(key, 1);
  tick();
  slow.step(1_000);
  expect(looks).toBe(100);
  expect(others).toBeGreaterThan(20);
  expect(mostBetween).toBeLessThanOrEqual(8);
});

test('whatever is asked: no look comes early, none is lost, and events are met within their gap', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ what: fc.constant('at' as const), key, ms: fc.nat(500) }),
    fc.record({ what: fc.constant('soon' as const), key, ms: fc.nat(1) }),
    fc.record({ what: fc.constant('step' as const), key, ms: fc.nat(60) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const clock = new SteppedClock();
      /** Of each key: when it is to be looked at, earliest and latest; what an event asks for goes before deadlines. */
      const due = new Map<string, { earliest: number; latest: number; isEvent: boolean }>();
      const queue = new LookQueue<string>(clock, (key, depth) => {
        const now = clock.monotonicMs();
        const expected = due.get(key);
        expect(expected).toBeDefined();
        expect(now).toBeGreaterThanOrEqual(expected?.earliest ?? 0);
        expect(now).toBeLessThanOrEqual(expected?.latest ?? 0);
        expect(depth).toBe(expected?.isEvent ? 'full' : 'life');
        due.delete(key);
      });
      for (const { what, key, ms } of steps) {
        const now = clock.monotonicMs();
        if (what === 'step') {
          clock.step(ms);
        } else if (what === 'soon') {
          queue.soon(key, 'full');
          if (!due.get(key)?.isEvent)
            due.set(key, { earliest: now + EVENT_DELAY_MS, latest: now + EVENT_GAP_MS, isEvent: true });
        } else {
          queue.at(key, now + ms);
          if (!due.get(key)?.isEvent) due.set(key, { earliest: now + ms, latest: now + ms + GRID_MS, isEvent: false });
        }
      }
      clock.step(10_000);
      expect([...due]).toEqual([]);
    }),
  );
});
