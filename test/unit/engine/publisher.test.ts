import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Publisher } from '../../../src/engine/publisher';
import type { Delta, MonitorEvent, SeriesPoint, Snapshot, WorkerDetail, WorkerRow } from '../../../src/shared/model';
import { applyDelta } from '../../../src/shared/snapshot';
import { SteppedClock } from '../../fakes/stepped-clock';
import { snapshotOf, workerRow } from '../../fixtures/snapshot';

type Weight = Parameters<Publisher['changed']>[1];
const WEIGHTS: Weight[] = ['salient', 'seen', 'unseen'];

/** What the monitor would hold, and the publisher that tells of it. */
const ITSELF = Symbol('the monitor itself');

class Told {
  readonly clock = new SteppedClock();
  readonly rows = new Map<string, WorkerRow>();
  events: MonitorEvent[] = [];
  series: SeriesPoint[] = [];
  detail: WorkerDetail | null = null;
  /** How often the publisher asked for anything. */
  asked = 0;
  readonly publisher = new Publisher(
    this.clock,
    {
      head: (seq) => {
        this.asked += 1;
        const {
          workers: _w,
          events: _e,
          series: _s,
          detail: _d,
          ...head
        } = snapshotOf([...this.rows.values()], { seq });
        return head;
      },
      row: (id) => this.rows.get(id) ?? null,
      rows: () => [...this.rows.values()],
      detail: () => this.detail,
      events: () => this.events,
      series: () => this.series,
    },
    ITSELF,
  );

  change(id: string, fields: Partial<WorkerRow> = {}, weight: Weight = 'seen'): void {
    this.rows.set(id, workerRow({ ...this.rows.get(id), id, ...fields }));
    this.publisher.changed(id, weight);
  }

  remove(id: string): void {
    if (this.rows.delete(id)) this.publisher.removed(id);
  }

  event(id: number): void {
    const event: MonitorEvent = { id, at: id, kind: 'busy', workerId: null, workerName: null, text: `${id}` };
    this.events = [event, ...this.events];
    this.publisher.event(event);
  }

  point(at: number): void {
    const point = {
      ...{ at, instantRate: 0, trafficRate: 0, idleTimeoutMs: 0, sinceTrafficMs: null },
      ...{ memoryUsedBytes: 0, workersRssBytes: null },
    };
    this.series = [...this.series, point];
    this.publisher.point(point);
  }

  choose(name: string | null): void {
    this.detail =
      name === null
        ? null
        : {
            ...workerRow({ name }),
            heartbeatContent: null,
            process: null,
            evidence: [],
            processes: [],
            logTail: null,
            attachCommand: null,
            openTasks: [],
          };
    this.publisher.detailChanged();
  }
}

/** Someone who keeps a picture by deltas. */
class Viewer {
  snapshot: Snapshot;
  deltas: { delta: Delta; atMs: number }[] = [];
  readonly unsubscribe: () => void;

  constructor(told: Told) {
    const subscription = told.publisher.subscribe((delta) => {
      this.deltas.push({ delta, atMs: told.clock.monotonicMs() });
      const next = applyDelta(this.snapshot, delta);
      if (!next) throw new Error(`a gap: ${delta.head.seq} after ${this.snapshot.seq}`);
      this.snapshot = next;
    }, Symbol('a viewer'));
    this.snapshot = subscription.snapshot;
    this.unsubscribe = subscription.unsubscribe;
  }
}

/** The rows of a picture have no order of their own. */
const byId = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  workers: snapshot.workers.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
});

let told: Told;
beforeEach(() => {
  told = new Told();
});

describe('pace', () => {
  test('the first change is told at once, what follows at most 8 times a second', () => {
    const viewer = new Viewer(told);
    told.clock.step(1_000);
    for (let ms = 0; ms < 1_999; ms += 1) {
      told.change('a', { pid: ms });
      told.clock.step(1);
    }
    const times = viewer.deltas.map(({ atMs }) => atMs);
    expect(times[0]).toBe(1_000);
    expect(times).toHaveLength(16);
    for (const [at, ms] of times.slice(1).entries()) expect(ms - (times[at] ?? 0)).toBeGreaterThanOrEqual(125);
  });

  test('many changes at one time are one delta, with each row once as it is in the end', () => {
    const viewer = new Viewer(told);
    told.clock.step(1_000);
    for (let pid = 0; pid < 50; pid += 1) for (const id of ['a', 'b']) told.change(id, { pid });
    told.clock.step(0);
    expect(viewer.deltas).toHaveLength(1);
    expect(viewer.deltas[0]?.delta.changed.map(({ id, pid }) => [id, pid])).toEqual([
      ['a', 49],
      ['b', 49],
    ]);
  });

  test('a row that nobody looks at goes along with what is told next', () => {
    const viewer = new Viewer(told);
    told.change('a', { pid: 1 }, 'unseen');
    told.clock.step(10_000);
    expect(viewer.deltas).toHaveLength(0);
    told.change('b', {}, 'seen');
    told.clock.step(0);
    expect(viewer.deltas.map(({ delta }) => delta.changed.map(({ id }) => id))).toEqual([['a', 'b']]);
  });

  test('seq counts up by one, and without a change nothing is told', () => {
    const viewer = new Viewer(told);
    expect(viewer.snapshot.seq).toBe(0);
    for (let time = 0; time < 5; time += 1) {
      told.change('a', { pid: time });
      told.clock.step(1_000);
    }
    told.clock.step(60_000);
    expect(viewer.deltas.map(({ delta }) => delta.head.seq)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('cost', () => {
  test('without anyone to tell nothing is made, and no timer runs', () => {
    for (let time = 0; time < 100; time += 1) {
      told.change('a', { pid: time }, 'salient');
      told.event(time);
      told.point(time);
      told.choose('a');
      told.remove('a');
      told.clock.step(50);
    }
    expect([told.asked, told.clock.timerCount]).toEqual([0, 0]);
  });

  test('after the last has left nothing is made any more', () => {
    const viewer = new Viewer(told);
    told.change('a');
    viewer.unsubscribe();
    told.clock.step(1_000);
    const before = told.asked;
    told.change('a', { pid: 2 });
    told.clock.step(1_000);
    expect([viewer.deltas.length, told.asked - before, told.clock.timerCount]).toEqual([0, 0, 0]);
  });

  test('whoever wants the head alone is asked for by what changes it, and no more than 8 times a second', () => {
    const heads: Snapshot[] = [];
    const stop = told.publisher.onHead((snapshot) => heads.push(snapshot));
    told.change('a', {}, 'seen');
    told.change('b', {}, 'unseen');
    told.event(1);
    told.clock.step(1_000);
    expect(heads).toHaveLength(0);
    for (let ms = 0; ms < 999; ms += 1) {
      told.change('a', { pid: ms }, 'salient');
      told.clock.step(1);
    }
    expect(heads).toHaveLength(8);
    told.clock.step(1_000);
    expect(heads.at(-1)?.workers[0]?.pid).toBe(998);
    stop();
    told.change('a', {}, 'salient');
    told.clock.step(1_000);
    expect(heads).toHaveLength(9);
  });

  test('stopped, it tells nothing more of what was waiting', () => {
    const viewer = new Viewer(told);
    told.change('a');
    told.publisher.stop();
    told.clock.step(1_000);
    expect([viewer.deltas.length, told.clock.timerCount]).toEqual([0, 0]);
  });
});

describe('a picture kept by deltas', () => {
  test('of one who comes while something is waiting holds it once, and so does that of the others', () => {
    const first = new Viewer(told);
    told.clock.step(1_000);
    told.change('a');
    told.event(1);
    const second = new Viewer(told);
    told.clock.step(1_000);
    for (const { snapshot } of [first, second]) {
      expect(snapshot.events.map(({ id }) => id)).toEqual([1]);
      expect(snapshot.workers.map(({ id }) => id)).toEqual(['a']);
    }
  });

  test('of one who comes after another left holds no event twice', () => {
    const first = new Viewer(told);
    told.clock.step(1_000);
    told.event(1);
    told.point(1);
    first.unsubscribe();
    told.clock.step(1_000);
    const second = new Viewer(told);
    told.event(2);
    told.clock.step(1_000);
    expect(second.snapshot.events.map(({ id }) => id)).toEqual([2, 1]);
    expect(second.snapshot.series.map(({ at }) => at)).toEqual([1]);
  });

  test('is the same as a fresh one, whatever happens and whoever comes and goes', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ what: fc.constant('change' as const), n: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('remove' as const), n: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('event', 'point', 'choose', 'head'), n: fc.nat(3) }) },
      {
        weight: 3,
        arbitrary: fc.record({ what: fc.constant('step' as const), n: fc.constantFrom(0, 10, 130, 1_000) }),
      },
      { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('come', 'go'), n: fc.nat(3) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const told = new Told();
        const viewers: Viewer[] = [];
        let count = 0;
        for (const { what, n } of steps) {
          count += 1;
          if (what === 'change') told.change(`${n}`, { pid: count }, WEIGHTS[n % 3]);
          else if (what === 'remove') told.remove(`${n}`);
          else if (what === 'event') told.event(count);
          else if (what === 'point') told.point(count);
          else if (what === 'choose') told.choose(n ? `${n}` : null);
          else if (what === 'head') told.publisher.headChanged();
          else if (what === 'step') told.clock.step(n);
          else if (what === 'come') viewers.push(new Viewer(told));
          else viewers.splice(n, 1)[0]?.unsubscribe();
        }
        told.point(count + 1); // What nobody looks at goes along with what is told next.
        told.clock.step(1_000);
        for (const { snapshot } of viewers) expect(byId(snapshot)).toEqual(byId(told.publisher.snapshot(ITSELF)));
      }),
      { numRuns: 200 },
    );
  });
});
