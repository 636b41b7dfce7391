import { describe, expect, it } from 'vitest';
import { idleItem, killPlan, killReceipt } from '../../../src/server/api/schemas/acting';
import { claudeScene, prompt } from '../claude-code/support';
import { servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const scene = claudeScene();
const FOR_ONE_MINUTE = { IDLE_SESSION_TIMEOUT_MINUTES: 1, IDLE_CHECK_INTERVAL_SECONDS: 1 };

describe.runIf(process.platform === 'linux')('idle sessions', () => {
  it('are listed with since when, and are ended for it', async () => {
    const { config } = scene();
    const session = await scene().start('forgotten');
    const then = Date.now() - 120_000;
    scene().transcript('forgotten', [prompt('go')], then);
    session.tell({ set: { status: 'idle', name: 'forgotten', statusUpdatedAt: then, updatedAt: then } });
    const environment = { CLAUDE_CONFIG_DIR: config, CODEX_HOME: '/nowhere', XDG_STATE_HOME: '/nowhere' };
    const api = await servedApi({ settings: FOR_ONE_MINUTE, environment });
    const listed = async () => {
      const { sessions } = (await api.ask('/api/idle/sessions')).json as { sessions: unknown[] };
      return sessions.map((each) => idleItem.parse(each)).find(({ name }) => name === 'forgotten');
    };

    const item = await waitFor('it is idle', listed);
    expect(item).toMatchObject({ status: 'idle', taskId: null, thresholdMs: 60_000 });
    expect(item.since).toBeLessThanOrEqual(then + 1_000);

    const at = `/api/idle/timeout/${encodeURIComponent(item.workerId)}`;
    const plan = killPlan.parse((await api.ask(`${at}?dryRun=1`, { method: 'POST' })).json);
    expect(plan.processes.map(({ pid }) => pid)).toEqual([session.pid]);
    expect(scene().processes.isAlive(session.pid)).toBe(true);

    const receipt = killReceipt.parse((await api.ask(at, { method: 'POST' })).json);
    expect(receipt).toMatchObject({ ended: true, askedBy: 'api', workerId: item.workerId });
    expect(scene().processes.isAlive(session.pid)).toBe(false);
    expect(await listed()).toMatchObject({ status: 'timed_out' });
    await waitFor('it is in the event log', () =>
      api.station.journal
        .latestEvents(20)
        .some(({ kind, workerId }) => kind === 'session_timed_out' && workerId === item.workerId),
    );
  });
});
