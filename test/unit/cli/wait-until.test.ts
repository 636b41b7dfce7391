import { expect, test } from 'vitest';
import { standing } from '../../../src/cli/wait-until';
import type { WorkerState } from '../../../src/shared/model';
import { snapshotOf, stalledRow, workerRow } from '../../fixtures/snapshot';

const row = (name: string, state: WorkerState) => workerRow({ name, state });
const id = (name: string) => row(name, 'ready').id;

test.each([
  ['idle', [row('a', 'ready')], 'idle', 'reached'],
  ['idle', [row('a', 'ready')], 'busy', 'not_yet'],
  ['idle', [row('a', 'busy')], 'busy', 'not_yet'],
  ['idle', [row('a', 'waiting')], 'idle', 'reached'],
  ['idle', [stalledRow()], 'stalled', 'needs_person'],
  ['idle', [stalledRow(), row('a', 'starting')], 'stalled', 'not_yet'],
  ['idle', [stalledRow({ snoozed: true, needsPerson: false })], 'idle', 'reached'],
  ['all-done', [], 'idle', 'reached'],
  ['all-done', [row('a', 'ready'), row('b', 'stopped')], 'busy', 'reached'],
  ['all-done', [row('a', 'busy'), row('b', 'waiting')], 'busy', 'not_yet'],
  ['all-done', [row('a', 'waiting')], 'idle', 'needs_person'],
  ['all-done', [row('a', 'dead')], 'stalled', 'needs_person'],
] as const)('%s with %j, which is %s in all: %s', (until, rows, overall, is) => {
  expect(standing(snapshotOf([...rows], { overall }), until, null).is).toBe(is);
});

test('of named workers those alone count, even where they are snoozed; one that is gone is done', () => {
  const rows = [row('a', 'ready'), row('b', 'busy'), stalledRow({ name: 'c', snoozed: true })];
  const of = (...names: string[]) => standing(snapshotOf(rows, { overall: 'busy' }), 'all-done', names.map(id));
  expect(of('a')).toEqual({ is: 'reached', why: 'a is ready' });
  expect(of('a', 'b')).toEqual({ is: 'not_yet', why: 'b is busy' });
  expect(of('c')).toEqual({ is: 'needs_person', why: 'nothing works any more, but c is stalled' });
  expect(of('gone')).toEqual({ is: 'reached', why: 'no worker that was named is there any more' });
});

test('of many only some are named, and harmlessly', () => {
  const rows = ['a\n', 'b', 'c', 'd', 'e'].map((name) => row(name, 'busy'));
  expect(standing(snapshotOf(rows), 'all-done', null).why).toBe('a␊ is busy, b is busy, c is busy, and 2 more');
});
