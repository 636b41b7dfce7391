import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { idleItem } from '../../../src/server/api/schemas/acting';
import { history, idleStats, snapshot } from '../../../src/server/api/schemas/snapshot';
import { workerReport } from '../../../src/server/api/schemas/worker';
import { refusal, servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const at = (id: string) => `/api/workers/${encodeURIComponent(id)}`;

describe('the picture', () => {
  it('GET /api/snapshot: everything, as the window shows it', async () => {
    const api = await servedApi();
    const id = api.beat('coder', { phase: 'reading' });
    await api.worker(id);
    const answer = await api.ask('/api/snapshot');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const picture = snapshot.parse(answer.json);
    expect(picture.workers.map((row) => [row.id, row.state])).toEqual([[id, 'busy']]);
    expect(picture.counts.busy).toBe(1);
    expect(picture.detail).toBeNull();
  });

  it('GET /api/workers/{id}: one worker, with what the verdict rests on', async () => {
    const api = await servedApi();
    const id = api.beat('cö der %2F', { phase: 'reading' });
    await api.worker(id);
    const answer = await api.ask(at(id));
    expect(answer.status).toBe(200);
    const report = workerReport.parse(answer.json);
    expect(report).toMatchObject({ id, state: 'busy', heartbeatContent: { phase: 'reading' } });
    expect(report.evidence.map(({ kind }) => kind)).toContain('heartbeat');
  });

  it('GET /api/workers/{id}: nobody of that name', async () => {
    const { ask } = await servedApi();
    expect(await ask(at('worker-directory:/nowhere'))).toMatchObject({
      status: 404,
      json: refusal('unknown', 'there is no worker worker-directory:/nowhere now'),
    });
  });

  it('POST /api/ping: somebody is there', async () => {
    const { ask, station } = await servedApi();
    const before = station.snapshot().idle.trafficCount;
    const once = await ask('/api/ping', { method: 'POST' });
    expect(idleStats.parse(once.json).trafficCount).toBe(before + 1);
    const more = await ask('/api/ping', { method: 'POST', body: { count: 4 } });
    expect(idleStats.parse(more.json)).toMatchObject({ trafficCount: before + 5, isIdle: false });
    for (const count of [0, 1_001, 1.5, '2']) {
      const words = `body.count is ${JSON.stringify(count)}; allowed is a whole number from 1 to 1000`;
      const answer = await ask('/api/ping', { method: 'POST', body: { count } });
      expect(answer).toMatchObject({ status: 400, json: refusal('invalid', words) });
    }
    expect(station.snapshot().idle.trafficCount).toBe(before + 5);
  });

  it('GET /api/history: the figures that were kept', async () => {
    const { ask, station } = await servedApi();
    await waitFor('figures are kept', () => station.journal.points(0, Date.now() + 60_000, 10).length > 0);
    for (const range of ['5min', '1h', '24h', '7d']) {
      const answer = await ask(`/api/history?range=${range}`);
      expect(answer.status).toBe(200);
      const read = history.parse(answer.json);
      expect(read.range).toBe(range);
      expect(read.points.length).toBeGreaterThan(0);
      expect(Math.abs(Date.now() - (read.points.at(-1)?.at ?? 0))).toBeLessThan(3_600_000);
    }
    expect(history.parse((await ask('/api/history')).json).range).toBe('1h');
  });
});

describe('what may be said of a worker', () => {
  it('POST …/snooze: no more of it for a while, and its end', async () => {
    const api = await servedApi();
    const id = api.beat('coder', { status: 'waiting' });
    await api.worker(id);
    const snooze = (word: unknown) => api.ask(`${at(id)}/snooze`, { method: 'POST', body: { snooze: word } });
    const hour = workerReport.parse((await snooze('1h')).json);
    expect(hour.snoozed).toBe(true);
    expect(hour.snoozedUntil).toBeGreaterThan(Date.now() + 3_500_000);
    expect(workerReport.parse((await snooze('until_change')).json)).toMatchObject({
      snoozed: true,
      snoozedUntil: null,
    });
    expect(workerReport.parse((await snooze('off')).json)).toMatchObject({ snoozed: false, snoozedUntil: null });
    expect(await snooze('2h')).toMatchObject({
      status: 400,
      json: refusal('invalid', 'body.snooze is "2h"; allowed is off, 15min, 1h or until_change'),
    });
    const stranger = await api.ask(`${at('x:y')}/snooze`, { method: 'POST', body: { snooze: '1h' } });
    expect(stranger).toMatchObject({ status: 404, json: refusal('unknown', 'there is no worker x:y now') });
  });

  it('POST …/keep-alive: the policy leaves it alone, also after a restart', async () => {
    const api = await servedApi();
    const id = api.beat('coder');
    await api.worker(id);
    const keep = (keepAlive: unknown) => api.ask(`${at(id)}/keep-alive`, { method: 'POST', body: { keepAlive } });
    expect(workerReport.parse((await keep(true)).json).keepAlive).toBe(true);
    expect(api.station.settingsStore.view().settings.keepAlive).toEqual([id]);
    expect(workerReport.parse((await keep(false)).json).keepAlive).toBe(false);
    expect(api.station.settingsStore.view().settings.keepAlive).toEqual([]);
    expect(await keep('yes')).toMatchObject({
      status: 400,
      json: refusal('invalid', 'body.keepAlive is "yes"; allowed is true or false'),
    });
  });

  it('what cannot be written down is refused, and says why', async () => {
    const api = await servedApi();
    const id = api.beat('coder');
    await api.worker(id);
    writeFileSync(api.settingsFile, '{ broken');
    const answer = await api.ask(`${at(id)}/keep-alive`, { method: 'POST', body: { keepAlive: true } });
    expect(answer).toMatchObject({ status: 409, json: refusal('refused', 'settings.json is not valid JSON') });
  });
});

describe('what is idle', () => {
  it('GET /api/idle/tasks: those over their threshold, with since when', async () => {
    const api = await servedApi({
      settings: { IDLE_TASK_TIMEOUT_MINUTES: 1, IDLE_CHECK_INTERVAL_SECONDS: 1 },
      environment: {},
    });
    const list = join(api.base, 'tasks.json');
    const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
    const task = (id: string, lastActivity: string) => ({ id, title: id, state: 'open', last_activity: lastActivity });
    writeFileSync(list, JSON.stringify([task('old', ago(120_000)), task('new', ago(1_000))]));
    const set = await api.ask('/api/idle/config', { method: 'PUT', body: { taskLists: [{ path: list }] } });
    expect(set.status).toBe(200);
    const tasks = await waitFor('the old task is idle', async () => {
      const { json } = await api.ask('/api/idle/tasks');
      const found = (json as { tasks: unknown[] }).tasks;
      return found.length > 0 && found;
    });
    expect(tasks).toHaveLength(1);
    expect(idleItem.parse(tasks[0])).toMatchObject({ status: 'idle', name: 'old', thresholdMs: 60_000 });
    expect(Date.now() - (idleItem.parse(tasks[0]).since ?? 0)).toBeGreaterThan(60_000);
  });
});
