import { expect, test } from 'vitest';
import { createWatchLines } from '../../../src/cli/watch-lines';
import type { Delta, Snapshot, WorkerRow } from '../../../src/shared/model';
import { applyDelta } from '../../../src/shared/snapshot';
import { snapshotOf, workerRow } from '../../fixtures/snapshot';

function after(snapshot: Snapshot, changed: WorkerRow[], head: Partial<Snapshot> = {}, removed: string[] = []) {
  const { workers: _w, events: _e, series: _s, detail: _d, ...last } = snapshot;
  const delta: Delta = {
    head: { ...last, ...head, seq: snapshot.seq + 1 },
    ...{ changed, removed, events: [], series: [] },
  };
  return { snapshot: applyDelta(snapshot, delta) as Snapshot, delta };
}

const read = (lines: string[]) => {
  for (const line of lines) expect(line).toMatch(/^[^\n]*\n$/);
  return lines.map((line) => JSON.parse(line));
};

const coder = workerRow({ name: 'coder', state: 'busy' });
const start = snapshotOf([coder, workerRow({ name: 'other' })], { overall: 'busy', seq: 7 });

test('first all workers, then what changed', () => {
  const linesOf = createWatchLines();
  const [first, ...none] = read(linesOf({ snapshot: start, delta: null }));
  expect(none).toEqual([]);
  expect(first).toMatchObject({ type: 'snapshot', schema: 1, overall: 'busy', counts: { busy: 1, ready: 1 } });
  expect(first.workers.map(({ name }: WorkerRow) => name)).toEqual(['coder', 'other']);

  const next = after(start, [{ ...coder, state: 'ready' }], { overall: 'idle' });
  expect(read(linesOf(next))).toMatchObject([
    { type: 'worker', worker: { id: coder.id, state: 'ready' } },
    { type: 'overall', overall: 'idle' },
  ]);
});

test('ages, beats and the words that tell of them are no change', () => {
  const linesOf = createWatchLines();
  linesOf({ snapshot: start, delta: null });
  const older = { ...coder, heartbeatAgeMs: 9_000, lastHeartbeatAt: 1, judgedAt: 2, reason: 'for 9 s', cpuPercent: 3 };
  expect(linesOf(after(start, [older]))).toEqual([]);
  const late = { ...coder, health: 'late' as const };
  expect(read(linesOf(after(start, [late])))).toMatchObject([{ type: 'worker', worker: { health: 'late' } }]);
});

test('who comes is told whole, who goes by its id', () => {
  const linesOf = createWatchLines();
  linesOf({ snapshot: start, delta: null });
  const next = after(start, [workerRow({ name: 'new\nline' })], {}, [coder.id]);
  expect(read(linesOf(next))).toMatchObject([
    { type: 'worker', worker: { name: 'new\nline', idle: null, usage: null, parentId: null } },
    { type: 'removed', id: coder.id },
  ]);
});

test('a picture that follows none is told whole again', () => {
  const linesOf = createWatchLines();
  linesOf({ snapshot: start, delta: null });
  expect(read(linesOf({ snapshot: snapshotOf([]), delta: null }))).toMatchObject([{ type: 'snapshot', workers: [] }]);
});
