import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeadCount } from '../../../src/engine/head-count';
import type { Verdict } from '../../../src/engine/observe/watchdog';
import { WORKER_STATES, type WorkerState } from '../../../src/shared/model';

const verdict = (state: WorkerState | null): Verdict | null =>
  state && { state, health: 'unknown', reason: '', rule: 11, nextLookMs: 0 };

it('counts the workers that are there, however they come, change and go', () => {
  const step = fc.record({
    worker: fc.integer({ min: 0, max: 5 }),
    to: fc.option(fc.constantFrom(...WORKER_STATES), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const counts = new HeadCount();
      const workers = new Map<number, WorkerState | null>();
      for (const { worker, to } of steps) {
        counts.move(verdict(workers.get(worker) ?? null), verdict(to));
        workers.set(worker, to);
      }
      const expected = WORKER_STATES.map((state) => [state, [...workers.values()].filter((is) => is === state).length]);
      expect(counts.states).toEqual(Object.fromEntries(expected));
    }),
  );
});
