import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../src/engine/monitor-types';
import { idleStatusOf } from '../../src/engine/observe/idle-status';
import type { MonitorEvent, WorkerRow } from '../../src/shared/model';
import { World } from './truth-table/world';

const MINUTE_S = 60;
const SLEPT_S = 8 * 3_600;

/** How a machine, or idlewatch and all it watches, may stand still for eight hours. */
const STOPS: [string, (world: World, monitor: Monitor) => void][] = [
  ['a sleep in which the monotonic clock stands still', (world) => world.sleep(SLEPT_S)],
  ['a sleep in which it goes on', (world) => world.standStill(SLEPT_S)],
  [
    'a sleep that the system tells of',
    (world, monitor) => {
      monitor.suspend();
      world.sleep(SLEPT_S);
      monitor.resume();
    },
  ],
  [
    'a sleep that the system tells of, in which the monotonic clock goes on',
    (world, monitor) => {
      monitor.suspend();
      world.standStill(SLEPT_S);
      monitor.resume();
    },
  ],
];

interface Night {
  world: World;
  monitor: Monitor;
  alarms: MonitorEvent[];
  row(part: string): WorkerRow;
  seconds(count: number): Promise<void>;
}

/** One worker of each sort, at work for some minutes: a worker directory, a workbench, a session of Codex. */
async function evening(): Promise<Night> {
  const world = new World();
  const name = `fix-ci-${Math.floor(world.now / 1000) - 50 * MINUTE_S}`;
  world.append(`benches/${name}/agent.log`, 'begins');
  world.openSession(`moadim-${name}`, 6_001);

  const rollout = 'codex/sessions/2026/11/22/rollout-2026-11-22T08-00-00-019b8a5a-0000-7000-8000-000000000001.jsonl';
  world.start({ pid: 7_001, name: 'codex', files: [{ path: world.path(rollout), writing: true }] });
  const line = (type: string, payload: object) => ({ timestamp: world.iso(), type, payload });
  world.put('codex/config.toml', '');
  world.append(
    rollout,
    line('session_meta', {
      id: '019b8a5a-0000-7000-8000-000000000001',
      cwd: world.path('work'),
      cli_version: '0.169.0',
    }),
    line('event_msg', { type: 'task_started' }),
  );

  world.beat('w', 'working', { pid: 600 });
  const roots = {
    'worker-directory': [world.path('run')],
    workbench: [world.path('benches')],
    codex: [world.path('codex')],
  };
  const monitor = world.watch(roots, { sessionMaxRunMinutes: 60 });
  const alarms: MonitorEvent[] = [];
  monitor.onEvent((event) => {
    if (event.kind === 'stalled' || event.kind === 'dead') alarms.push(event);
  });
  const night: Night = {
    ...{ world, monitor, alarms },
    row(part) {
      const found = monitor.snapshot().workers.find(({ path, id }) => `${id} ${path}`.includes(part));
      if (!found) throw new Error(`there is no ${part}`);
      return found;
    },
    async seconds(count) {
      for (let second = 0; second < count; second += 1) await world.second();
    },
  };
  for (let each = 0; each < 40; each += 1) {
    world.beat('w', 'working', { progress: each });
    await night.seconds(5);
  }
  return night;
}

describe.each(STOPS)('%s', (_, stop) => {
  it('makes nobody stalled or dead, and is part of no run time, silence or idleness', async () => {
    const { world, monitor, alarms, row, seconds } = await evening();
    expect(['run/workers/w', 'fix-ci', 'rollout'].map((part) => row(part).state)).toEqual(['busy', 'busy', 'busy']);

    stop(world, monitor);
    await seconds(3);
    expect(monitor.snapshot().hold).not.toBeNull();
    // Nobody shows any life in the grace.
    await seconds(25);
    expect(alarms).toEqual([]);
    world.beat('w', 'working', { progress: 'awake' });
    await seconds(20);
    expect(alarms).toEqual([]);
    expect(row('fix-ci').reason).toMatch(/^Running|^Late: over two thirds/);

    // Silence that comes after it counts as ever.
    await seconds(40);
    expect(row('run/workers/w').health).toBe('dead');
    await seconds(4 * MINUTE_S);
    expect(row('rollout')).toMatchObject({ health: 'stalled', reason: expect.stringContaining('without progress') });
    expect(row('fix-ci').state).toBe('busy');
    // The ten minutes it had left, less those it has run.
    await seconds(2 * MINUTE_S);
    expect(row('fix-ci').reason).toMatch(/^Running for 1 h .*\(allowed 1 h\)/);
  });
});

it('a session is not idle for the time slept', () => {
  const threshold = 60 * MINUTE_S * 1_000;
  const session = { firstSeen: { monotonicMs: 0, at: 0 }, timedOut: null, thresholdMs: threshold, isAtWork: false };
  const active = { monotonicMs: 0, at: 0 };
  const awake = { monotonicMs: 8 * threshold, at: 8 * threshold, windowStart: 8 * threshold - 1_000 };
  expect(idleStatusOf({ ...session, active }, awake).status).toBe('active');
  expect(idleStatusOf({ ...session, active }, { ...awake, windowStart: Number.NEGATIVE_INFINITY }).status).toBe('idle');
});
