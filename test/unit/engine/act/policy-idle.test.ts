import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../../src/shared/settings';
import type { Scene } from '../support/stepped-monitor';
import { type PolicyScene, policyScene } from './support/policy-scene';

const MIN = 60_000;
const PIDS = [2_001, 2_002];
const KILL = { action: 'kill', afterSecs: 60, killGraceMs: 2_000 } as const;
const WANTED: Partial<Settings> = {
  IDLE_AUTO_TIMEOUT_ENABLED: true,
  IDLE_SESSION_TIMEOUT_MINUTES: 10,
  endingPolicy: { 'claude-code': KILL },
};
/** Idle, seen so at a round and a check, its time up, two readings, the kill. */
const ENOUGH_MS = 16 * MIN;

/** Write what a session of Claude Code says of itself now. */
function say(scene: Scene, pid: number, status: string): void {
  scene.put(join(scene.base, 'claude/sessions'), `${pid}.json`, {
    ...{ pid, sessionId: `session-${pid}`, cwd: join(scene.base, `project-${pid}`), procStart: String(pid), status },
    ...{ startedAt: scene.clock.wallMs(), updatedAt: scene.clock.wallMs(), name: `session ${pid}` },
  });
}

async function sessions(settings: Partial<Settings>, statuses = ['idle', 'idle']): Promise<PolicyScene> {
  const scene = await policyScene({
    workers: [],
    settings,
    also(made) {
      for (const [at, pid] of PIDS.entries()) {
        mkdirSync(join(made.base, `project-${pid}`));
        say(made, pid, statuses[at] ?? 'idle');
      }
      const processes = PIDS.map((pid) => ({
        ...{ pid, startTime: String(pid), cwd: join(made.base, `project-${pid}`), args: ['claude'], sessionId: pid },
        ...{ pgid: pid, startedAt: made.clock.wallMs() - 1_000 },
      }));
      return { roots: { 'claude-code': [join(made.base, 'claude')] }, processes };
    },
  });
  expect(states(scene)).toHaveLength(PIDS.length);
  return scene;
}

function states({ monitor }: PolicyScene): string[] {
  return monitor.snapshot().workers.map(({ name, state, idle }) => `${name}: ${state}, ${idle?.status ?? 'none'}`);
}

describe('idle sessions', () => {
  test('are ended where a person wants it, after their time and two readings, and have timed out then', async () => {
    const scene = await sessions(WANTED);
    await scene.pass(9 * MIN);
    say(scene.scene, PIDS[1] ?? 0, 'busy');
    await scene.pass(MIN);
    say(scene.scene, PIDS[1] ?? 0, 'idle');
    await scene.pass(ENOUGH_MS - 10 * MIN);
    expect(scene.signalled).toEqual([{ pid: 2_001, signal: 'SIGTERM' }]);
    expect(states(scene)).toEqual(['session 2001: stopped, timed_out', 'session 2002: ready, active']);
    expect(scene.said('session_idle')).toEqual([expect.stringMatching(/^Idle: no activity for 10 min/)]);
    expect(scene.said('session_timed_out')).toEqual(['Ended: idle, without activity for over 10 min']);
    expect(scene.audit.map(({ kind }) => kind)).toEqual(['policy_decision', 'kill_intent', 'kill_outcome']);
    expect(scene.messages).toMatchObject([{ title: 'session 2001 was ended automatically' }]);
    expect(scene.monitor.idleItems().sessions).toMatchObject([
      { name: 'session 2001', status: 'timed_out', taskId: null, thresholdMs: 10 * MIN },
      { name: 'session 2002', status: 'active' },
    ]);
  });

  test.each<[string, Partial<Settings>]>([
    ['nobody asked for it', { ...WANTED, IDLE_AUTO_TIMEOUT_ENABLED: false }],
    ['stalled ones of their kind are not ended', { ...WANTED, endingPolicy: { codex: KILL } }],
    [
      'stalled ones of their kind are only suggested',
      { ...WANTED, endingPolicy: { 'claude-code': { ...KILL, action: 'suggest' } } },
    ],
    ['their kind may be idle for longer', { ...WANTED, idleTimeoutMinutesByKind: { 'claude-code': 600 } }],
  ])('are left alone where %s', async (_, settings) => {
    const scene = await sessions(settings);
    await scene.pass(4 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.messages).toEqual([]);
    expect(scene.said('policy')).toEqual([]);
  });

  test('are left alone while they wait for a person, or are kept alive', async () => {
    const scene = await sessions(WANTED, ['waiting', 'idle']);
    const id = scene.monitor.snapshot().workers.find(({ name }) => name === 'session 2002')?.id ?? '';
    scene.settings.keepAlive = [id];
    await scene.pass(4 * ENOUGH_MS);
    expect(states(scene)).toEqual(['session 2001: waiting, idle', 'session 2002: ready, idle']);
    expect(scene.signalled).toEqual([]);
  });

  test('are not ended while verdicts hold or the machine is overloaded', async () => {
    const scene = await sessions(WANTED);
    scene.load.perCore = 100;
    await scene.pass(2 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    scene.load.perCore = 0.5;
    scene.scene.clock.jumpWall(8 * 60 * MIN);
    await scene.pass(10 * MIN);
    expect(scene.signalled).toEqual([]);
    await scene.pass(5 * MIN);
    expect(scene.signalled).toHaveLength(2);
  });

  test('that are used after they were found idle are left alone, however long the next round is off', async () => {
    const scene = await sessions({ ...WANTED, IDLE_CHECK_INTERVAL_SECONDS: 3_600 });
    await scene.pass(60 * MIN + 40_000);
    expect(scene.said('session_idle')).toHaveLength(2);
    for (const pid of PIDS) say(scene.scene, pid, 'idle');
    await scene.pass(8 * MIN);
    expect(scene.signalled).toEqual([]);
  });
});
