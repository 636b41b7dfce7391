import { appendFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MonitorEvent } from '../../../src/shared/model';
import { makeScene, type Scene, type SteppedMonitor, startMonitor } from './support/stepped-monitor';

const MIN = 60_000;

/** Let time pass while the worker beats. */
function pass(scene: Scene, worker: string, ms: number): void {
  for (let left = ms; left > 0; left -= 20_000) {
    scene.beat(worker, 'ready');
    scene.clock.step(20_000);
  }
}

function give(scene: Scene, worker: string, ...tasks: object[]): void {
  const path = join(worker, 'inbox.jsonl');
  appendFileSync(path, tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
  utimesSync(path, scene.clock.wallMs() / 1000, scene.clock.wallMs() / 1000);
  scene.fileEvents.open.get(worker)?.('inbox.jsonl');
}

const texts = (watched: SteppedMonitor, kind: MonitorEvent['kind']) =>
  watched.events
    .filter((event) => event.kind === kind)
    .map(({ workerId, text }) => [workerId?.split('/').at(-1), text]);

function oneWorker(settings: Parameters<typeof startMonitor>[2] = {}) {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  const worker = join(state, 'workers/w');
  scene.beat(worker, 'ready');
  scene.put(worker, 'inbox.jsonl', '');
  const watched = startMonitor(scene, [state], settings);
  const id = watched.row('w').id;
  watched.monitor.focus({ visible: [], selected: id });
  const tasks = () => watched.monitor.idleItems().tasks.map(({ taskId, name, status }) => [taskId, name, status]);
  return { scene, worker, watched, id, tasks };
}

test('an inbox entry without a result is idle once nothing happened to it for its time, and that is told once', () => {
  const { scene, worker, watched, tasks, id } = oneWorker();
  give(scene, worker, { id: '1', title: 'Fix the login' }, { id: 2, task: 'Write the docs' });
  pass(scene, worker, 119 * MIN);
  expect(tasks()).toEqual([
    ['2', 'Write the docs', 'active'],
    ['1', 'Fix the login', 'active'],
  ]);
  pass(scene, worker, 2 * MIN);
  expect(watched.monitor.idleItems().tasks).toMatchObject([
    { workerId: id, taskId: '2', status: 'idle', thresholdMs: 120 * MIN },
    { workerId: id, taskId: '1', status: 'idle' },
  ]);
  pass(scene, worker, 10 * MIN);
  expect(texts(watched, 'task_idle')).toEqual([
    ['w', 'Its task “Write the docs” is idle: nothing happened to it for 2 h'],
    ['w', 'Its task “Fix the login” is idle: nothing happened to it for 2 h'],
  ]);
  scene.put(worker, 'outbox.jsonl', '{"task_id": "1"}\n');
  pass(scene, worker, MIN);
  expect(tasks()).toEqual([['2', 'Write the docs', 'active']]);
});

test('the tasks of a worker that was ended for them are timed out, until it does something again', () => {
  const { scene, worker, watched, tasks, id } = oneWorker();
  give(scene, worker, { id: '1', title: 'Fix the login' });
  pass(scene, worker, 121 * MIN);
  watched.monitor.noteTimedOut(id, 'Ended through the API');
  expect(tasks()).toEqual([['1', 'Fix the login', 'timed_out']]);
  pass(scene, worker, MIN);
  expect(tasks()).toEqual([['1', 'Fix the login', 'timed_out']]);
  scene.put(worker, 'wire-events.jsonl', '{"type": "step"}\n');
  pass(scene, worker, MIN);
  expect(tasks()).toEqual([['1', 'Fix the login', 'active']]);
});

test('what the worker does is activity of the task it names', () => {
  const { scene, worker, tasks } = oneWorker({ settings: { idleTimeoutMinutesByKind: { 'worker-directory': 30 } } });
  give(scene, worker, { id: 'a', title: 'A' }, { id: 'b', title: 'B' });
  for (let minute = 0; minute < 40; minute += 1) {
    scene.put(worker, 'work.log', `line ${minute} ${'x'.repeat(minute)}\n`);
    scene.beat(worker, 'ready', { task: { id: 'a' } });
    scene.clock.step(20_000);
    scene.beat(worker, 'ready', { task: { id: 'a' } });
    scene.clock.step(20_000);
    scene.beat(worker, 'ready', { task: { id: 'a' } });
    scene.clock.step(20_000);
  }
  expect(tasks()).toEqual([
    ['b', 'B', 'idle'],
    ['a', 'A', 'active'],
  ]);
});

test('tasks that stood there at first sight are told by their status, not as news', () => {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  const worker = join(state, 'workers/w');
  scene.put(worker, 'inbox.jsonl', '{"id": "old"}\n');
  utimesSync(join(worker, 'inbox.jsonl'), scene.clock.wallMs() / 1000 - 86_400, scene.clock.wallMs() / 1000 - 86_400);
  scene.beat(worker, 'ready');
  const watched = startMonitor(scene, [state]);
  pass(scene, worker, MIN);
  expect(watched.monitor.idleItems().tasks).toMatchObject([{ taskId: 'old', name: 'old', status: 'idle' }]);
  expect(texts(watched, 'task_idle')).toEqual([]);
});

test('many that become idle at once are told of together', () => {
  const { scene, worker, watched } = oneWorker();
  give(scene, worker, ...Array.from({ length: 80 }, (_, n) => ({ id: n, title: `Task ${n}` })));
  pass(scene, worker, 122 * MIN);
  expect(texts(watched, 'task_idle')).toEqual([
    [undefined, '50 tasks have become idle: Task 79, Task 78, Task 77, Task 76, Task 75 and 45 more'],
  ]);
});

test('sleep and a clock that is set make nothing idle', () => {
  const { scene, worker, watched, tasks } = oneWorker();
  give(scene, worker, { id: '1' });
  pass(scene, worker, 100 * MIN);
  scene.clock.jumpWall(10 * 60 * MIN);
  pass(scene, worker, 40 * MIN);
  scene.clock.jumpWall(-20 * 60 * MIN);
  pass(scene, worker, 110 * MIN);
  expect(tasks()).toEqual([['1', '1', 'active']]);
  expect(texts(watched, 'task_idle')).toEqual([]);
  pass(scene, worker, 12 * MIN);
  expect(tasks()).toEqual([['1', '1', 'idle']]);
});

test('another pace and other thresholds take effect at once', () => {
  const { scene, worker, watched, tasks } = oneWorker({ settings: { IDLE_CHECK_INTERVAL_SECONDS: 3_600 } });
  give(scene, worker, { id: '1' });
  pass(scene, worker, 10 * MIN);
  watched.monitor.configure(
    { ...watched.settings, IDLE_TASK_TIMEOUT_MINUTES: 5, IDLE_CHECK_INTERVAL_SECONDS: 10 },
    { 'worker-directory': [join(worker, '../..')] },
  );
  pass(scene, worker, MIN);
  expect(tasks()).toEqual([['1', '1', 'idle']]);
});

test('a selected worker shows its open tasks as they are now', () => {
  const { scene, worker, watched } = oneWorker();
  watched.monitor.subscribe(() => undefined);
  give(scene, worker, { id: '1', title: 'New' });
  pass(scene, worker, 20_000);
  expect(watched.monitor.snapshot().detail?.openTasks).toEqual([
    expect.objectContaining({
      id: '1',
      title: 'New',
      state: 'open',
      idle: expect.objectContaining({ status: 'active' }),
    }),
  ]);
});

test('whoever is paused notes nothing, and begins again afterwards', () => {
  const { scene, worker, watched, tasks } = oneWorker();
  give(scene, worker, { id: '1' });
  pass(scene, worker, MIN);
  watched.monitor.pause(true);
  pass(scene, worker, 180 * MIN);
  expect(tasks()).toEqual([['1', '1', 'active']]);
  watched.monitor.pause(false);
  pass(scene, worker, MIN);
  expect(tasks()).toEqual([['1', '1', 'idle']]);
});
