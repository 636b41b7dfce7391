import { describe, expect, test } from 'vitest';
import type { PolicyAction } from '../../../../src/shared/settings';
import { CHECK_MS, type PolicyScene, policyScene, STALLED_AFTER_MS } from './support/policy-scene';

/** Beat for one worker while the others are silent. */
async function passWith(scene: PolicyScene, well: string[], ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10_000) {
    for (const name of well) scene.beat(name);
    await scene.pass(Math.min(10_000, left));
  }
}

/** With its time up at once, it has been read once and not twice. */
const FIRST_READING_MS = CHECK_MS + 10_000;

/** Until the policy has had all the time it needs: stalled, its time up, two checks and the kill. */
const ENOUGH_MS = STALLED_AFTER_MS + 60_000 + 3 * CHECK_MS;

describe('a worker that stays stalled', () => {
  test('is ended after its time and two readings, and its neighbour is not', async () => {
    const scene = await policyScene({ workers: ['stuck', 'well'] });
    await passWith(scene, ['well'], STALLED_AFTER_MS + 60_000);
    expect(scene.row('stuck').health).toBe('stalled');
    expect(scene.signalled).toEqual([]);
    await passWith(scene, ['well'], 3 * CHECK_MS);

    expect(scene.signalled).toEqual([{ pid: scene.pidOf('stuck'), signal: 'SIGTERM' }]);
    expect(scene.row('stuck').state).toBe('stopped');
    expect(scene.row('well').health).toBe('healthy');
    const kinds = scene.audit.map(({ kind }) => kind);
    expect(kinds).toEqual(['policy_decision', 'kill_intent', 'kill_outcome']);
    expect(scene.audit[0]).toMatchObject({ workerName: 'stuck', killGraceMs: 2_000 });
    expect(scene.audit[0]?.why).toMatch(/^stalled for 1 min \d+ s\. No sign of life/);
    expect(scene.audit[1]).toMatchObject({ askedBy: 'policy', why: scene.audit[0]?.why, killGraceMs: 2_000 });
    expect(scene.said('policy')).toEqual([
      expect.stringMatching(/^It is being ended automatically: stalled for 1 min/),
    ]);
    expect(scene.messages).toMatchObject([{ title: 'stuck was ended automatically', workerId: scene.idOf('stuck') }]);
  });

  test('is ended no sooner than a check after the first reading, be its time up at once', async () => {
    const scene = await policyScene({ workers: ['stuck'], rule: { afterSecs: 0 } });
    await scene.pass(STALLED_AFTER_MS);
    const stalledAt = scene.row('stuck').since;
    await scene.pass(ENOUGH_MS);
    const intent = scene.audit.find(({ kind }) => kind === 'kill_intent');
    expect(intent?.at).toBeGreaterThanOrEqual(stalledAt + CHECK_MS);
    expect(intent?.at).toBeLessThanOrEqual(stalledAt + 2 * CHECK_MS + 1_000);
  });

  test.each<[PolicyAction]>([['monitor'], ['notify'], ['suggest']])('under “%s” is never ended', async (action) => {
    const scene = await policyScene({ workers: ['stuck'], rule: { action } });
    await scene.pass(10 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.status()).toEqual({ armed: false, heldBack: null, breaker: null });
  });

  test('under “notify” is told of once, under “suggest” its end is offered until it recovers', async () => {
    const notified = await policyScene({ workers: ['stuck'], rule: { action: 'notify' } });
    await notified.pass(5 * ENOUGH_MS);
    expect(notified.messages).toMatchObject([{ title: 'Still stalled: stuck' }]);
    expect(notified.said('policy')).toHaveLength(1);
    expect(notified.row('stuck').suggestion).toBeNull();

    const scene = await policyScene({ workers: ['stuck'], rule: { action: 'suggest' } });
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.messages).toMatchObject([{ title: 'End stuck?' }]);
    expect(scene.row('stuck').suggestion).toMatch(/^stalled for 1 min/);
    scene.beat('stuck');
    await scene.pass(1_000);
    expect(scene.row('stuck')).toMatchObject({ health: 'healthy', suggestion: null });
  });

  test('several at once are told of together', async () => {
    const scene = await policyScene({
      workers: ['a', 'b', 'c'],
      rule: { action: 'suggest' },
      settings: { breakerPercent: 100 },
    });
    await scene.pass(ENOUGH_MS);
    expect(scene.messages).toMatchObject([{ title: 'End 3 workers?', body: 'a, b, c' }]);
  });

  test('is suggested no more once its rule only watches', async () => {
    const scene = await policyScene({ workers: ['stuck'], rule: { action: 'suggest' } });
    await scene.pass(ENOUGH_MS);
    expect(scene.row('stuck').suggestion).not.toBeNull();
    scene.settings.endingPolicy = {};
    scene.policy.configure();
    expect(scene.row('stuck').suggestion).toBeNull();
  });

  test('and recovers between two readings is not touched, also when it stalls again at once', async () => {
    const scene = await policyScene({
      workers: ['stuck'],
      rule: { afterSecs: 0 },
      settings: { heartbeat_missing_secs: 5 },
    });
    // It beats once between any two checks, and is stalled at each of them.
    for (let i = 0; i < 20; i += 1) {
      scene.beat('stuck');
      await scene.pass(CHECK_MS - 5_000);
      expect(scene.row('stuck').health).toBe('stalled');
    }
    expect(scene.signalled).toEqual([]);
  });

  test('is acted on once: what its rule could not do is not tried again', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    await scene.pass(STALLED_AFTER_MS);
    // Two workers in one process: a person alone may end both.
    const host = scene.table.processes.find(({ pid }) => pid === scene.pidOf('stuck'));
    Object.assign(host ?? {}, {
      cwd: '/srv/team',
      args: ['hosts', scene.row('stuck').path, `${scene.row('stuck').path}2`],
    });
    scene.scene.put(`${scene.row('stuck').path}2`, 'heartbeat.json', {
      status: 'waiting',
      ts: new Date(scene.scene.clock.wallMs()).toISOString(),
      pid: scene.pidOf('stuck'),
    });
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.row('stuck').suggestion).toMatch(/^stalled for .*not ended automatically: /);
    expect(scene.messages.filter(({ title }) => title === 'End stuck?')).toHaveLength(1);
  });
});

describe('what a person said holds', () => {
  test('a snoozed worker is left alone, and its suggestion withdrawn', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    await scene.pass(STALLED_AFTER_MS);
    scene.monitor.snooze(scene.idOf('stuck'), 'until_change');
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    scene.monitor.snooze(scene.idOf('stuck'), 'off');
    await scene.pass(ENOUGH_MS);
    expect(scene.signalled).toHaveLength(1);
  });

  test('a worker that is kept alive is left alone, also from one reading to the next', async () => {
    const scene = await policyScene({ workers: ['stuck'], rule: { afterSecs: 0 } });
    await scene.pass(FIRST_READING_MS);
    scene.settings.keepAlive = [scene.idOf('stuck')];
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
  });

  test('a rule turned off or lengthened between the readings ends nothing', async () => {
    const scene = await policyScene({ workers: ['stuck'], rule: { afterSecs: 0 } });
    await scene.pass(FIRST_READING_MS);
    scene.settings.endingPolicy = { 'worker-directory': { action: 'kill', afterSecs: 80_000, killGraceMs: 0 } };
    scene.policy.configure();
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
  });

  test('nothing is done once it is stopped', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    await scene.pass(STALLED_AFTER_MS + 60_000);
    const before = scene.scene.clock.timerCount;
    await scene.policy.stop();
    expect(scene.scene.clock.timerCount).toBeLessThan(before);
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
  });
});

describe('nothing is done', () => {
  test('while the machine is overloaded; once told why, and done after two readings when it is not', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    scene.load.perCore = 5.25;
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    const reason = 'the machine is overloaded: 5.3 programs for each core, over 4';
    expect(scene.status()).toMatchObject({ armed: true, heldBack: reason });
    expect(scene.said('policy')).toEqual([`Nothing is done about stuck: ${reason}`]);
    scene.load.perCore = 4;
    await scene.pass(CHECK_MS + 100);
    expect(scene.signalled).toEqual([]);
    await scene.pass(CHECK_MS + 1_000);
    expect(scene.signalled).toHaveLength(1);
    expect(scene.status().heldBack).toBeNull();
  });

  test('where the machine is overloaded only once the decision is being written down; later it is done', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    scene.writing.onEntry = ({ kind }) => {
      if (kind === 'policy_decision') scene.load.perCore = 5;
    };
    await scene.pass(ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.audit.map(({ kind }) => kind)).toEqual(['policy_decision', 'policy_withheld']);
    expect(scene.audit[1]?.reason).toMatch(/^the machine is overloaded/);
    scene.writing.onEntry = () => undefined;
    scene.load.perCore = 1;
    await scene.pass(3 * CHECK_MS);
    expect(scene.signalled).toHaveLength(1);
  });

  test('while memory is short', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    scene.memory.availableBytes = 1e9;
    await scene.pass(ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.status().heldBack).toBe('the machine uses 93 % of its memory, over 90 %');
  });

  test('while the load cannot be read; notifying and suggesting need none', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    scene.load.perCore = null;
    await scene.pass(ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.status().heldBack).toBe('the machine’s load is not known');
    const other = await policyScene({ workers: ['stuck'], rule: { action: 'notify' } });
    other.load.perCore = null;
    await other.pass(ENOUGH_MS);
    expect(other.messages).toHaveLength(1);
  });

  test('while another engine may be acting too; suggesting goes on', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    await scene.pass(STALLED_AFTER_MS + 60_000);
    scene.rival.why = 'another idlewatch has taken the place of this one';
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.status().heldBack).toBe(scene.rival.why);
    const other = await policyScene({ workers: ['stuck'], rule: { action: 'suggest' } });
    other.rival.why = scene.rival.why;
    await other.pass(ENOUGH_MS);
    expect(other.row('stuck').suggestion).toMatch(/^stalled/);
  });

  test('while watching is paused', async () => {
    const scene = await policyScene({ workers: ['stuck'] });
    await scene.pass(STALLED_AFTER_MS + 60_000);
    scene.monitor.pause(true);
    await scene.pass(5 * ENOUGH_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.status().heldBack).toBe('watching is paused');
  });

  test('in the grace after a wake-up, nor on readings from before it', async () => {
    const scene = await policyScene({ workers: ['stuck'], rule: { afterSecs: 0 }, settings: { wakeGraceMs: 600_000 } });
    await scene.pass(FIRST_READING_MS);
    scene.scene.clock.jumpWall(3_600_000);
    scene.monitor.resume();
    await scene.pass(590_000);
    expect(scene.signalled).toEqual([]);
    expect(scene.status().heldBack).toMatch(/^verdicts hold: /);
    // It is silent anew for its whole time before it is stalled, and then read twice.
    await scene.pass(30_000);
    expect(scene.signalled).toEqual([]);
    await scene.pass(ENOUGH_MS);
    expect(scene.signalled).toHaveLength(1);
  });

  test.each([
    // Of the time by the monotonic clock and the time by the row's own, the longer counts.
    ['forward', 7_200_000, 3_500_000],
    ['back', -7_200_000, 3_500_000 + 7_200_000],
  ])('sooner for a clock set %s meanwhile', async (_, jumpMs, notWithinMs) => {
    const scene = await policyScene({ workers: ['stuck'], rule: { afterSecs: 3_600 } });
    await scene.pass(STALLED_AFTER_MS + 60_000);
    scene.scene.clock.jumpWall(jumpMs);
    await scene.pass(notWithinMs);
    expect(scene.signalled).toEqual([]);
    await scene.pass(400_000);
    expect(scene.signalled).toHaveLength(1);
  });

  test.each([7_200_000, -7_200_000])('on a reading from before the clock was set by %i ms', async (jumpMs) => {
    const scene = await policyScene({ workers: ['stuck'], rule: { afterSecs: 0 }, settings: { wakeGraceMs: 0 } });
    await scene.pass(FIRST_READING_MS);
    scene.scene.clock.jumpWall(jumpMs);
    await scene.pass(CHECK_MS - 5_000);
    expect(scene.signalled).toEqual([]);
  });
});

describe('where many stall at once', () => {
  const crowd = Array.from({ length: 50 }, (_, i) => `w${i}`);
  const stuck = crowd.slice(0, 30);
  const well = crowd.slice(30);
  const rule = { afterSecs: 0 };

  async function storm(): Promise<PolicyScene> {
    const scene = await policyScene({ workers: crowd, rule });
    await passWith(scene, well, STALLED_AFTER_MS + 2_000);
    expect(scene.status().breaker).not.toBeNull();
    return scene;
  }

  test('the circuit breaker opens, is told of once, and none is ended', async () => {
    const scene = await storm();
    await passWith(scene, well, 4 * CHECK_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.status()).toMatchObject({
      heldBack: expect.stringMatching(/^the circuit breaker is open/),
      breaker: { reason: '30 of 50 running workers turned stalled within a minute' },
    });
    const text =
      '30 of 50 running workers turned stalled within a minute: automatic ending has stopped until a person allows it again or no worker has turned stalled for 10 min';
    expect(scene.said('breaker_opened')).toEqual([text]);
    expect(scene.messages).toEqual([{ title: 'Automatic ending has stopped', body: text, workerId: null }]);
    expect(scene.audit).toMatchObject([{ kind: 'breaker_opened' }]);
  });

  test('by hand it closes, and one after the other is ended, a few at each check', async () => {
    const scene = await storm();
    expect(scene.policy.closeBreaker('window')).toBe(true);
    expect(scene.policy.closeBreaker('window')).toBe(false);
    expect(scene.status().breaker).toBeNull();
    expect(scene.said('breaker_closed')).toContain('Allowed again by a person: the circuit breaker is closed');
    expect(scene.audit.at(-1)).toMatchObject({ kind: 'breaker_closed', askedBy: 'window' });
    await passWith(scene, well, 2 * CHECK_MS + 2_000);
    expect(scene.signalled.length).toBeGreaterThan(0);
    expect(scene.signalled.length).toBeLessThanOrEqual(3);
    const pids = new Set(stuck.map(scene.pidOf));
    expect(scene.signalled.every(({ pid }) => pids.has(pid))).toBe(true);
  });

  test('by quiet it closes, and those of the storm are left to the person', async () => {
    const scene = await storm();
    await passWith(scene, well, 610_000);
    expect(scene.status().breaker).toBeNull();
    expect([...scene.said('breaker_opened'), ...scene.said('breaker_closed')]).toHaveLength(2);
    await passWith(scene, well, 20 * CHECK_MS);
    expect(scene.signalled).toEqual([]);
    expect(scene.row('w0').suggestion).toMatch(/^It stalled together with many others/);
    // Whoever stalls alone afterwards is ended as before.
    await passWith(scene, well.slice(1), ENOUGH_MS);
    expect(scene.signalled).toEqual([{ pid: scene.pidOf('w30'), signal: 'SIGTERM' }]);
  }, 60_000);
});
