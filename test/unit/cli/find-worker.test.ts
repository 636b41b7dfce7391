import { expect, it } from 'vitest';
import { findWorker } from '../../../src/cli/find-worker';
import { workerRow } from '../../fixtures/snapshot';

const run = (id: string, state: 'busy' | 'stopped' | 'stalled', liveness: 'alive' | 'gone' = 'gone') =>
  workerRow({ id: `supervised-run:${id}`, source: 'supervised-run', name: 'nightly', state, liveness });

const found = (workers: Parameters<typeof findWorker>[0], word: string) => findWorker(workers, word).id;

it('knows a worker by its id, a supervised run by the run’s id too, and by its name', () => {
  const workers = [run('r1', 'busy'), workerRow({ name: 'coder' })];
  expect(found(workers, 'supervised-run:r1')).toBe('supervised-run:r1');
  expect(found(workers, 'r1')).toBe('supervised-run:r1');
  expect(found(workers, 'nightly')).toBe('supervised-run:r1');
  expect(found(workers, 'coder')).toBe(workers[1]?.id);
});

it('of several of one name means the one that has not stopped', () => {
  expect(found([run('r1', 'stopped'), run('r2', 'busy', 'alive'), run('r3', 'stopped')], 'nightly')).toMatch(/r2$/);
  expect(found([run('r1', 'stopped'), run('r2', 'stopped', 'alive')], 'nightly')).toMatch(/r2$/);
});

it('several that have not stopped, or several that have, are named, the open ones first', () => {
  const open = [run('r1', 'stopped'), run('r2', 'busy'), run('r3', 'stalled')];
  expect(() => found(open, 'nightly')).toThrow(
    /^3 workers are called nightly; give one’s id:\n {2}supervised-run:r2 .*busy\n.*r3 .*stalled\n.*r1 .*stopped$/,
  );
  expect(() => found([run('r1', 'stopped'), run('r2', 'stopped')], 'nightly')).toThrow(/^2 workers are called nightly/);
});

it('says what is known where nothing is called so', () => {
  expect(() => found([run('r1', 'busy')], 'other')).toThrow(/no worker has the id or the name other; known are:\n.*r1/);
  expect(() => found([], 'other')).toThrow(/there is none at all/);
});
