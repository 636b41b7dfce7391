import { describe, expect, test } from 'vitest';
import {
  type Delta,
  EVENTS_KEPT,
  type MonitorEvent,
  SERIES_KEPT,
  type SeriesPoint,
  type Snapshot,
  type WorkerDetail,
} from '../../../src/shared/model';
import { applyDelta } from '../../../src/shared/snapshot';
import { snapshotOf, workerRow } from '../../fixtures/snapshot';

const event = (id: number): MonitorEvent => ({
  ...{ id, at: id, kind: 'stalled', workerId: null, workerName: null, text: `${id}` },
});
const point = (at: number): SeriesPoint => ({
  ...{ at, instantRate: 0, trafficRate: 0, idleTimeoutMs: 0, sinceTrafficMs: null },
  ...{ memoryUsedBytes: 0, workersRssBytes: null },
});
const detailOf = (name: string): WorkerDetail => ({
  ...workerRow({ name }),
  ...{
    heartbeatContent: null,
    process: null,
    evidence: [],
    processes: [],
    logTail: null,
    attachCommand: null,
    openTasks: [],
  },
});

/** A delta that follows `snapshot` and changes nothing but its head. */
function after(snapshot: Snapshot, over: Partial<Delta> = {}): Delta {
  const { workers: _w, events: _e, series: _s, detail: _d, ...head } = snapshot;
  const next = { ...head, seq: head.seq + 1, sentence: 'Another sentence.' };
  return { head: next, changed: [], removed: [], events: [], series: [], ...over };
}

function applied(snapshot: Snapshot, over: Partial<Delta>): Snapshot {
  const next = applyDelta(snapshot, after(snapshot, over));
  if (!next) throw new Error('it does not follow');
  return next;
}

const three = snapshotOf(['a', 'b', 'c'].map((name) => workerRow({ name })));
const [a, b, c] = three.workers;
const idB = b?.id ?? '';

describe('a delta', () => {
  test.each([-1, 0, 2, 5, Number.MAX_SAFE_INTEGER])('that is %d ahead does not follow', (ahead) => {
    const delta = after(three);
    delta.head.seq = three.seq + ahead;
    expect(applyDelta(three, delta)).toBeNull();
  });

  test('that follows brings its head, and leaves all else as it was, by identity', () => {
    const next = applied(three, {});
    expect(next).toEqual({ ...three, seq: three.seq + 1, sentence: 'Another sentence.' });
    for (const list of ['workers', 'events', 'series'] as const) expect(next[list]).toBe(three[list]);
    expect(three.sentence).toBe('A sentence.');
  });

  test('changes the rows it names in their place, and leaves the others as they are, by identity', () => {
    const changed = workerRow({ name: 'b', state: 'busy' });
    const { workers } = applied(three, { changed: [changed] });
    expect(workers).toEqual([a, changed, c]);
    expect([workers[0] === a, workers[2] === c]).toEqual([true, true]);
  });

  test('adds rows that are new, takes away those that are gone, and is untroubled by unknown ones', () => {
    const added = workerRow({ name: 'd' });
    expect(applied(three, { changed: [added] }).workers).toEqual([a, b, c, added]);
    expect(applied(three, { removed: [idB, 'nobody'] }).workers).toEqual([a, c]);
    expect(applied(three, { removed: [idB], changed: [added] }).workers).toEqual([a, c, added]);
  });

  test('of a row that left and came back keeps it once, with what it is now', () => {
    const back = workerRow({ name: 'b', pid: 7 });
    expect(applied(three, { removed: [idB], changed: [back] }).workers).toEqual([a, c, back]);
  });

  test('puts new events first and new points last, and keeps so many and no more', () => {
    const first = applied(three, { events: [event(2), event(1)], series: [point(1), point(2)] });
    const second = applied(first, { events: [event(3)], series: [point(3)] });
    expect(second.events.map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(second.series.map(({ at }) => at)).toEqual([1, 2, 3]);
    let full = second;
    for (let n = 4; n < 400; n += 1) full = applied(full, { events: [event(n)], series: [point(n)] });
    expect([full.events.length, full.events[0]?.id]).toEqual([EVENTS_KEPT, 399]);
    expect([full.series.length, full.series.at(-1)?.at]).toEqual([SERIES_KEPT, 399]);
  });

  test('brings another detail, takes it away, or leaves it', () => {
    const chosen = applied(three, { detail: detailOf('a') });
    expect(chosen.detail?.name).toBe('a');
    expect(applied(chosen, {}).detail).toBe(chosen.detail);
    expect(applied(chosen, { detail: null }).detail).toBeNull();
  });
});
