import { beforeEach, describe, expect, test } from 'vitest';
import { createNews, type Message, type News } from '../../../src/main/news';
import type { MonitorEvent, WorkerRow } from '../../../src/shared/model';
import { defaultSettings } from '../../../src/shared/settings';
import { SteppedClock } from '../../fakes/stepped-clock';
import { snapshotOf, stalledRow, workerRow } from '../../fixtures/snapshot';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A morning, by the clock on the wall here. */
const NINE = new Date('2026-01-31T09:00:00').getTime();

let clock: SteppedClock;
let told: Message[];
let settings: ReturnType<typeof defaultSettings>;
let wanted: string[];
/** What is known of workers beside their events. */
let rows: Map<string, Partial<WorkerRow>>;
let news: News;

beforeEach(() => {
  clock = new SteppedClock({ wallStartMs: NINE });
  told = [];
  settings = defaultSettings();
  wanted = [];
  rows = new Map();
  news = createNews({
    clock,
    settings: () => settings,
    isWanted: (id) => wanted.includes(id),
    row: (id) => {
      const row = rows.get(id);
      return row ? workerRow(row) : null;
    },
    tell: (message) => told.push(message),
  });
});

function event(kind: MonitorEvent['kind'], workerName: string, over: Partial<MonitorEvent> = {}): MonitorEvent {
  const text = `${workerName} is silent`;
  return { id: 1, at: 0, kind, workerId: `worker-directory:${workerName}`, workerName, text, ...over };
}

const titles = () => told.map(({ title }) => title);

describe('a worker that stalls or dies', () => {
  test('is told once, with its name and its reason', () => {
    news.event(event('stalled', 'worker-3'));
    clock.step(10_000);
    expect(told).toEqual([
      { title: 'worker-3 is stalled', body: 'worker-3 is silent', workerId: 'worker-directory:worker-3' },
    ]);
  });

  test('says so when it is dead', () => {
    news.event(event('dead', 'worker-3'));
    clock.step(10_000);
    expect(told.map(({ title }) => title)).toEqual(['worker-3 is dead']);
  });

  test('is told together with others of the same moment', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) news.event(event('stalled', name));
    clock.step(10_000);
    expect(told).toEqual([
      { title: '7 workers are stalled', body: 'a, b, c, d, e and 2 more', workerId: 'worker-directory:a' },
    ]);
  });

  test('is told with what became of them', () => {
    news.event(event('dead', 'a'));
    news.event(event('stalled', 'b'));
    clock.step(10_000);
    expect(told.map(({ title }) => title)).toEqual(['2 workers are stalled or dead']);
  });

  test('is told apart from one a while later', () => {
    news.event(event('stalled', 'a'));
    clock.step(11_000);
    news.event(event('stalled', 'b'));
    clock.step(3_000);
    expect(told.map(({ title }) => title)).toEqual(['a is stalled', 'b is stalled']);
  });

  test('does not flood the desktop where one follows the other', () => {
    for (let each = 0; each < 50; each += 1) {
      news.event(event('stalled', `worker-${each}`));
      clock.step(500);
    }
    clock.step(10_000);
    expect(told.map(({ title }) => title)).toEqual([
      'worker-0 is stalled',
      '10 workers are stalled',
      '10 workers are stalled',
      '10 workers are stalled',
      '10 workers are stalled',
      '9 workers are stalled',
    ]);
  });

  test('is not told where one comes and goes', () => {
    for (let each = 0; each < 50; each += 1) {
      news.event(event('stalled', 'a'));
      clock.step(1_500);
      news.event(event('recovered', 'a'));
      clock.step(500);
    }
    clock.step(10_000);
    expect(told).toEqual([]);
  });

  test('is told of the worker that it still is when it has held for long enough', () => {
    settings.announceAfterMs = 30_000;
    news.event(event('stalled', 'a'));
    clock.step(20_000);
    news.event(event('dead', 'a'));
    clock.step(9_000);
    expect(told).toEqual([]);
    clock.step(2_000);
    expect(titles()).toEqual(['a is dead']);
  });

  test('is told at most once an hour of each worker, and then only where it holds', () => {
    const flap = (forMs: number) => {
      news.event(event('stalled', 'a'));
      clock.step(forMs);
      news.event(event('recovered', 'a'));
    };
    flap(MINUTE);
    expect(titles()).toEqual(['a is stalled']);
    for (let each = 0; each < 50; each += 1) flap(MINUTE);
    expect(told).toHaveLength(1);
    news.event(event('stalled', 'a'));
    clock.step(2 * HOUR);
    expect(titles()).toEqual(['a is stalled', 'a is stalled']);
  });

  test('is told of another worker within that hour', () => {
    news.event(event('stalled', 'a'));
    clock.step(10_000);
    news.event(event('stalled', 'b'));
    clock.step(10_000);
    expect(titles()).toEqual(['a is stalled', 'b is stalled']);
  });

  test('is told again as soon as the person likes', () => {
    settings.announceAgainAfterMs = 0;
    for (let each = 0; each < 3; each += 1) {
      news.event(event('stalled', 'a'));
      clock.step(10_000);
      news.event(event('recovered', 'a'));
    }
    expect(told).toHaveLength(3);
  });

  test('is not told of kinds that are muted, nor of one that is snoozed by then', () => {
    settings.mutedSources = ['workbench'];
    news.event(event('stalled', 'a', { workerId: 'workbench:a' }));
    news.event(event('stalled', 'b'));
    rows.set('worker-directory:b', { snoozed: true });
    news.event(event('stalled', 'c'));
    clock.step(10_000);
    expect(titles()).toEqual(['c is stalled']);
  });

  test('is told of no worker that has left', () => {
    news.event(event('stalled', 'a'));
    news.event(event('left', 'a'));
    clock.step(10_000);
    expect(told).toEqual([]);
  });

  test('is told whatever idlewatch does about it meanwhile', () => {
    news.event(event('stalled', 'a'));
    for (const kind of ['notice', 'policy', 'kill_intent', 'kill_ended'] as const) news.event(event(kind, 'a'));
    clock.step(10_000);
    expect(titles()).toEqual(['a is stalled']);
  });

  test('is not told where the person does not want it, nor anything that is no alarm', () => {
    for (const kind of ['found', 'busy', 'ready', 'recovered', 'stopped', 'kill_ended'] as const) {
      news.event(event(kind, 'a'));
    }
    settings.notifyStalled = false;
    news.event(event('stalled', 'a'));
    clock.step(10_000);
    expect(told).toEqual([]);
  });

  test('is not told of one that runs in another which a person has just ended', () => {
    rows.set('worker-directory:inner', { parentId: 'worker-directory:outer' });
    wanted = ['worker-directory:outer'];
    news.event(event('dead', 'inner'));
    news.event(event('dead', 'beside'));
    clock.step(10_000);
    expect(titles()).toEqual(['beside is dead']);
  });

  test('is not told of one that a person has just ended', () => {
    wanted = ['worker-directory:a'];
    news.event(event('dead', 'a'));
    news.event(event('dead', 'b'));
    clock.step(10_000);
    expect(told.map(({ title }) => title)).toEqual(['b is dead']);
  });

  test('cannot put control characters into the desktop', () => {
    news.event(event('stalled', 'a\u001b[31m\nb'));
    clock.step(10_000);
    expect(told[0]?.title).toBe('a␛[31m␊b is stalled');
  });

  test('is not told after the end', () => {
    news.event(event('stalled', 'a'));
    news.stop();
    clock.step(10_000);
    expect(told).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });
});

describe('a worker that waits for a person', () => {
  test('is told with what it asks', () => {
    news.event(event('waiting', 'a', { text: 'Asks: may I remove it?' }));
    clock.step(10_000);
    expect(told).toEqual([
      { title: 'a waits for you', body: 'Asks: may I remove it?', workerId: 'worker-directory:a' },
    ]);
  });

  test('is told as such where it was stalled before', () => {
    rows.set('worker-directory:a', { name: 'a', state: 'waiting' });
    news.event(event('recovered', 'a', { text: 'Recovered after 2 min; Asks: go on?' }));
    clock.step(10_000);
    expect(titles()).toEqual(['a waits for you']);
  });

  test('is not told where it was answered at once, nor where nobody wants to know', () => {
    news.event(event('waiting', 'a'));
    clock.step(1_000);
    news.event(event('busy', 'a'));
    settings.notifyWaiting = false;
    news.event(event('waiting', 'b'));
    clock.step(10_000);
    expect(told).toEqual([]);
  });

  test('is not told again within the hour of having been told to be stalled', () => {
    news.event(event('stalled', 'a'));
    clock.step(MINUTE);
    rows.set('worker-directory:a', { name: 'a', state: 'waiting' });
    news.event(event('waiting', 'a'));
    clock.step(58 * MINUTE);
    expect(titles()).toEqual(['a is stalled']);
    clock.step(2 * MINUTE);
    expect(titles()).toEqual(['a is stalled', 'a waits for you']);
  });

  test('is told apart from those that are stalled, and with others that wait', () => {
    for (const name of ['a', 'b']) news.event(event('waiting', name));
    for (const name of ['c', 'd', 'e']) news.event(event('stalled', name));
    clock.step(10_000);
    expect(told.map(({ title, body }) => [title, body])).toEqual([
      ['3 workers are stalled', 'c, d, e'],
      ['2 workers wait for you', 'a, b'],
    ]);
  });
});

describe('work that has ended', () => {
  const run = (text: string, name = 'build', failure: WorkerRow['failure'] = null): MonitorEvent => {
    rows.set(`supervised-run:${name}`, { name, state: 'stopped', failure });
    return event('stopped', name, { workerId: `supervised-run:${name}`, text });
  };
  const session = (kind: MonitorEvent['kind'], name = 'fix it') =>
    event(kind, name, { workerId: `claude-code:${name}`, text: 'Ready' });

  test.each([
    ['Succeeded after 2 min', null, 'build has finished'],
    ['Failed to fail: exit code 3 was wanted', null, 'build has finished'],
    ['Finished with exit code 1', 'failed', 'build failed'],
    ['Ended by SIGSEGV after 2 s', 'failed', 'build failed'],
    ['Its limit of 5 s is over', 'timed_out', 'build timed out'],
    ['Was ended before it had finished', null, 'build was ended'],
    ['Its server has ended', null, 'build was ended'],
    ['Aborted: replaced', null, 'build was ended'],
  ] as const)('is told with how: %s', (text, failure, title) => {
    news.event(run(text, 'build', failure));
    clock.step(10_000);
    expect(told).toEqual([{ title, body: text, workerId: 'supervised-run:build' }]);
  });

  test('is told with how though its row comes after its event, or has gone by then', () => {
    const late = run('Over', 'late');
    news.event(late);
    rows.set('supervised-run:late', { name: 'late', state: 'stopped', failure: 'failed' });
    clock.step(10_000);
    news.event(run('Over', 'left', 'timed_out'));
    rows.delete('supervised-run:left');
    clock.step(10_000);
    expect(titles()).toEqual(['late failed', 'left timed out']);
  });

  test('is told of a workbench, but not of a worker that says it has stopped', () => {
    news.event(event('stopped', 'a', { workerId: 'workbench:a', text: 'Finished' }));
    news.event(event('stopped', 'b'));
    clock.step(10_000);
    expect(titles()).toEqual(['a has finished']);
  });

  test('is told of several together, and how many failed or timed out', () => {
    news.event(run('Over', 'a'));
    news.event(run('Over', 'b', 'failed'));
    news.event(run('Over', 'c', 'failed'));
    news.event(run('Over', 'd', 'timed_out'));
    clock.step(10_000);
    expect(titles()).toEqual(['4 workers have finished, 2 of them failed, 1 of them timed out']);
  });

  test('is told though it was told to be stalled a moment ago: it ends only once', () => {
    news.event(event('stalled', 'build', { workerId: 'supervised-run:build' }));
    clock.step(MINUTE);
    news.event(run('Failed: exit code 1 after 2 min', 'build', 'failed'));
    clock.step(MINUTE);
    expect(titles()).toEqual(['build is stalled', 'build failed']);
  });

  test('is not told where a person has ended it, nor where nobody wants to know', () => {
    wanted = ['supervised-run:a'];
    news.event(run('Ended from idlewatch', 'a'));
    settings.notifyFinished = false;
    news.event(run('Succeeded after 2 min', 'b'));
    clock.step(10_000);
    expect(told).toEqual([]);
  });

  test('is told of a session that was busy, once an hour at most', () => {
    for (let each = 0; each < 5; each += 1) {
      news.event(session('busy'));
      clock.step(MINUTE);
      news.event(session('ready'));
      clock.step(MINUTE);
    }
    expect(titles()).toEqual(['fix it has finished']);
  });

  test('is not told of a session that goes on at once, or was closed by who had nothing more to ask of it', () => {
    news.event(session('busy', 'a'));
    news.event(session('ready', 'a'));
    clock.step(500);
    news.event(session('busy', 'a'));
    news.event(session('busy', 'b'));
    news.event(session('waiting', 'b'));
    news.event(session('ready', 'b'));
    news.event(session('stopped', 'b'));
    clock.step(10_000);
    expect(told).toEqual([]);
  });

  test('is told though the session needed the person within the hour, and that once too', () => {
    const rounds = (many: number) => {
      for (let each = 0; each < many; each += 1) {
        for (const kind of ['busy', 'waiting', 'busy', 'ready'] as const) {
          news.event(session(kind));
          clock.step(MINUTE);
        }
      }
    };
    rounds(5);
    expect(titles()).toEqual(['fix it waits for you', 'fix it has finished']);
  });

  test('keeps nobody from being told that the session needs them', () => {
    news.event(session('busy'));
    news.event(session('ready'));
    clock.step(MINUTE);
    news.event(session('waiting'));
    clock.step(MINUTE);
    expect(titles()).toEqual(['fix it has finished', 'fix it waits for you']);
  });
});

describe('a sub-agent', () => {
  const sub = (kind: MonitorEvent['kind'], name: string) =>
    event(kind, name, { workerId: `claude-code:${name}`, text: `${name} hangs` });

  beforeEach(() => {
    rows.set('claude-code:parent', { name: 'parent' });
    for (const name of ['x', 'y']) rows.set(`claude-code:${name}`, { name, parentId: 'claude-code:parent' });
  });

  test('is told with its parent', () => {
    news.event(sub('stalled', 'x'));
    clock.step(10_000);
    expect(told).toEqual([{ title: 'parent: x is stalled', body: 'x hangs', workerId: 'claude-code:x' }]);
  });

  test('is part of what is told of its parent, and of no more than one worker', () => {
    for (const name of ['parent', 'x', 'y']) news.event(sub('stalled', name));
    clock.step(10_000);
    expect(titles()).toEqual(['parent is stalled']);
  });

  test('counts as its parent among others, and within the hour', () => {
    for (const name of ['x', 'y']) news.event(sub('stalled', name));
    news.event(event('stalled', 'other'));
    clock.step(10_000);
    news.event(sub('stalled', 'parent'));
    clock.step(10_000);
    expect(told.map(({ title, body }) => [title, body])).toEqual([['2 workers are stalled', 'parent, other']]);
  });

  test('is told with its like', () => {
    for (const name of ['x', 'y']) news.event(sub('stalled', name));
    clock.step(10_000);
    expect(titles()).toEqual(['parent: 2 sub-agents are stalled']);
  });

  test('of a session in a workbench is told with that', () => {
    rows.set('claude-code:parent', { name: 'parent', parentId: 'workbench:bench' });
    rows.set('workbench:bench', { name: 'bench' });
    const bench = event('stalled', 'bench', { workerId: 'workbench:bench', text: 'bench hangs' });
    for (const each of [bench, sub('stalled', 'parent'), sub('stalled', 'x')]) news.event(each);
    clock.step(10_000);
    expect(titles()).toEqual(['bench is stalled']);
  });

  test('is told when it has finished where it is a session in a workbench', () => {
    rows.set('claude-code:x', { name: 'x', parentId: 'workbench:bench' });
    rows.set('workbench:bench', { name: 'bench' });
    news.event(sub('busy', 'x'));
    news.event(sub('ready', 'x'));
    clock.step(10_000);
    expect(titles()).toEqual(['bench: x has finished']);
  });

  test('is not told when it has finished', () => {
    news.event(sub('busy', 'x'));
    news.event(sub('ready', 'x'));
    clock.step(10_000);
    expect(told).toEqual([]);
  });
});

describe('quiet hours', () => {
  beforeEach(() => {
    settings.quietHours = '08:00-10:00';
  });

  test('keep what holds until they are over, and drop what does not', () => {
    for (const name of ['a', 'b', 'c']) news.event(event('stalled', name));
    clock.step(MINUTE);
    news.event(event('recovered', 'c'));
    clock.step(58 * MINUTE);
    expect(told).toEqual([]);
    clock.step(3 * MINUTE);
    expect(titles()).toEqual(['2 workers are stalled']);
  });

  test('end when the clock says so, also where it was set or the machine slept', () => {
    news.event(event('stalled', 'a'));
    clock.step(10_000);
    clock.jumpWall(5 * HOUR);
    clock.step(2 * MINUTE);
    expect(titles()).toEqual(['a is stalled']);
  });

  test('keep the policy from telling anything but what it has done', () => {
    news.policy({ title: 'Still stalled: a', body: '', workerId: 'worker-directory:a' });
    news.policy({ title: 'a was ended automatically', body: '', workerId: 'worker-directory:a', done: true });
    expect(told).toEqual([{ title: 'a was ended automatically', body: '', workerId: 'worker-directory:a' }]);
    settings.quietHours = null;
    news.policy({ title: 'End b?', body: '', workerId: 'worker-directory:b' });
    settings.mutedSources = ['worker-directory'];
    news.policy({ title: 'End c?', body: '', workerId: 'worker-directory:c' });
    expect(titles()).toEqual(['a was ended automatically', 'End b?']);
  });

  test('keep it to themselves that all is idle', () => {
    news.head(snapshotOf([workerRow({ state: 'busy' })]));
    news.head(snapshotOf([workerRow()]));
    expect(told).toEqual([]);
  });
});

describe('everything idle', () => {
  const busy = snapshotOf([workerRow({ state: 'busy' })]);
  const idle = snapshotOf([workerRow()]);

  test('is told once after work, not before any', () => {
    news.head(idle);
    expect(told).toEqual([]);
    news.head(busy);
    news.head(idle);
    news.head(idle);
    expect(told.map(({ title }) => title)).toEqual(['Everything is idle']);
    expect(told[0]?.workerId).toBeNull();
  });

  test('is told also when a stall lay between', () => {
    news.head(busy);
    news.head(snapshotOf([stalledRow()]));
    expect(told).toEqual([]);
    news.head(idle);
    expect(told).toHaveLength(1);
  });

  test('is told only when nothing waits for the person any more', () => {
    news.head(busy);
    news.head(snapshotOf([workerRow({ state: 'waiting' })]));
    expect(told).toEqual([]);
    news.head(idle);
    expect(told).toHaveLength(1);
  });

  test('is not told while paused, nor where the person does not want it', () => {
    news.head(busy);
    news.head({ ...idle, paused: true });
    settings.notifyAllIdle = false;
    news.head(idle);
    expect(told).toEqual([]);
  });
});
