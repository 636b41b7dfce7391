import { describe, expect, it } from 'vitest';
import type { WatchedRoots } from '../../src/engine/monitor-types';
import type { Silence } from '../../src/shared/model';
import type { Settings } from '../../src/shared/settings';
import { World } from './truth-table/world';

const MINUTE_S = 60;

function watched(world: World, roots: WatchedRoots, settings: Partial<Settings> = {}) {
  const silences: Silence[] = [];
  world.watch(roots, settings).onSilence((silence) => silences.push(silence));
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second += 1) await world.second();
  };
  return { silences, seconds };
}

describe('a workbench that comes near its time', () => {
  async function bench(over: Partial<Settings> = {}, maxRuntimeSecs: number | null = null) {
    const world = new World();
    const name = `fix-ci-${Math.floor(world.now / 1000)}`;
    const limit = maxRuntimeSecs === null ? '' : `\nmax_runtime_secs = ${maxRuntimeSecs}`;
    world.put('routines/fix/routine.toml', `title = "fix ci"${limit}`);
    world.append(`benches/${name}/agent.log`, 'begins');
    world.openSession(`moadim-${name}`, 6_001);
    const settings = { workbenchMaxRuntimeSecs: 600, ...over };
    return { world, name, ...watched(world, { workbench: [world.path('benches')] }, settings) };
  }

  it.each([
    ['0', 'finished'],
    ['3', 'failed'],
    ['killed', 'ended'],
    [null, 'gone'],
  ] as const)('and ends with exit code %s has %s', async (exitCode, end) => {
    const { world, name, silences, seconds } = await bench();
    await seconds(8 * MINUTE_S);
    world.append(`benches/${name}/agent.log`, 'still at it');
    await seconds(4 * MINUTE_S);
    expect(silences, 'what its log shows is no end of its run time').toEqual([]);
    if (exitCode !== null) world.put(`benches/${name}/exit_code`, exitCode);
    world.closeSession(`moadim-${name}`);
    await seconds(20);
    expect(silences).toMatchObject([
      { source: 'workbench', clock: 'run_time', thresholdMs: 600_000, ownLimitMs: null, couldEnd: true, end },
    ]);
    expect(silences[0]?.lengthMs).toBeGreaterThanOrEqual(12 * MINUTE_S * 1_000);
    expect(silences[0]?.lengthMs).toBeLessThan(12 * MINUTE_S * 1_000 + 15_000);
  });

  it('is not recorded where it was far from that', async () => {
    const { world, name, silences, seconds } = await bench();
    await seconds(5 * MINUTE_S);
    world.put(`benches/${name}/exit_code`, '0');
    world.closeSession(`moadim-${name}`);
    await seconds(20);
    expect(silences).toEqual([]);
  });
});

describe('a session of Codex in the middle of a turn', () => {
  const rollout = 'codex/sessions/2026/11/22/rollout-2026-11-22T08-00-00-019b8a5a-0000-7000-8000-000000000001.jsonl';

  async function session(connections = 0, settings: Partial<Settings> = {}) {
    const world = new World();
    world.connects(7_001, connections);
    world.start({ pid: 7_001, name: 'codex', files: [{ path: world.path(rollout), writing: true }] });
    const line = (type: string, payload: object) => ({ timestamp: world.iso(), type, payload });
    const event = (type: string, over: object = {}) => world.append(rollout, line('event_msg', { type, ...over }));
    world.put('codex/config.toml', '');
    world.append(
      rollout,
      line('session_meta', {
        id: '019b8a5a-0000-7000-8000-000000000001',
        cwd: world.path('work'),
        cli_version: '0.169.0',
      }),
    );
    event('task_started');
    const watching = watched(world, { codex: [world.path('codex')] }, settings);
    await watching.seconds(10 * MINUTE_S);
    return { world, event, ...watching };
  }

  it.each([
    ['goes on', 'agent_message', { message: 'I have it' }, 'life'],
    ['ends its turn', 'task_complete', {}, 'finished'],
    ['is interrupted', 'turn_aborted', { reason: 'interrupted' }, 'ended'],
  ] as const)('that falls silent and %s', async (_, type, over, end) => {
    const { event, silences, seconds } = await session();
    event(type, over);
    await seconds(10);
    expect(silences).toMatchObject([{ source: 'codex', clock: 'stale', thresholdMs: 300_000, couldEnd: true, end }]);
    expect(silences[0]?.lengthMs).toBeGreaterThanOrEqual(10 * MINUTE_S * 1_000);
    expect(silences[0]?.lengthMs).toBeLessThan(10 * MINUTE_S * 1_000 + 15_000);
  });

  it('whose program ends is gone', async () => {
    const { world, silences, seconds } = await session();
    world.end(7_001);
    await seconds(20);
    expect(silences).toMatchObject([{ end: 'gone' }]);
  });

  it('that hangs with a connection open was never excused, though that had to be found out', async () => {
    const { event, silences, seconds } = await session(1, { session_stale_secs: 4 });
    event('agent_message', { message: 'at last' });
    await seconds(10);
    expect(silences).toMatchObject([{ end: 'life', excusedUntil: null }]);
  });

  it('that is at work with a connection open is not told of', async () => {
    const { world, event, silences, seconds } = await session();
    event('agent_message', { message: 'on' });
    await seconds(10);
    silences.length = 0;
    world.works(7_001, 200);
    world.connects(7_001, 1);
    await seconds(14 * MINUTE_S);
    event('agent_message', { message: 'there' });
    await seconds(10);
    expect(silences).toEqual([]);
  });

  it('that is at work with a connection open for so long that it is stalled is told of', async () => {
    const { world, event, silences, seconds } = await session();
    world.works(7_001, 11);
    world.connects(7_001, 1);
    await seconds(20 * MINUTE_S);
    event('agent_message', { message: 'there' });
    await seconds(10);
    expect(silences).toMatchObject([{ end: 'life', excusedUntil: expect.any(Number) }]);
  });
});

describe('a supervised run whose supervisor falls silent', () => {
  it.each([
    ['succeeded', 'finished'],
    ['failed', 'failed'],
    ['timed_out', 'ended'],
  ] as const)('and that has %s', async (state, end) => {
    const world = new World();
    const space = world.table.space();
    const [supervisor, child] = [7_001, 7_002].map((pid) => ({ ...space, pid, startTime: `start of ${pid}` }));
    if (!supervisor || !child) throw new Error('there are two');
    for (const { pid } of [supervisor, child]) world.start({ pid, sessionId: pid, pgid: pid });
    world.put('state/runs/run-1/worker-spec.json', { name: 'build' });
    const times = { timeoutMs: null, idleTimeoutMs: null };
    const place = { directory: world.path('state/runs/run-1'), workingDirectory: '/' };
    world.registry.runs.begin(
      { ...{ id: 'run-1', name: 'build', key: null, command: ['make'], supervisor }, ...times, ...place },
      () => 'gone',
    );
    await world.registry.runs.change('run-1', () => ({ child }));
    world.put('state/runs/run-1/heartbeat.json', { status: 'busy', ts: world.iso(), pid: child.pid });
    const { silences, seconds } = watched(world, { 'supervised-run': [world.path('state/runs')] });
    await seconds(90);
    await world.registry.runs.change('run-1', () => ({ state, exitCode: state === 'succeeded' ? 0 : 2 }));
    world.end(child.pid);
    await seconds(40);
    expect(silences).toMatchObject([{ source: 'supervised-run', clock: 'missing', end, couldEnd: true }]);
  });
});
