import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeadCount } from '../../../src/engine/head-count';
import type { Verdict } from '../../../src/engine/observe/verdict';
import { WORKER_STATES, type WorkerState } from '../../../src/shared/model';

const verdict = (state: WorkerState | null, health: Verdict['health'] = 'unknown'): Verdict | null =>
  state && { state, health, reason: '', rule: 11, nextLookMs: 0 };

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

it('counts apart of whom it is not known how they are; who rests or starts is not among them', () => {
  const counts = new HeadCount();
  counts.move(null, verdict('busy', 'healthy'));
  for (const state of ['busy', 'stopped', 'starting'] as const) counts.move(null, verdict(state));
  expect(counts.states).toMatchObject({ busy: 2, stopped: 1, starting: 1 });
  expect(counts.unknown).toMatchObject({ busy: 1, stopped: 0, starting: 0 });
  counts.move(verdict('busy'), verdict('busy', 'healthy'));
  expect(counts.unknown.busy).toBe(0);
});
