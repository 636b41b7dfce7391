import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { killPlan, killReceipt } from '../../../src/server/api/schemas/acting';
import { type RealProcesses, type Running, realProcesses } from '../support/real-processes';
import { refusal, type ServedApi, servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const processes: RealProcesses = realProcesses();
afterEach(() => processes.endAll());

const kill = (api: ServedApi, id: string, query = '', body?: unknown) =>
  api.ask(`/api/workers/${encodeURIComponent(id)}/kill${query}`, { method: 'POST', body });
const timeOut = (api: ServedApi, id: string, query = '', body?: unknown) =>
  api.ask(`/api/idle/timeout/${encodeURIComponent(id)}${query}`, { method: 'POST', body });

/** A worker whose process lives and has fallen silent. */
async function stalled(api: ServedApi, name: string, program = 'sleeper.mjs', args: string[] = []) {
  mkdirSync(api.directoryOf(name), { recursive: true });
  const running = await processes.start(program, args, { cwd: api.directoryOf(name) });
  const id = silent(api, name, running);
  await api.worker(id, ({ state }) => state === 'stalled');
  return { id, running };
}

function silent(api: ServedApi, name: string, { pid }: Running): string {
  return api.beat(name, { pid, ts: new Date(Date.now() + 1_000).toISOString() });
}

const SILENCE = { settings: { heartbeat_missing_secs: 1 } };

describe.runIf(process.platform === 'linux').each([
  ['POST /api/workers/{id}/kill', kill],
  ['POST /api/idle/timeout/{id}', timeOut],
])('%s', (_name, end) => {
  it('?dryRun=1: the plan; nothing is signalled and nothing written down', async () => {
    const api = await servedApi(SILENCE);
    const { id, running } = await stalled(api, 'hung');
    const answer = await end(api, id, '?dryRun=1');
    expect(answer.status).toBe(200);
    const plan = killPlan.parse(answer.json);
    expect(plan).toMatchObject({ workerId: id, refused: null, sharedWith: [] });
    expect(plan.processes.map(({ pid }) => pid)).toEqual([running.pid]);
    expect(processes.isAlive(running.pid)).toBe(true);
    expect(api.station.machine.audit.entries(10)).toEqual([]);
  });

  it('ends a stalled process through the plan, and answers with the receipt', async () => {
    const api = await servedApi(SILENCE);
    const { id, running } = await stalled(api, 'hung');
    const neighbour = await stalled(api, 'hung-2');
    const answer = await end(api, id);
    expect(answer.status).toBe(200);
    const receipt = killReceipt.parse(answer.json);
    expect(receipt).toMatchObject({ workerId: id, askedBy: 'api', ended: true });
    expect(receipt.processes).toMatchObject([{ pid: running.pid, outcome: 'ended', signals: [{ signal: 'SIGTERM' }] }]);
    expect(processes.isAlive(running.pid)).toBe(false);
    expect(processes.isAlive(neighbour.running.pid)).toBe(true);
    expect(api.station.machine.audit.entries(10)).toMatchObject([
      { kind: 'kill_intent', askedBy: 'api', workerId: id },
      { kind: 'kill_outcome', receipt: { planId: receipt.planId } },
    ]);
    const kinds = await waitFor('intent and outcome are in the event log', () => {
      const logged = api.station.journal.latestEvents(50).filter((event) => event.kind.startsWith('kill_'));
      return logged.length === 2 && logged.map(({ kind }) => kind);
    });
    expect(kinds).toEqual(['kill_intent', 'kill_ended']);
  });

  it('refused: 409 with the reason', async () => {
    const api = await servedApi();
    const id = api.beat('no-process');
    await api.worker(id);
    const plan = killPlan.parse((await end(api, id, '?dryRun=1')).json);
    expect(plan.refused).toMatch(/\S/);
    expect(await end(api, id)).toMatchObject({ status: 409, json: refusal('refused', String(plan.refused)) });
    expect(api.station.machine.audit.entries(10)).toEqual([]);
  });

  it('nobody of that name: 404', async () => {
    const api = await servedApi();
    for (const query of ['', '?dryRun=1']) {
      const words = 'there is no worker worker-directory:/nowhere now';
      expect(await end(api, 'worker-directory:/nowhere', query)).toMatchObject({
        status: 404,
        json: refusal('unknown', words),
      });
    }
  });

  it('a process that serves two workers: only where that is said', async () => {
    const api = await servedApi(SILENCE);
    const directories = ['one', 'two'].map(api.directoryOf);
    for (const directory of directories) mkdirSync(directory, { recursive: true });
    // It works in one and writes into the other.
    writeFileSync(`${directories[1]}/agent.log`, 'working\n');
    const shared = await processes.start('sleeper.mjs', ['--hold', `${api.directoryOf('two')}/agent.log`], {
      cwd: api.directoryOf('one'),
    });
    const [id, other] = [silent(api, 'one', shared), silent(api, 'two', shared)];
    const isOf = ({ state, pid }: { state: string; pid: number | null }) => state === 'stalled' && pid === shared.pid;
    await api.worker(id, isOf);
    await api.worker(other, isOf);
    const plan = killPlan.parse((await end(api, id, '?dryRun=1')).json);
    expect(plan.sharedWith).toEqual([{ id: other, name: 'two' }]);
    const unsaid = await end(api, id);
    expect(unsaid).toMatchObject({
      status: 409,
      json: refusal('shared', 'it would end two too; with {"acceptShared": true}'),
    });
    expect(processes.isAlive(shared.pid)).toBe(true);
    const said = await end(api, id, '', { acceptShared: true });
    expect(killReceipt.parse(said.json)).toMatchObject({ ended: true });
    expect(processes.isAlive(shared.pid)).toBe(false);
  });
});

describe.runIf(process.platform === 'linux')('ending', () => {
  it('for a task that is idle is noted with it: it is timed out', async () => {
    const api = await servedApi({
      settings: { ...SILENCE.settings, IDLE_TASK_TIMEOUT_MINUTES: 1, IDLE_CHECK_INTERVAL_SECONDS: 1 },
    });
    mkdirSync(api.directoryOf('hung'), { recursive: true });
    const inbox = join(api.directoryOf('hung'), 'inbox.jsonl');
    writeFileSync(inbox, '{"id": "t-1"}\n');
    utimesSync(inbox, Date.now() / 1_000 - 120, Date.now() / 1_000 - 120);
    const { id } = await stalled(api, 'hung');
    const listed = async () => ((await api.ask('/api/idle/tasks')).json as { tasks: unknown[] }).tasks;
    await waitFor('it is idle', async () => (await listed()).length === 1);
    expect(killReceipt.parse((await timeOut(api, id)).json).ended).toBe(true);
    expect(await listed()).toMatchObject([{ workerId: id, taskId: 't-1', status: 'timed_out' }]);
    await waitFor('it is in the event log', () =>
      api.station.journal
        .latestEvents(20)
        .some(({ kind, workerId }) => kind === 'session_timed_out' && workerId === id),
    );
  });

  it('what ignores SIGTERM is killed after the grace, with its children', async () => {
    const api = await servedApi({ settings: { ...SILENCE.settings, killGraceMs: 200 } });
    const { id, running } = await stalled(api, 'stubborn', 'stubborn.mjs', ['--children', '2']);
    const receipt = killReceipt.parse((await kill(api, id)).json);
    expect(receipt.ended).toBe(true);
    expect(receipt.processes.map(({ pid }) => pid).sort()).toEqual([...running.pids].sort());
    expect(running.pids.filter(processes.isAlive)).toEqual([]);
  });

  it('two at the same time: one does it, the other is told so', async () => {
    const api = await servedApi({ settings: { ...SILENCE.settings, killGraceMs: 5_000 } });
    const { id } = await stalled(api, 'stubborn', 'stubborn.mjs');
    const [one, two] = await Promise.all([kill(api, id), kill(api, id)]);
    expect([one.status, two.status].sort()).toEqual([200, 409]);
    const refused = one.status === 409 ? one : two;
    expect(refused.json).toEqual(refusal('refused', 'is being ended already'));
  });

  it('what cannot be written down is not ended: 409, and it lives', async () => {
    const api = await servedApi(SILENCE);
    const { id, running } = await stalled(api, 'hung');
    const database = `${api.stateFolder}/idlewatch.db`;
    expect(existsSync(database)).toBe(false);
    mkdirSync(database);
    const answer = await kill(api, id);
    expect(answer).toMatchObject({ status: 409, json: refusal('refused', 'The audit log cannot be written') });
    expect(processes.isAlive(running.pid)).toBe(true);
  });
});
