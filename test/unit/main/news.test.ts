import { beforeEach, describe, expect, test } from 'vitest';
import { createNews, type Message, type News } from '../../../src/main/news';
import type { MonitorEvent } from '../../../src/shared/model';
import { defaultSettings } from '../../../src/shared/settings';
import { SteppedClock } from '../../fakes/stepped-clock';
import { snapshotOf, stalledRow, workerRow } from '../../fixtures/snapshot';

let clock: SteppedClock;
let told: Message[];
let settings: ReturnType<typeof defaultSettings>;
let wanted: string[];
let news: News;

beforeEach(() => {
  clock = new SteppedClock();
  told = [];
  settings = defaultSettings();
  wanted = [];
  news = createNews({
    clock,
    settings: () => settings,
    isWanted: (id) => wanted.includes(id),
    tell: (message) => told.push(message),
  });
});

function event(kind: MonitorEvent['kind'], workerName: string): MonitorEvent {
  return { id: 1, at: 0, kind, workerId: `id:${workerName}`, workerName, text: `${workerName} is silent` };
}

describe('a worker that stalls or dies', () => {
  test('is told once, with its name and its reason', () => {
    news.event(event('stalled', 'worker-3'));
    clock.step(10_000);
    expect(told).toEqual([{ title: 'worker-3 is stalled', body: 'worker-3 is silent', workerId: 'id:worker-3' }]);
  });

  test('says so when it is dead', () => {
    news.event(event('dead', 'worker-3'));
    clock.step(10_000);
    expect(told.map(({ title }) => title)).toEqual(['worker-3 is dead']);
  });

  test('is told together with others of the same moment', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) news.event(event('stalled', name));
    clock.step(10_000);
    expect(told).toEqual([{ title: '7 workers are stalled', body: 'a, b, c, d, e and 2 more', workerId: 'id:a' }]);
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
    clock.step(1_000);
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

  test('does not flood the desktop where one comes and goes', () => {
    for (let each = 0; each < 50; each += 1) {
      news.event(event('stalled', 'a'));
      clock.step(200);
      news.event(event('recovered', 'a'));
      clock.step(200);
    }
    expect(told.length).toBeLessThanOrEqual(4);
  });

  test('is not told where the person does not want it, nor anything that is no alarm', () => {
    for (const kind of ['found', 'busy', 'ready', 'waiting', 'recovered', 'stopped', 'kill'] as const) {
      news.event(event(kind, 'a'));
    }
    settings.notifyStalled = false;
    news.event(event('stalled', 'a'));
    clock.step(10_000);
    expect(told).toEqual([]);
  });

  test('is not told of one that a person has just ended', () => {
    wanted = ['id:a'];
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

  test('is not told while paused, nor where the person does not want it', () => {
    news.head(busy);
    news.head({ ...idle, paused: true });
    settings.notifyAllIdle = false;
    news.head(idle);
    expect(told).toEqual([]);
  });
});
