import { describe, expect, it } from 'vitest';
import { firstRows, freedWords, ROWS_SHOWN } from '../../../src/renderer/logic/reap-words';
import { createKillActions } from '../../../src/renderer/state/kill-flow';
import { createReapActions } from '../../../src/renderer/state/reap-flow';
import { createAppStore } from '../../../src/renderer/state/store';
import type { ReapAnswer } from '../../../src/shared/ipc';
import type { ReapPlan } from '../../../src/shared/model';
import { deferred, standInBridge } from '../../fixtures/renderer/bridge';
import { makePlan, makeReapPlan, makeReapReceipt } from '../../fixtures/renderer/pictures';

function flow(plan: () => Promise<ReapPlan>, execute?: () => Promise<ReapAnswer>) {
  const bridge = standInBridge({
    'reap.plan': plan,
    'kill.plan': async () => makePlan(),
    ...(execute && { 'reap.execute': execute }),
  });
  const store = createAppStore();
  const reap = createReapActions(bridge, store);
  const kill = createKillActions(bridge, store);
  const executed = () => bridge.asked.filter(({ name }) => name === 'reap.execute');
  return { store, reap, kill, executed, state: () => store.getState().reap };
}

describe('cleaning up', () => {
  it('shows what could go, removes it when asked, and keeps the receipt', async () => {
    const receipt = makeReapReceipt();
    const { reap, executed, state } = flow(
      async () => makeReapPlan(),
      async () => ({ ok: true, receipt }),
    );
    await reap.ask();
    expect(state()?.phase).toBe('planned');
    expect(executed()).toEqual([]);
    await reap.execute();
    expect(executed()).toEqual([{ name: 'reap.execute', args: ['reap-1'] }]);
    expect(state()).toMatchObject({ phase: 'done', receipt });
    reap.close();
    expect(state()).toBeNull();
  });

  it('removes nothing before a plan is there, nor where nothing is left over', async () => {
    const pending = deferred<ReapPlan>();
    const early = flow(() => pending.promise);
    void early.reap.ask();
    await early.reap.execute();
    const empty = flow(async () => makeReapPlan({ candidates: [] }));
    await empty.reap.ask();
    await empty.reap.execute();
    expect([...early.executed(), ...empty.executed()]).toEqual([]);
  });

  it('says why there is no plan and why nothing was removed', async () => {
    const noPlan = flow(() => Promise.reject(new Error('The registry cannot be read.')));
    await noPlan.reap.ask();
    expect(noPlan.state()).toMatchObject({ phase: 'failed', error: 'The registry cannot be read.' });
    const refused = flow(
      async () => makeReapPlan(),
      async () => ({ ok: false, reason: 'The plan is too old.' }),
    );
    await refused.reap.ask();
    await refused.reap.execute();
    expect(refused.state()).toMatchObject({ phase: 'failed', error: 'The plan is too old.' });
  });

  it('goes on behind the question whether to end a worker, and cannot be closed or asked anew meanwhile', async () => {
    const answer = deferred<ReapAnswer>();
    const { reap, kill, store, state } = flow(
      async () => makeReapPlan(),
      () => answer.promise,
    );
    await reap.ask();
    const running = reap.execute();
    reap.close();
    await reap.ask();
    await kill.ask('a', 'worker-a');
    expect([state()?.phase, store.getState().kill?.phase]).toEqual(['running', 'planned']);
    answer.resolve({ ok: true, receipt: makeReapReceipt() });
    await running;
    expect(state()?.phase).toBe('done');
  });

  it('gives way to the question whether to end a worker, and the other way round', async () => {
    const { reap, kill, store } = flow(async () => makeReapPlan());
    const open = () => [store.getState().reap !== null, store.getState().kill !== null];
    await reap.ask();
    await kill.ask('a', 'worker-a');
    expect(open()).toEqual([false, true]);
    await reap.ask();
    expect(open()).toEqual([true, false]);
  });
});

describe('what cleaning up frees', () => {
  it('is a sum that owns up to what was not measured', () => {
    const MB = 1024 ** 2;
    expect(freedWords([{ bytes: 2 * MB }, { bytes: 3 * MB }])).toBe('5 MB');
    expect(freedWords([{ bytes: 2 * MB }, { bytes: null }])).toBe('at least 2 MB');
    expect(freedWords([{ bytes: null }])).toBe('size not known');
  });

  it('is drawn as far as anyone reads, with the rest counted', () => {
    const rows = Array.from({ length: ROWS_SHOWN + 1204 }, (_, index) => index);
    expect(firstRows(rows)).toEqual({ shown: rows.slice(0, ROWS_SHOWN), rest: 'and 1,204 more' });
    expect(firstRows([1])).toEqual({ shown: [1], rest: null });
  });
});
