import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KillReceipt, Silence } from '../../../src/shared/model';
import type { Settings } from '../../../src/shared/settings';
import { type FakeProcessTable, fakeProcessTable } from '../../fakes/process-table';
import { makeScene, type SteppedMonitor, startMonitor } from './support/stepped-monitor';

interface Scenery extends SteppedMonitor {
  scene: ReturnType<typeof makeScene>;
  table: FakeProcessTable;
  path: string;
  silences: Silence[];
  beat(status?: string, over?: object): void;
}

/** One worker whose process 600 lives; it beat just now. */
function oneWorker(status = 'ready', over: object = {}, settings: Partial<Settings> = {}): Scenery {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  const path = join(state, 'workers', 'w');
  const table = fakeProcessTable([{ pid: 600, cwd: path, startedAt: scene.clock.wallMs() - 60_000 }]);
  const beat: Scenery['beat'] = (said = status, more = over) => scene.beat(path, said, { pid: 600, ...more });
  beat();
  const started = startMonitor(scene, [state], { processTable: table, settings });
  const silences: Silence[] = [];
  started.monitor.onSilence((silence) => silences.push(silence));
  return { ...started, scene, table, path, silences, beat };
}

const near = (ms: number, slackMs = 50) => ({
  asymmetricMatch: (value: number) => Math.abs(value - ms) <= slackMs,
  toString: () => `near ${ms}`,
});

describe('a silence', () => {
  it('that came near its threshold is told of once, with its length, when a beat ends it', () => {
    const { scene, beat, silences, row } = oneWorker();
    const from = scene.clock.wallMs() - 400;
    scene.clock.step(25_000);
    expect(row('w').health).toBe('late');
    expect(silences, 'not before it is over').toEqual([]);
    beat();
    scene.clock.step(1_000);
    expect(silences).toEqual([
      {
        ...{ workerId: row('w').id, workerName: 'w', source: 'worker-directory', clock: 'missing' },
        silentFrom: near(from),
        lengthMs: near(25_400),
        thresholdMs: 30_000,
        ...{ intervalMs: null, commandMs: null, ownLimitMs: null, excusedUntil: null, couldEnd: true },
        end: 'life',
        endedAt: near(from + 25_400),
      },
    ]);
    for (let n = 0; n < 10; n += 1) {
      scene.clock.step(15_000);
      beat();
    }
    scene.clock.step(5_000);
    expect(silences, 'beats in time are none').toHaveLength(1);
  });

  it('is told of with the whole of its length where it went far over', () => {
    const { scene, beat, silences } = oneWorker();
    scene.clock.step(700_000);
    beat();
    scene.clock.step(1_000);
    expect(silences).toMatchObject([{ clock: 'missing', lengthMs: near(700_400), end: 'life' }]);
  });

  it('of a worker without a process that could be ended says so', () => {
    const scene = makeScene();
    const state = scene.stateDirectory('run');
    const path = join(state, 'workers', 'w');
    scene.beat(path, 'ready');
    const { monitor } = startMonitor(scene, [state]);
    const silences: Silence[] = [];
    monitor.onSilence((silence) => silences.push(silence));
    scene.clock.step(60_000);
    scene.beat(path, 'ready');
    scene.clock.step(1_000);
    expect(silences).toMatchObject([{ couldEnd: false, end: 'life' }]);
  });

  it('of progress goes on under a heartbeat that does not', () => {
    const { scene, beat, silences } = oneWorker('busy', { progress: 'a' });
    for (let n = 0; n < 10; n += 1) {
      scene.clock.step(10_000);
      beat();
    }
    expect(silences).toEqual([]);
    beat('busy', { progress: 'b' });
    scene.clock.step(1_000);
    expect(silences).toMatchObject([{ clock: 'stale', lengthMs: near(100_400), thresholdMs: 60_000, end: 'life' }]);
  });

  it('of a command counts from its last work, and says how long the command had been running', () => {
    const { scene, beat, silences } = oneWorker('busy');
    const task = { id: '1', title: 'build', started_at: new Date(scene.clock.wallMs()).toISOString() };
    const beats = (count: number, progress: (n: number) => number) => {
      for (let n = 0; n < count; n += 1) {
        scene.clock.step(10_000);
        beat('busy', { task, progress: progress(n) });
      }
    };
    beats(35, (n) => n);
    expect(silences, 'with work in between none came near').toEqual([]);
    beats(10, () => 34);
    beat('ready', { progress: 'done' });
    scene.clock.step(1_000);
    expect(silences).toMatchObject([
      { clock: 'command', commandMs: near(350_000), lengthMs: near(100_000), thresholdMs: 300_000, end: 'life' },
    ]);
  });

  it('counts nothing of a sleep: of its parts the longest is told', () => {
    const { scene, beat, silences } = oneWorker();
    scene.clock.step(45_000);
    scene.clock.jumpWall(8 * 3_600_000);
    scene.clock.step(70_000);
    const now = scene.clock.wallMs();
    beat();
    scene.clock.step(1_000);
    expect(silences).toMatchObject([{ lengthMs: near(70_000, 2_100), end: 'life', endedAt: near(now) }]);
    expect(silences[0]?.silentFrom).toBeGreaterThan(now - 75_000);
  });

  it('is not told of while it is excused, and says until when it was', () => {
    const { scene, beat, silences, monitor, row } = oneWorker('busy', {});
    const request = monitor.openRequest(row('w').id);
    scene.clock.step(100_000);
    request.chunk();
    scene.clock.step(100);
    expect(silences).toEqual([]);
    scene.clock.step(200_000);
    beat();
    scene.clock.step(1_000);
    const [missing] = silences.filter(({ clock }) => clock === 'missing');
    expect(missing).toMatchObject({ lengthMs: near(200_100), end: 'life' });
    expect((missing?.excusedUntil ?? 0) - (missing?.silentFrom ?? 0)).toBe(120_000);
  });

  it('keeps what its heartbeat asked for', () => {
    const { scene, beat, silences } = oneWorker('ready', { interval_ms: 20_000 });
    scene.clock.step(40_000);
    beat();
    scene.clock.step(500);
    expect(silences).toMatchObject([{ intervalMs: 20_000, thresholdMs: 50_000 }]);
  });
});

describe('a silence ends', () => {
  it('with its process', () => {
    const { scene, silences, table } = oneWorker();
    scene.clock.step(60_000);
    table.processes = table.processes.filter(({ pid }) => pid !== 600);
    scene.clock.step(15_000);
    expect(silences).toMatchObject([{ end: 'gone', couldEnd: true }]);
    scene.clock.step(100_000);
    expect(silences).toHaveLength(1);
  });

  it('with a farewell as finished', () => {
    const { scene, beat, silences } = oneWorker();
    scene.clock.step(60_000);
    beat('stopped');
    scene.clock.step(1_000);
    expect(silences).toMatchObject([{ end: 'finished' }]);
  });

  it('by somebody’s hand', () => {
    const { scene, silences, monitor, row, table } = oneWorker();
    scene.clock.step(60_000);
    table.processes = table.processes.filter(({ pid }) => pid !== 600);
    const { id } = row('w');
    const receipt: KillReceipt = {
      ...{ planId: 'p', workerId: id, workerName: 'w', askedBy: 'window', why: 'it hangs', startedAt: 0, tookMs: 1 },
      ...{ ended: true, summary: 'w has ended', session: null, processes: [] },
    };
    monitor.noteReceipt(receipt);
    scene.clock.step(1_000);
    expect(silences).toMatchObject([{ end: 'ended' }]);
  });

  it('for the one that was silent, where another process beats in its place', () => {
    const { scene, beat, silences, table, path } = oneWorker();
    scene.clock.step(60_000);
    table.processes = [
      ...table.processes.filter(({ pid }) => pid !== 600),
      { pid: 601, cwd: path, startedAt: scene.clock.wallMs() - 1_000 },
    ];
    beat('ready', { pid: 601 });
    scene.clock.step(1_000);
    expect(silences).toMatchObject([{ end: 'gone' }]);
  });

  it('unrecorded where the worker leaves: nobody knows how it went on', () => {
    const { scene, silences, path } = oneWorker();
    scene.clock.step(60_000);
    rmSync(path, { recursive: true });
    scene.clock.step(40_000);
    expect(silences).toEqual([]);
  });
});

describe('a silence that lasts when watching stops', () => {
  it('is told of as unknown, once', () => {
    const { scene, silences, monitor } = oneWorker();
    scene.clock.step(100_000);
    monitor.stop();
    expect(silences).toMatchObject([
      { end: 'unknown', lengthMs: near(100_400, 200), endedAt: near(scene.clock.wallMs()) },
    ]);
    monitor.stop();
    expect(silences).toHaveLength(1);
  });

  it('and still lasts when it goes on is told of again, whole, with what became of it', () => {
    const { scene, silences, monitor, beat } = oneWorker();
    scene.clock.step(100_000);
    monitor.pause(true);
    scene.clock.step(50_000);
    monitor.pause(false);
    scene.clock.step(1_000);
    beat();
    scene.clock.step(1_000);
    expect(silences).toMatchObject([
      { end: 'unknown', lengthMs: near(100_400, 200) },
      { end: 'life', lengthMs: near(151_400, 200), silentFrom: silences[0]?.silentFrom },
    ]);
  });
});
