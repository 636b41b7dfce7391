import { describe, expect, it } from 'vitest';
import { createKillActions, mayExecute } from '../../../src/renderer/state/kill-flow';
import { createAppStore } from '../../../src/renderer/state/store';
import type { KillAnswer } from '../../../src/shared/ipc';
import type { KillPlan } from '../../../src/shared/model';
import { deferred, standInBridge } from '../../fixtures/renderer/bridge';
import { makePlan, makeReceipt } from '../../fixtures/renderer/pictures';

function flow(plan: () => Promise<KillPlan>, execute?: () => Promise<KillAnswer>) {
  const bridge = standInBridge({ 'kill.plan': plan, ...(execute && { 'kill.execute': execute }) });
  const store = createAppStore();
  const kill = createKillActions(bridge, store);
  const executed = () => bridge.asked.filter(({ name }) => name === 'kill.execute');
  return { store, kill, executed, state: () => store.getState().kill };
}

describe('ending a worker', () => {
  it('shows the plan, carries it out when asked, and keeps the receipt', async () => {
    const receipt = makeReceipt(true);
    const { kill, executed, state } = flow(
      async () => makePlan(),
      async () => ({ ok: true, receipt }),
    );
    await kill.ask('a', 'worker-a');
    expect(state()?.phase).toBe('planned');
    expect(executed()).toEqual([]);
    await kill.execute();
    expect(executed()).toEqual([{ name: 'kill.execute', args: ['plan-1', { acceptShared: false }] }]);
    expect(state()).toMatchObject({ phase: 'done', receipt });
    kill.close();
    expect(state()).toBeNull();
  });

  it('signals nothing before a plan is there, nor where it is refused or empty', async () => {
    const pending = deferred<KillPlan>();
    const early = flow(() => pending.promise);
    void early.kill.ask('a', 'worker-a');
    await early.kill.execute();
    const refused = flow(async () => makePlan({ refused: 'not verified', processes: [] }));
    await refused.kill.ask('a', 'worker-a');
    await refused.kill.execute();
    const empty = flow(async () => makePlan({ processes: [] }));
    await empty.kill.ask('a', 'worker-a');
    await empty.kill.execute();
    expect([...early.executed(), ...refused.executed(), ...empty.executed()]).toEqual([]);
  });

  it('needs its own yes where other workers would end too', async () => {
    const shared = makePlan({ sharedWith: [{ id: 'b', name: 'worker-b' }] });
    const { kill, executed, state } = flow(
      async () => shared,
      async () => ({ ok: true, receipt: makeReceipt(true) }),
    );
    await kill.ask('a', 'worker-a');
    await kill.execute();
    expect(executed()).toEqual([]);
    kill.acceptShared(true);
    expect(state() && mayExecute(state()!)).toBe(true);
    await kill.execute();
    expect(executed()[0]?.args).toEqual(['plan-1', { acceptShared: true }]);
  });

  it('says why there is no plan and why it was not carried out', async () => {
    const noPlan = flow(() => Promise.reject(new Error('There is no such worker.')));
    await noPlan.kill.ask('a', 'worker-a');
    expect(noPlan.state()).toMatchObject({ phase: 'failed', error: 'There is no such worker.' });
    const refused = flow(
      async () => makePlan(),
      async () => ({ ok: false, reason: 'The plan is too old.' }),
    );
    await refused.kill.ask('a', 'worker-a');
    await refused.kill.execute();
    expect(refused.state()).toMatchObject({ phase: 'failed', error: 'The plan is too old.' });
  });

  it('cannot be closed or replaced while it runs', async () => {
    const answer = deferred<KillAnswer>();
    const { kill, state } = flow(
      async () => makePlan(),
      () => answer.promise,
    );
    await kill.ask('a', 'worker-a');
    const running = kill.execute();
    kill.close();
    await kill.ask('b', 'worker-b');
    expect(state()).toMatchObject({ phase: 'running', workerId: 'a' });
    answer.resolve({ ok: true, receipt: makeReceipt(false) });
    await running;
    expect(state()).toMatchObject({ phase: 'done', receipt: { ended: false } });
  });

  it('a plan that comes after Cancel, or for the worker asked before, opens nothing', async () => {
    const slow = deferred<KillPlan>();
    const plans = [() => slow.promise, async () => makePlan({ workerId: 'b', workerName: 'worker-b' })];
    const { kill, state } = flow(() => (plans.shift() ?? (() => Promise.reject(new Error('no more'))))());
    const first = kill.ask('a', 'worker-a');
    kill.close();
    await kill.ask('b', 'worker-b');
    slow.resolve(makePlan());
    await first;
    expect(state()).toMatchObject({ workerId: 'b', workerName: 'worker-b' });
  });
});
