import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FakeProcessTable, fakeProcessTable } from '../../fakes/process-table';
import { makeScene, type Scene, startMonitor } from './support/stepped-monitor';

/** One worker that beat just now, in a state directory of its own. */
function oneWorker(status = 'ready', over: object = {}) {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  const path = join(state, 'workers', 'w');
  scene.beat(path, status, over);
  return { scene, state, path };
}

/** A made-up process 600 that works in the worker's directory; its heartbeat names it. */
function withProcess(scene: Scene, path: string): FakeProcessTable {
  const table = fakeProcessTable([{ pid: 600, cwd: path, startedAt: scene.clock.wallMs() - 60_000 }]);
  scene.beat(path, 'ready', { pid: 600 });
  return table;
}

describe('first reading', () => {
  it('resolves once every known directory was read, with a verdict for each', async () => {
    const { scene, state } = oneWorker();
    scene.beat(join(state, 'workers', 'b'), 'busy');
    scene.put(join(state, 'workers', 'c'), 'worker-spec.json', '{}');
    const { monitor, events } = startMonitor(scene, [state]);
    await monitor.firstReading();
    const { workers, counts, roots } = monitor.snapshot();
    expect(workers.map(({ state }) => state).sort()).toEqual(['busy', 'ready', 'starting']);
    expect(counts).toMatchObject({ busy: 1, ready: 1, starting: 1, dead: 0 });
    expect(roots).toEqual([{ path: state, workers: 3, unreadable: null }]);
    expect(events, 'what was well at first sight is no news').toEqual([]);
  });

  it('tells of what is wrong at first sight, but not of what has been silent for over an hour', () => {
    const { scene, state } = oneWorker();
    const old = new Date(scene.clock.wallMs() - 3_700_000).toISOString();
    const late = new Date(scene.clock.wallMs() - 120_000).toISOString();
    scene.beat(join(state, 'workers', 'old'), 'ready', { ts: old });
    scene.beat(join(state, 'workers', 'gone'), 'ready', { ts: late });
    const { row, told } = startMonitor(scene, [state]);
    expect(row('old')).toMatchObject({ state: 'stopped', needsPerson: false });
    expect(row('gone')).toMatchObject({ state: 'dead', needsPerson: true });
    expect([told('w'), told('old'), told('gone')]).toEqual([[], [], ['dead']]);
  });
});

describe('silence', () => {
  it('makes a worker late, then dead, and a beat makes it well again: one event each', () => {
    const { scene, state, path } = oneWorker();
    const { row, told, events } = startMonitor(scene, [state]);
    scene.clock.step(19_000);
    expect(row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
    scene.clock.step(1_200);
    expect(row('w')).toMatchObject({ state: 'ready', health: 'late' });
    expect(told('w'), 'being late is no transition').toEqual([]);
    scene.clock.step(9_350);
    expect(row('w').health).toBe('late');
    scene.clock.step(100);
    expect(row('w')).toMatchObject({ state: 'dead', health: 'dead', needsPerson: true, canEnd: false });
    scene.clock.step(60_000);
    expect(told('w')).toEqual(['dead']);
    scene.beat(path, 'ready');
    scene.clock.step(2_000);
    expect(row('w')).toMatchObject({ state: 'ready', health: 'healthy', needsPerson: false });
    scene.beat(path, 'ready');
    scene.clock.step(20_000);
    expect(told('w')).toEqual(['dead', 'recovered']);
    expect(events.find(({ kind }) => kind === 'recovered')?.text).toBe('Recovered after 1 min');
  });

  it('makes a worker whose process lives stalled, and never dead', () => {
    const { scene, state, path } = oneWorker();
    const { row, told, events } = startMonitor(scene, [state], { processTable: withProcess(scene, path) });
    scene.clock.step(35_000);
    expect(row('w')).toMatchObject({ state: 'stalled', liveness: 'alive', pid: 600, canEnd: true });
    scene.clock.step(3_600_000);
    expect(row('w').state).toBe('stalled');
    expect(told('w')).toEqual(['stalled']);
    const stalled = events.find(({ kind }) => kind === 'stalled');
    expect(stalled?.text).toBe('No sign of life for 30 s (allowed 30 s), process alive');
  });

  it('is met within 50 ms of the threshold', () => {
    const { scene, state, path } = oneWorker();
    const { events } = startMonitor(scene, [state], { fileEvents: false });
    scene.clock.step(10_000);
    const beatAt = Math.floor(scene.clock.wallMs());
    scene.beat(path, 'ready');
    scene.clock.step(40_000);
    const [{ at } = { at: 0 }] = events.filter(({ kind }) => kind === 'dead');
    expect(at - beatAt).toBeGreaterThanOrEqual(30_000);
    expect(at - beatAt).toBeLessThan(30_050);
  });

  it('that a beat ends in time moves on and is no event, for as long as it goes on', () => {
    const { scene, state, path } = oneWorker();
    const { row, told } = startMonitor(scene, [state], {
      settings: { sweepIntervalMs: 600_000 },
      fileEvents: false,
    });
    for (let n = 0; n < 20; n += 1) {
      scene.clock.step(28_000);
      scene.beat(path, 'ready');
    }
    scene.clock.step(25_000);
    expect(row('w')).toMatchObject({ state: 'ready', health: 'late' });
    expect(told('w')).toEqual([]);
    scene.clock.step(10_000);
    expect(told('w')).toEqual(['dead']);
  });

  it('of a busy worker’s progress is stalled while its heartbeat goes on', () => {
    const { scene, state, path } = oneWorker('busy', { progress: '1 of 9' });
    const { row, told } = startMonitor(scene, [state]);
    for (let n = 0; n < 6; n += 1) {
      scene.clock.step(10_000);
      scene.beat(path, 'busy', { progress: '1 of 9' });
    }
    expect(row('w').reason).toMatch(/^Busy without progress for \d+/);
    expect(row('w').state).toBe('stalled');
    scene.beat(path, 'busy', { progress: '2 of 9' });
    scene.clock.step(2_000);
    expect(row('w').state).toBe('busy');
    expect(told('w')).toEqual(['stalled', 'recovered']);
  });
});

describe('a process that ends', () => {
  it('is believed gone at the second look, within seconds and while the heartbeat is fresh: one event', () => {
    const { scene, state, path } = oneWorker();
    const table = withProcess(scene, path);
    const { row, told } = startMonitor(scene, [state], { processTable: table });
    scene.clock.step(1_000);
    table.processes = table.processes.filter(({ pid }) => pid !== 600);
    scene.clock.step(2_000);
    scene.clock.step(1_500);
    expect(row('w')).toMatchObject({ state: 'dead', liveness: 'gone', reason: 'Process 600 is gone', canEnd: false });
    scene.clock.step(20_000);
    expect(told('w')).toEqual(['dead']);
  });
});

describe('a process that ends after its worker stalled', () => {
  it('is noticed within seconds too, though nobody looks at the worker and no file changes', () => {
    const { scene, state, path } = oneWorker();
    const table = withProcess(scene, path);
    const { row, told } = startMonitor(scene, [state], { processTable: table, fileEvents: false });
    scene.clock.step(45_000);
    expect(row('w').state).toBe('stalled');
    table.processes = table.processes.filter(({ pid }) => pid !== 600);
    scene.clock.step(4_500);
    expect(row('w')).toMatchObject({ state: 'dead', reason: 'Process 600 is gone', canEnd: false });
    expect(told('w')).toEqual(['stalled', 'dead']);
  });
});

describe('standing still', () => {
  const sleepMs = 8 * 3_600_000;
  type Stop = [string, (scene: Scene) => void, RegExp];
  const STOPS: Stop[] = [
    ['sleep', ({ clock }) => clock.jumpWall(sleepMs), /^the machine slept for 8 h, or its clock was set forward/],
    ['a clock set back', ({ clock }) => clock.jumpWall(-sleepMs), /^the clock was set back by 8 h/],
    ['being stopped', ({ clock }) => clock.standStill(sleepMs), /^idlewatch itself stood still for 8 h/],
  ];

  it.each(STOPS)(
    '%s: verdicts hold for the grace, no silence counts the time slept, and nobody is called anything',
    (...[, stop, why]) => {
      const { scene, state, path } = oneWorker();
      const table = withProcess(scene, path);
      scene.beat(join(state, 'workers', 'busy'), 'busy');
      const { monitor, row, told } = startMonitor(scene, [state], { processTable: table });
      scene.clock.step(15_000);
      stop(scene);
      scene.clock.step(2_500);
      expect(monitor.snapshot().hold?.reason).toMatch(why);
      expect(told(null).filter((kind) => kind === 'held')).toEqual(['held']);
      // Nobody beats for the whole grace: no more than that may be counted.
      scene.clock.step(26_000);
      expect([row('w').state, row('busy').state]).toEqual(['ready', 'busy']);
      expect(row('w').heartbeatAgeMs).toBeLessThan(30_000);
      scene.beat(path, 'ready', { pid: 600 });
      scene.beat(join(state, 'workers', 'busy'), 'busy');
      scene.clock.step(10_000);
      expect(monitor.snapshot().hold).toBeNull();
      expect([row('w').health, row('busy').health]).toEqual(['healthy', 'healthy']);
      expect([told('w'), told('busy')]).toEqual([[], []]);
    },
  );

  it.each(STOPS)('%s: whoever does not come back is told of once the grace and its threshold are over', (_, stop) => {
    const { scene, state } = oneWorker();
    const { row, told } = startMonitor(scene, [state]);
    scene.clock.step(15_000);
    stop(scene);
    scene.clock.step(29_000);
    expect(row('w').state).toBe('ready');
    scene.clock.step(4_000);
    expect(row('w').state).toBe('dead');
    expect(told('w')).toEqual(['dead']);
  });

  it('a stalled worker stays stalled through it, without a second event', () => {
    const { scene, state, path } = oneWorker();
    const { row, told } = startMonitor(scene, [state], { processTable: withProcess(scene, path) });
    scene.clock.step(35_000);
    scene.clock.jumpWall(sleepMs);
    scene.clock.step(25_000);
    expect(row('w').state).toBe('stalled');
    scene.clock.step(100_000);
    expect(row('w').state).toBe('stalled');
    expect(told('w').filter((kind) => kind === 'stalled')).toHaveLength(1);
  });

  it('told of by the system: it holds from going to sleep to the end of the grace after waking', () => {
    const { scene, state, path } = oneWorker();
    const { monitor, row, told } = startMonitor(scene, [state]);
    scene.clock.step(10_000);
    monitor.suspend();
    scene.clock.step(3_000);
    expect(monitor.snapshot().hold?.reason).toBe('the machine goes to sleep');
    scene.clock.jumpWall(sleepMs);
    monitor.resume();
    expect(monitor.snapshot().hold?.reason).toBe('the machine slept for 8 h');
    scene.clock.step(29_000);
    expect(monitor.snapshot().hold, 'the grace counts from waking').not.toBeNull();
    scene.beat(path, 'waiting', { message: 'go on?' });
    scene.clock.step(1_500);
    expect(monitor.snapshot().hold).toBeNull();
    expect(row('w').state, 'everything is looked at again at its end').toBe('waiting');
    expect(told(null).filter((kind) => kind === 'held')).toEqual(['held']);
  });
});

describe('a worker', () => {
  it('found later is told of, and told of when it leaves', () => {
    const { scene, state } = oneWorker();
    const { monitor, told, events } = startMonitor(scene, [state]);
    const later = join(state, 'workers', 'later');
    scene.beat(later, 'ready');
    scene.clock.step(200);
    expect(told('later')).toEqual(['found']);
    expect(monitor.snapshot().counts.ready).toBe(2);
    rmSync(later, { recursive: true });
    scene.clock.step(40_000);
    expect(told('later')).toEqual(['found', 'left']);
    expect(monitor.snapshot().workers).toHaveLength(1);
    expect(events.every(({ id }, at) => id === at + 1)).toBe(true);
  });

  it('is told apart by its directory where two state directories have the same name', () => {
    const scene = makeScene();
    const roots = ['a', 'b'].map((above) => {
      mkdirSync(join(scene.base, above));
      return scene.stateDirectory(join(above, 'run'));
    });
    scene.beat(join(roots[0] ?? '', 'workers', 'w'), 'ready');
    scene.beat(join(roots[1] ?? '', 'workers', 'w'), 'ready', {
      ts: new Date(scene.clock.wallMs() - 60_000).toISOString(),
    });
    const { monitor } = startMonitor(scene, roots);
    expect(monitor.snapshot().workers.map(({ runId, state }) => [runId, state])).toEqual([
      ['run', 'ready'],
      ['run', 'dead'],
    ]);
    expect(
      monitor.check().map(({ runId, workers, issuesFound }) => [runId, workers.length, issuesFound.length]),
    ).toEqual([
      ['run', 1, 0],
      ['run', 1, 1],
    ]);
  });
});

it('bare busy beats are stalled a threshold after the first, whether or not idlewatch saw it become busy', () => {
  const { scene, state, path } = oneWorker('busy');
  const early = join(state, 'workers', 'early');
  scene.beat(early, 'ready');
  const { row } = startMonitor(scene, [state]);
  for (let at = 0; at < 14; at += 1) {
    scene.clock.step(5_000);
    scene.beat(path, 'busy');
    scene.beat(early, 'busy');
  }
  scene.clock.step(5_000);
  expect([row('w').state, row('early').state]).toEqual(['stalled', 'stalled']);
});
