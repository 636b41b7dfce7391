import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeScene, type SteppedMonitor, startMonitor } from './support/stepped-monitor';

/** `names` that beat just now, in one state directory. */
function workers(...names: string[]) {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  const path = (name: string) => join(state, 'workers', name);
  for (const name of names) scene.beat(path(name), 'ready');
  return { scene, state, path };
}

/** Whoever waits for figures of memory gets them. */
const settled = () => new Promise<void>((done) => setImmediate(done));
const ofWhole = ({ events }: SteppedMonitor) =>
  events.filter(({ workerId }) => workerId === null).map(({ kind, text }) => [kind, text]);

describe('pause', () => {
  it('stops looking: no timer but the tick, no watch, no verdict, nothing called idle', async () => {
    const { scene, state, path } = workers('w');
    scene.put(path('w'), 'worker.log', 'a line\n');
    const started = startMonitor(scene, [state]);
    await settled();
    started.monitor.pause(true);
    expect(started.monitor.snapshot().paused).toBe(true);
    expect(scene.clock.timerCount).toBe(1);
    expect(scene.fileEvents.open.size).toBe(0);
    scene.beat(path('w'), 'busy');
    scene.clock.step(600_000);
    await settled();
    expect(scene.clock.timerCount).toBe(1);
    expect(started.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
    expect(started.events).toEqual([]);
  });

  it('asks nothing of anybody meanwhile', () => {
    const { scene, state, path } = workers('w');
    const { monitor, row, settings } = startMonitor(scene, [state]);
    const { id } = row('w');
    monitor.pause(true);
    monitor.focus({ visible: [id], selected: id });
    monitor.configure({ ...settings, heartbeat_missing_secs: 5 }, { 'worker-directory': [state] });
    scene.beat(path('w'), 'busy');
    scene.clock.step(60_000);
    expect(scene.fileEvents.open.size).toBe(0);
    expect(row('w').state).toBe('ready');
  });

  it('ends with a look at everything, and the pulse goes on', async () => {
    const { scene, state, path } = workers('w', 'gone');
    const started = startMonitor(scene, [state]);
    await settled();
    const timers = scene.clock.timerCount;
    const watches = scene.fileEvents.open.size;
    started.monitor.pause(true);
    rmSync(path('gone'), { recursive: true });
    scene.clock.step(60_000);
    scene.beat(path('w'), 'busy');
    scene.beat(path('new'), 'ready');
    started.monitor.pause(false);
    scene.clock.step(1_000);
    expect(started.monitor.snapshot().paused).toBe(false);
    expect(started.row('w').state).toBe('busy');
    expect(started.told('new')).toEqual(['found']);
    expect(started.told('gone')).toEqual(['left']);
    expect(scene.clock.timerCount).toBe(timers);
    expect(scene.fileEvents.open.size).toBe(watches);
    expect(ofWhole(started)).toEqual([]);
  });

  it('twice is once', () => {
    const { scene, state } = workers('w');
    const { monitor } = startMonitor(scene, [state]);
    const before = scene.clock.timerCount;
    for (const paused of [true, true, false, false]) monitor.pause(paused);
    scene.clock.step(100);
    expect(scene.clock.timerCount).toBe(before);
  });
});

describe('snooze', () => {
  it('needs no person until the worker changes, and then does again', () => {
    const { scene, state, path } = workers('w');
    const { monitor, row } = startMonitor(scene, [state]);
    scene.clock.step(40_000);
    const { id } = row('w');
    expect(monitor.snapshot()).toMatchObject({ overall: 'stalled', sentence: 'The worker is dead.' });
    expect(monitor.snooze(id, 'until_change')).toBe(true);
    expect(row('w')).toMatchObject({ snoozed: true, needsPerson: false, state: 'dead' });
    expect(monitor.snapshot()).toMatchObject({ overall: 'idle', sentence: 'The worker is dead (snoozed).' });
    scene.clock.step(120_000);
    expect(row('w').snoozed, 'it lasts as long as nothing changes').toBe(true);
    scene.beat(path('w'), 'ready');
    scene.clock.step(200);
    expect(row('w')).toMatchObject({ snoozed: false, state: 'ready' });
    scene.clock.step(40_000);
    expect(row('w')).toMatchObject({ snoozed: false, needsPerson: true, state: 'dead' });
  });

  it('can be taken back, and is refused for whom nobody knows', () => {
    const { scene, state } = workers('w');
    const { monitor, row } = startMonitor(scene, [state]);
    scene.clock.step(40_000);
    const { id } = row('w');
    monitor.snooze(id, 'until_change');
    monitor.snooze(id, 'off');
    expect(row('w')).toMatchObject({ snoozed: false, needsPerson: true });
    expect(monitor.snapshot().overall).toBe('stalled');
    expect(monitor.snooze('worker-directory:/nowhere', 'until_change')).toBe(false);
  });
});

describe('configure', () => {
  it('judges by new thresholds at once', () => {
    const { scene, state } = workers('w');
    const { monitor, row, settings } = startMonitor(scene, [state]);
    scene.clock.step(9_000);
    monitor.configure({ ...settings, heartbeat_missing_secs: 5 }, { 'worker-directory': [state] });
    scene.clock.step(100);
    expect(row('w')).toMatchObject({ state: 'dead', heartbeatMissingMs: 5_000 });
    monitor.configure({ ...settings, heartbeat_missing_secs: 60 }, { 'worker-directory': [state] });
    scene.clock.step(100);
    expect(row('w')).toMatchObject({ state: 'ready', health: 'healthy', heartbeatMissingMs: 60_000 });
  });

  it('moves the deadlines: a longer threshold is not met early, a shorter one not late', () => {
    const { scene, state } = workers('w');
    const { monitor, row, settings } = startMonitor(scene, [state], { fileEvents: false });
    monitor.configure(
      { ...settings, heartbeat_missing_secs: 60, sweepIntervalMs: 600_000 },
      { 'worker-directory': [state] },
    );
    scene.clock.step(59_000);
    expect(row('w').state).toBe('ready');
    scene.clock.step(700);
    expect(row('w').state).toBe('dead');
  });

  it('takes over the limits of idleness, and when they are asked for', async () => {
    const { scene, state, path } = workers('w');
    scene.put(path('w'), 'worker.log', 'one\n');
    const started = startMonitor(scene, [state]);
    await settled();
    expect(started.monitor.snapshot().idle.idleTimeoutMs).toBe(30_000);
    const limits = { MIN_IDLE_TIMEOUT_MS: 1_000, INITIAL_IDLE_TIMEOUT_MS: 3_000, IDLE_CHECK_INTERVAL_MS: 500 };
    started.monitor.configure({ ...started.settings, ...limits }, { 'worker-directory': [state] });
    expect(started.monitor.snapshot().idle.idleTimeoutMs).toBe(3_000);
    scene.clock.step(3_200);
    expect(ofWhole(started)).toEqual([['idle', 'quiet for 3 s']]);
  });

  it('takes in new directories and lets go of others', () => {
    const { scene, state } = workers('w');
    const other = scene.stateDirectory('other');
    scene.beat(join(other, 'workers', 'o'), 'ready');
    const { monitor, settings, told } = startMonitor(scene, [state]);
    monitor.configure(settings, { 'worker-directory': [state, other] });
    scene.clock.step(100);
    expect(monitor.snapshot().workers.map(({ name }) => name)).toEqual(['w', 'o']);
    monitor.configure(settings, { 'worker-directory': [other] });
    scene.clock.step(100);
    expect(monitor.snapshot()).toMatchObject({ counts: { ready: 1 }, roots: [{ path: other, workers: 1 }] });
    expect([told('w'), told('o')]).toEqual([['left'], ['found']]);
    expect([...scene.fileEvents.open.keys()].filter((directory) => directory.startsWith(state))).toEqual([]);
  });

  it('fifty times leaves no second timer and no second watch', async () => {
    const { scene, state } = workers('a', 'b', 'c');
    const { monitor, settings } = startMonitor(scene, [state]);
    await settled();
    const before = [scene.clock.timerCount, scene.fileEvents.open.size];
    for (let n = 1; n <= 50; n += 1) {
      const changed = { ...settings, IDLE_CHECK_INTERVAL_MS: 1_000 + n, sweepIntervalMs: 10_000 + n };
      monitor.configure({ ...changed, heartbeat_missing_secs: 30 + n }, { 'worker-directory': [state] });
      if (n % 7 === 0) scene.clock.step(30);
    }
    scene.clock.step(100);
    expect([scene.clock.timerCount, scene.fileEvents.open.size]).toEqual(before);
  });
});

describe('idle and running', () => {
  it('are told when all falls quiet and when traffic comes: by lines, not by heartbeats', async () => {
    const { scene, state, path } = workers('w');
    scene.put(path('w'), 'worker.log', 'one\n');
    scene.clock.step(2_000);
    const started = startMonitor(scene, [state]);
    await settled();
    for (let n = 0; n < 4; n += 1) {
      scene.clock.step(10_000);
      scene.beat(path('w'), 'ready');
      await settled();
    }
    expect(ofWhole(started)).toEqual([['idle', 'quiet for 32 s']]);
    expect(started.monitor.snapshot()).toMatchObject({ overall: 'idle', sentence: 'The worker is idle.' });
    scene.put(path('w'), 'worker.log', 'one\ntwo\nthree\n');
    scene.clock.step(200);
    expect(ofWhole(started).slice(1)).toEqual([['running', 'traffic 0 s ago; idle after 30 s without']]);
    expect(started.monitor.snapshot()).toMatchObject({ overall: 'busy', idle: { trafficCount: 2 } });
  });

  it.each<[string, number | null, string, object]>([
    ['an hour ago', 3_600_000, 'idle', { isIdle: true, reason: 'quiet for 1 h' }],
    ['just now', 0, 'busy', { isIdle: false, reason: 'traffic 0 s ago; idle after 30 s without' }],
    ['never', null, 'idle', { isIdle: true, reason: 'no traffic yet', sinceTrafficMs: null }],
  ])('the first reading knows that the last line came %s', async (_, agoMs, overall, idle) => {
    const { scene, state, path } = workers('w');
    if (agoMs !== null) {
      scene.clock.jumpWall(-agoMs);
      scene.put(path('w'), 'inbox.jsonl', '{"id":1}\n');
      scene.put(path('w'), 'outbox.jsonl', '{"task_id":1}\n');
      scene.clock.jumpWall(agoMs);
    }
    const started = startMonitor(scene, [state]);
    await settled();
    expect(started.monitor.snapshot()).toMatchObject({ overall, idle });
    expect(started.monitor.snapshot().idle.trafficCount).toBe(0);
    scene.clock.step(5_000);
    expect(started.events, 'what was so at first sight is no news').toEqual([]);
  });

  it('without any worker all is idle', () => {
    const scene = makeScene();
    const { monitor } = startMonitor(scene, [scene.stateDirectory('run')]);
    expect(monitor.snapshot()).toMatchObject({ overall: 'idle', sentence: 'No workers yet.' });
  });

  it('a machine short of memory at the start is not idle, and that is no news either', async () => {
    const { scene, state } = workers('w');
    const started = startMonitor(scene, [state], { start: false });
    started.memory.availableBytes = 0.8e9;
    started.monitor.start();
    scene.clock.step(400);
    await settled();
    const { overall, idle, memory } = started.monitor.snapshot();
    expect(overall).toBe('busy');
    expect(idle.reason).toBe('the machine uses 95 % of its memory, over 90 %');
    expect(memory).toMatchObject({ totalBytes: 16e9, usedBytes: 15.2e9, overThreshold: true });
    started.memory.availableBytes = 12e9;
    scene.clock.step(5_000);
    await settled();
    expect(ofWhole(started)).toEqual([['idle', 'no traffic yet']]);
  });
});

describe('stop', () => {
  it('leaves no timer and no watch, whatever went on', async () => {
    const { scene, state, path } = workers('a', 'b');
    const { monitor, row } = startMonitor(scene, [state]);
    const { unsubscribe } = monitor.subscribe(() => undefined);
    monitor.focus({ visible: [row('a').id], selected: row('b').id });
    monitor.suspend();
    monitor.resume();
    scene.beat(path('a'), 'busy');
    scene.beat(path('c'), 'ready');
    monitor.stop();
    expect(scene.clock.timerCount).toBe(0);
    expect(scene.fileEvents.open.size).toBe(0);
    await settled();
    scene.clock.step(60_000);
    expect(scene.clock.timerCount).toBe(0);
    unsubscribe();
  });

  it('may be called by whoever is told of something, in the midst of a sweep', () => {
    const scene = makeScene();
    const state = scene.stateDirectory('run');
    const old = new Date(scene.clock.wallMs() - 60_000).toISOString();
    for (const name of ['a', 'b', 'c']) scene.beat(join(state, 'workers', name), 'ready', { ts: old });
    const { monitor, events } = startMonitor(scene, [state], { start: false });
    monitor.onEvent(() => monitor.stop());
    monitor.start();
    scene.clock.step(60_000);
    expect(events).toHaveLength(1);
    expect(scene.clock.timerCount).toBe(0);
    expect(scene.fileEvents.open.size).toBe(0);
  });

  it('before the start there is nothing: no timer, no watch, no worker', () => {
    const { scene, state } = workers('a');
    const { monitor } = startMonitor(scene, [state], { start: false });
    expect(scene.clock.timerCount).toBe(0);
    expect(monitor.snapshot().workers).toEqual([]);
  });
});

it('a root that cannot be read is a run with an issue', () => {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  scene.beat(join(state, 'workers', 'w'), 'ready');
  const missing = join(scene.base, 'missing');
  const { monitor } = startMonitor(scene, [state, missing]);
  expect(monitor.check().map(({ runId, issuesFound }) => [runId, issuesFound])).toEqual([
    ['run', []],
    [missing, [`${missing} cannot be read: there is no such directory`]],
  ]);
});
