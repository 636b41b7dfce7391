import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineQueue } from '../../../../src/engine/schedule/deadline-queue';

/** The same with no cleverness: every key with its deadline. */
class NaiveQueue {
  readonly due = new Map<number, number>();

  set(key: number, at: number): void {
    if (at === Number.POSITIVE_INFINITY) this.due.delete(key);
    else this.due.set(key, at);
  }

  next(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.due.values());
  }
}

const key = fc.nat(30);
const at = fc.oneof(fc.nat(100), fc.constant(Number.POSITIVE_INFINITY));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('set' as const), key, at }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('delete' as const), key, at }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('take' as const), key, at: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('clear' as const), key, at }) },
);

test('it agrees with a naive queue, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const queue = new DeadlineQueue<number>();
      const naive = new NaiveQueue();
      for (const { what, key, at } of steps) {
        if (what === 'set') {
          queue.set(key, at);
          naive.set(key, at);
        } else if (what === 'delete') {
          queue.delete(key);
          naive.due.delete(key);
        } else if (what === 'clear') {
          queue.clear();
          naive.due.clear();
        } else {
          const least = naive.next();
          const taken = queue.take(at);
          if (least > at) expect(taken).toBeUndefined();
          else expect(naive.due.get(taken as number)).toBe(least);
          if (taken !== undefined) naive.due.delete(taken);
        }
        expect([queue.next(), queue.size]).toEqual([naive.next(), naive.due.size]);
      }
      const order: number[] = [];
      for (let taken = queue.take(100); taken !== undefined; taken = queue.take(100)) {
        order.push(naive.due.get(taken) as number);
      }
      expect(order).toEqual([...naive.due.values()].sort((a, b) => a - b));
    }),
  );
});

test('deadlines that move on and on do not make it grow', () => {
  const queue = new DeadlineQueue<string>();
  for (let at = 0; at < 100_000; at += 1) queue.set(`${at % 10}`, at);
  const { heapUsed } = process.memoryUsage();
  for (let at = 100_000; at < 1_000_000; at += 1) queue.set(`${at % 10}`, at);
  expect(process.memoryUsage().heapUsed - heapUsed).toBeLessThan(32 * 1024 * 1024);
  expect([queue.size, queue.next()]).toEqual([10, 999_990]);
});
