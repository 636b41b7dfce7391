import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeScene, startMonitor } from './support/stepped-monitor';

function busyWorkers(...names: string[]) {
  const scene = makeScene();
  const state = scene.stateDirectory('run');
  for (const name of names) scene.beat(join(state, 'workers', name), 'busy');
  return { scene, ...startMonitor(scene, [state]) };
}

describe('a model request', () => {
  it('holds off the verdict of silence while it is open and young, and no longer', () => {
    const { scene, monitor, row, settings } = busyWorkers('asks', 'silent');
    monitor.openRequest(row('asks').id);
    scene.clock.step(settings.heartbeat_stale_secs * 1000 + 5_000);
    expect(row('silent').state).toMatch(/stalled|dead/);
    expect(row('asks')).toMatchObject({ state: 'busy', health: 'healthy', reason: 'A model request is open' });
    expect(monitor.report(row('asks').id)?.evidence).toContainEqual(expect.objectContaining({ kind: 'request' }));
    scene.clock.step(settings.requestSilenceMs);
    expect(row('asks').state).toMatch(/stalled|dead/);
  });

  it('that speaks keeps its worker well for as long as it does, and was a sign of life when it is over', () => {
    const { scene, monitor, row, settings } = busyWorkers('asks');
    const request = monitor.openRequest('asks');
    for (let n = 0; n < 20; n += 1) {
      scene.clock.step(settings.requestSilenceMs / 4);
      request.chunk();
    }
    scene.clock.step(100);
    expect(row('asks')).toMatchObject({ health: 'healthy' });
    request.close();
    request.close();
    scene.clock.step(settings.heartbeat_missing_secs * 500);
    expect(row('asks').health).toBe('healthy');
    scene.clock.step(settings.heartbeat_stale_secs * 1000);
    expect(row('asks').state).toMatch(/stalled|dead/);
  });

  it('brings back at once who was called stalled', () => {
    const { scene, monitor, row, settings, told } = busyWorkers('asks');
    scene.clock.step(settings.heartbeat_stale_secs * 1000 + 5_000);
    expect(row('asks').state).toMatch(/stalled|dead/);
    monitor.openRequest('asks');
    scene.clock.step(500);
    expect(row('asks').health).toBe('healthy');
    expect(told('asks')).toContain('recovered');
  });

  it('is traffic whoever made it, and nobody’s where a name is not known or is two workers’', () => {
    const { scene, monitor, row, settings } = busyWorkers('one');
    const before = monitor.snapshot().idle.trafficCount;
    for (const worker of [null, 'nobody', 'one']) monitor.openRequest(worker).close();
    scene.clock.step(100);
    expect(monitor.snapshot().idle.trafficCount).toBe(before + 3);
    const other = scene.stateDirectory('other');
    scene.beat(join(other, 'workers', 'one'), 'busy');
    monitor.configure(settings, { 'worker-directory': [row('one').path.replace(/\/workers\/one$/, ''), other] });
    scene.clock.step(settings.sweepIntervalMs);
    monitor.openRequest('one');
    scene.clock.step(settings.heartbeat_stale_secs * 1000);
    const states = monitor.snapshot().workers.map(({ state }) => state);
    expect(states).toHaveLength(2);
    expect(states).not.toContain('busy');
  });

  it('is forgotten with its worker, and counts again where that comes back and it still speaks', () => {
    const { scene, monitor, row, settings } = busyWorkers('asks');
    const { id, path } = row('asks');
    const requests = () => monitor.report(id)?.evidence.filter(({ kind }) => kind === 'request').length;
    const request = monitor.openRequest(id);
    scene.clock.step(500);
    expect(requests()).toBe(1);
    rmSync(path, { recursive: true });
    scene.clock.step(settings.sweepIntervalMs);
    expect(monitor.report(id)).toBeNull();
    request.chunk();
    scene.beat(path, 'busy');
    scene.clock.step(settings.sweepIntervalMs);
    expect(requests()).toBe(0);
    request.chunk();
    scene.clock.step(500);
    expect(requests()).toBe(1);
  });
});
