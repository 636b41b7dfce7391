import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Delta, MonitorEvent, Snapshot } from '../../../src/shared/model';
import { applyDelta } from '../../../src/shared/snapshot';
import { makeScene, type SteppedMonitor, startMonitor } from './support/stepped-monitor';

function workers(...names: string[]) {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  const path = (name: string) => join(state, 'workers', name);
  for (const name of names) scene.beat(path(name), 'ready');
  return { scene, state, path };
}

/** Everything that must not depend on how one came by it: not the moment it was asked for, nor figures that run on. */
function picture({ takenAt, idle, memory, detail, ...rest }: Snapshot) {
  return { ...rest, rows: rest.workers.map(({ id, reason, judgedAt }) => [id, reason, judgedAt]) };
}

/** Folds every delta; each time, the result must be what a newcomer would be given. */
function follow({ monitor }: SteppedMonitor) {
  const deltas: Delta[] = [];
  let wrong = 0;
  const { snapshot, unsubscribe } = monitor.subscribe((delta) => {
    deltas.push(delta);
    const next = applyDelta(folded.now, delta);
    if (next === null) wrong += 1;
    else folded.now = next;
    expect(picture(folded.now)).toEqual(picture(monitor.snapshot()));
  });
  const folded = { now: snapshot };
  return { deltas, folded, unsubscribe, gaps: () => wrong };
}

describe('deltas', () => {
  it('follow the snapshot without a gap, and folded they are the snapshot of the moment', () => {
    const { scene, state, path } = workers('a', 'b', 'c', 'd');
    const started = startMonitor(scene, [state]);
    const { deltas, folded, gaps } = follow(started);
    expect(folded.now.workers).toHaveLength(4);
    started.monitor.focus({ visible: [started.row('a').id], selected: started.row('b').id });
    for (let n = 0; n < 8; n += 1) {
      scene.beat(path('a'), n % 2 ? 'busy' : 'ready');
      scene.put(path('b'), 'worker.log', 'line\n'.repeat(n + 1));
      if (n === 3) scene.beat(path('e'), 'ready');
      if (n === 5) rmSync(path('d'), { recursive: true });
      if (n === 6) started.monitor.snooze(started.row('c').id, 'until_change');
      scene.clock.step(5_000 + n * 37);
    }
    expect(gaps()).toBe(0);
    expect(deltas.length).toBeGreaterThan(10);
    expect(folded.now.seq).toBe(deltas.length);
    expect(folded.now.workers.map(({ path: own }) => own.at(-1))).toEqual(['a', 'b', 'c', 'e']);
    expect(folded.now.events.map(({ id }) => id)).toEqual(started.events.map(({ id }) => id).reverse());
  });

  it('come at once for the first change and at most eight a second after it, to whoever subscribed', () => {
    const { scene, state, path } = workers('a');
    const started = startMonitor(scene, [state]);
    started.monitor.focus({ visible: [started.row('a').id], selected: null });
    scene.clock.step(3_000);
    const { deltas, unsubscribe } = follow(started);
    scene.clock.step(2_000);
    const before = deltas.length;
    scene.beat(path('a'), 'busy');
    scene.clock.step(150);
    expect(deltas.slice(before).flatMap(({ changed }) => changed.map((row) => row.state))).toContain('busy');
    const from = deltas.length;
    for (let ms = 0; ms < 1_000; ms += 20) {
      scene.beat(path('a'), ms % 40 ? 'busy' : 'ready');
      scene.clock.step(20);
    }
    expect(deltas.length - from).toBeLessThanOrEqual(8);
    expect(deltas.length - from).toBeGreaterThan(3);
    unsubscribe();
    const after = deltas.length;
    scene.beat(path('a'), 'waiting');
    scene.clock.step(10_000);
    expect(deltas).toHaveLength(after);
  });

  it('hold the points of the charts, one every two seconds', () => {
    const { scene, state } = workers('a');
    const started = startMonitor(scene, [state]);
    const { folded } = follow(started);
    scene.clock.step(400_000);
    const { series } = folded.now;
    expect(series).toHaveLength(150);
    const gapsMs = series.slice(1).map((point, at) => Math.round(point.at - (series[at]?.at ?? 0)));
    expect(new Set(gapsMs)).toEqual(new Set([2_000]));
    expect(
      series.every((point) => Object.values(point).every((value) => value === null || Number.isFinite(value))),
    ).toBe(true);
  });
});

describe('listeners', () => {
  it('of events hear each once, whether or not anybody subscribed, until they leave', () => {
    const { scene, state, path } = workers('a');
    const { monitor } = startMonitor(scene, [state]);
    const heard: MonitorEvent['kind'][] = [];
    const leave = monitor.onEvent(({ kind, workerId }) => workerId && heard.push(kind));
    scene.clock.step(31_000);
    scene.beat(path('a'), 'ready');
    scene.clock.step(1_000);
    expect(heard).toEqual(['dead', 'recovered']);
    leave();
    scene.clock.step(60_000);
    expect(heard).toEqual(['dead', 'recovered']);
  });

  it('of the head hear what the tray shows, without any subscriber to deltas', () => {
    const { scene, state, path } = workers('a', 'b');
    const { monitor } = startMonitor(scene, [state]);
    const heads: Snapshot[] = [];
    const leave = monitor.onHead((snapshot) => heads.push(snapshot));
    scene.clock.step(31_000);
    expect(heads.at(-1)).toMatchObject({
      overall: 'stalled',
      sentence: 'Both workers are dead.',
      counts: { dead: 2 },
    });
    scene.beat(path('a'), 'busy');
    scene.clock.step(1_000);
    expect(heads.at(-1)).toMatchObject({
      sentence: '1 of 2 workers is dead, 1 is busy.',
      counts: { dead: 1, busy: 1 },
    });
    monitor.pause(true);
    scene.clock.step(200);
    expect(heads.at(-1)?.paused).toBe(true);
    leave();
    const { length } = heads;
    monitor.pause(false);
    scene.clock.step(60_000);
    expect(heads).toHaveLength(length);
  });

  it('of the head are not called for beats that change nothing', () => {
    const { scene, state, path } = workers('a');
    const { monitor } = startMonitor(scene, [state]);
    scene.clock.step(8_000);
    let calls = 0;
    monitor.onHead(() => (calls += 1));
    for (let n = 0; n < 20; n += 1) {
      scene.beat(path('a'), 'ready');
      scene.clock.step(500);
    }
    expect(calls).toBe(0);
  });
});

describe('focus', () => {
  it('gives the selected worker’s detail: evidence, the end of its log, and nobody else’s', () => {
    const { scene, state, path } = workers('a', 'b');
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`);
    scene.put(path('b'), 'worker.log', `${lines.join('\n')}\nlast \u001b[31mred\n`);
    const { monitor, row } = startMonitor(scene, [state]);
    expect(monitor.snapshot().detail).toBeNull();
    monitor.focus({ visible: [], selected: row('b').id });
    scene.clock.step(200);
    const { detail } = monitor.snapshot();
    expect(detail).toMatchObject({ id: row('b').id, state: 'ready', heartbeatContent: { status: 'ready' } });
    expect(detail?.logTail?.file).toBe('worker.log');
    expect(detail?.logTail?.lines).toHaveLength(60);
    expect(detail?.logTail?.lines.at(-1)).toBe('last ␛[31mred');
    expect(detail?.evidence.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['heartbeat', 'log', 'first_seen']),
    );
    monitor.focus({ visible: [], selected: null });
    expect(monitor.snapshot().detail).toBeNull();
    monitor.focus({ visible: [], selected: 'worker-directory:/nowhere' });
    expect(monitor.snapshot().detail).toBeNull();
  });

  it('tells of the selected worker by delta as its log grows', () => {
    const { scene, state, path } = workers('a');
    scene.put(path('a'), 'worker.log', 'one\n');
    const started = startMonitor(scene, [state]);
    started.monitor.focus({ visible: [], selected: started.row('a').id });
    const { folded } = follow(started);
    scene.clock.step(1_000);
    expect(folded.now.detail?.logTail?.lines).toEqual(['one']);
    scene.put(path('a'), 'worker.log', 'one\ntwo\n');
    scene.clock.step(300);
    expect(folded.now.detail?.logTail?.lines).toEqual(['one', 'two']);
  });

  it('keeps the selected worker’s detail fresh though nothing happens to it', () => {
    const { scene, state } = workers('a');
    const started = startMonitor(scene, [state]);
    const { deltas } = follow(started);
    const details = () => deltas.filter(({ detail }) => detail !== undefined).length;
    scene.clock.step(10_000);
    expect(details()).toBe(0);
    started.monitor.focus({ visible: [], selected: started.row('a').id });
    scene.clock.step(200);
    const before = details();
    scene.clock.step(10_000);
    expect(details() - before).toBeGreaterThanOrEqual(5);
  });

  it('shows the tree of a real process, parents before children, with what it uses', async () => {
    const { scene, state, path } = workers('a');
    const child: ChildProcess = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { cwd: path('a') });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const sleeper = Number(said.toString());
    onTestFinished(() => {
      if (sleeper > 1) process.kill(sleeper, 'SIGKILL');
    });
    scene.clock.jumpWall(Date.now() - scene.clock.wallMs() + 50);
    scene.beat(path('a'), 'busy', { pid: child.pid });
    const started = startMonitor(scene, [state]);
    started.monitor.focus({ visible: [], selected: started.row('a').id });
    const { folded } = follow(started);
    scene.clock.step(4_100);
    const { detail } = folded.now;
    expect(detail?.process).toMatchObject({ pid: child.pid, verified: true });
    expect(detail?.processes.map(({ pid, depth }) => [pid, depth])).toEqual([
      [child.pid, 0],
      [sleeper, 1],
    ]);
    expect(detail?.processes[1]?.command).toBe('sleep 60');
    expect(detail?.rssBytes).toBe(detail?.processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0));
    expect(detail?.rssBytes).toBeGreaterThan(100_000);
    await new Promise((done) => setImmediate(done));
    expect(started.monitor.snapshot().memory.workersRssBytes).toBeGreaterThan(100_000);
  });

  it('opens watches where somebody looks', () => {
    const { scene, state, path } = workers('a', 'b');
    startMonitor(scene, [state]);
    expect([...scene.fileEvents.open.keys()].sort()).toEqual([path('a'), path('b'), join(state, 'workers')].sort());
  });
});

describe('check', () => {
  it('groups by run with one issue for each that is stalled or dead, and writes and records nothing', () => {
    const { scene, state, path } = workers('a', 'b');
    const other = scene.stateDirectory('other');
    scene.beat(join(other, 'workers', 'o'), 'ready');
    const { monitor, events } = startMonitor(scene, [state, other]);
    scene.clock.step(20_000);
    scene.beat(path('a'), 'ready');
    scene.beat(join(other, 'workers', 'o'), 'ready');
    scene.clock.step(15_000);
    const recorded = events.length;
    const onDisk = () =>
      readdirSync(scene.base, { recursive: true, encoding: 'utf8' }).map((name) => [
        name,
        statSync(join(scene.base, name)).mtimeMs,
      ]);
    const before = onDisk();
    const { seq, events: told } = monitor.snapshot();
    const runs = monitor.check();
    expect(
      runs.map(({ runId, workers, issuesFound }) => [runId, workers.map(({ name }) => name), issuesFound]),
    ).toEqual([
      ['run', ['a', 'b'], ['b: No sign of life for 30 s (allowed 30 s)']],
      ['other', ['o'], []],
    ]);
    expect(runs.every(({ checkedAt }) => Math.abs(checkedAt - scene.clock.wallMs()) < 1)).toBe(true);
    expect(runs[0]?.workers[1]?.evidence.length).toBeGreaterThan(0);
    expect(onDisk()).toEqual(before);
    expect(events).toHaveLength(recorded);
    expect(monitor.snapshot()).toMatchObject({ seq, events: told });
    expect(readFileSync(join(path('a'), 'heartbeat.json'), 'utf8')).toContain('ready');
  });
});

it('a receipt is told of, and its worker looked at again at once', () => {
  const { scene, state, path } = workers('a');
  const { monitor, row, told, events } = startMonitor(scene, [state], { fileEvents: false });
  const { id } = row('a');
  scene.beat(path('a'), 'stopped');
  monitor.noteReceipt({
    planId: 'p',
    workerId: id,
    workerName: 'a',
    askedBy: 'test',
    why: 'a test',
    session: null,
    startedAt: scene.clock.wallMs(),
    tookMs: 10,
    ended: true,
    summary: 'Ended 2 processes in 10 ms.',
    processes: [],
  });
  scene.clock.step(200);
  expect(row('a').state).toBe('stopped');
  expect(told('a')).toEqual(['kill_ended', 'stopped']);
  expect(events[0]).toMatchObject({ workerName: 'a', text: 'Ended 2 processes in 10 ms.' });
});

it('a worker that a person ended is no news, until it lives again', () => {
  const { scene, state, path } = workers('a');
  const { monitor, row, told } = startMonitor(scene, [state], { fileEvents: false });
  scene.clock.step(1_000);
  monitor.noteReceipt({
    planId: 'p',
    workerId: row('a').id,
    workerName: 'a',
    askedBy: 'test',
    why: 'a test',
    session: null,
    startedAt: scene.clock.wallMs(),
    tookMs: 10,
    ended: true,
    summary: 'Ended 1 process in 10 ms.',
    processes: [],
  });
  scene.clock.step(60_000);
  expect(row('a')).toMatchObject({ state: 'stopped', reason: 'Ended from idlewatch' });
  expect(monitor.snapshot().overall).toBe('idle');
  expect(told('a')).toEqual(['kill_ended', 'stopped']);
  scene.beat(path('a'), 'ready');
  scene.clock.step(31_000);
  expect(told('a').slice(2)).toEqual(['ready', 'dead']);
});

it('a worker that another program of idlewatch ended is no news, until it lives again', () => {
  const { scene, state, path } = workers('a');
  let endedAt: number | null = null;
  const ends = { endedAt: () => endedAt, isUnderWay: () => false };
  const { row, told } = startMonitor(scene, [state], { fileEvents: false, ends });
  scene.clock.step(1_000);
  endedAt = scene.clock.wallMs();
  scene.clock.step(60_000);
  expect(row('a')).toMatchObject({ state: 'stopped', reason: 'Ended from idlewatch' });
  expect(told('a')).toEqual(['stopped']);
  scene.beat(path('a'), 'ready');
  scene.clock.step(31_000);
  expect(told('a').slice(1)).toEqual(['ready', 'dead']);
  endedAt = scene.clock.wallMs();
  scene.clock.step(31_000);
  expect(told('a').slice(3)).toEqual(['stopped']);
});

it('what was ended before it was first seen has stopped; what lived after that end has not', () => {
  const { scene, state, path } = workers('a', 'b');
  const endedAt = scene.clock.wallMs() + 1_000;
  scene.clock.step(2_000);
  scene.beat(path('b'), 'busy');
  scene.clock.step(120_000);
  const ends = { endedAt: () => endedAt, isUnderWay: () => false };
  const { row } = startMonitor(scene, [state], { fileEvents: false, ends });
  expect(row('a')).toMatchObject({ state: 'stopped', reason: 'Ended from idlewatch' });
  expect(row('b').state).toBe('dead');
});

it('views have a focus each, and are told of what they selected alone', () => {
  const { scene, state, path } = workers('a', 'b');
  const { monitor, row } = startMonitor(scene, [state]);
  const open = (name: string) => {
    const seen: Snapshot[] = [];
    const view = monitor.view((delta) => {
      const next = applyDelta(seen.at(-1) as Snapshot, delta);
      if (!next) throw new Error('a gap');
      seen.push(next);
    });
    seen.push(view.snapshot());
    view.focus({ visible: [], selected: row(name).id });
    return { view, now: () => seen.at(-1) as Snapshot };
  };
  const first = open('a');
  const second = open('b');
  scene.clock.step(1_000);
  expect([first.now().detail?.name, second.now().detail?.name]).toEqual(['a', 'b']);
  expect(monitor.snapshot().detail).toBeNull();
  expect(scene.fileEvents.open.has(path('b'))).toBe(true);
  second.view.close();
  scene.put(path('a'), 'worker.log', 'line\n');
  scene.clock.step(1_000);
  expect(first.now().detail?.logTail?.lines).toContain('line');
  expect(second.now().detail?.name).toBe('b');
});
