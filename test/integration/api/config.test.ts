import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsView } from '../../../src/server/api/schemas/acting';
import { defaultSettings } from '../../../src/shared/settings';
import { refusal, type ServedApi, servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const put = ({ ask }: ServedApi, body: unknown) => ask('/api/idle/config', { method: 'PUT', body });
const inFile = ({ settingsFile }: ServedApi) => JSON.parse(readFileSync(settingsFile, 'utf8'));

describe('GET /api/idle/config', () => {
  it('the settings in force, which of them are pinned, and their file', async () => {
    const { ask, settingsFile } = await servedApi({ settings: { killGraceMs: 1_234 } });
    const { json, status } = await ask('/api/idle/config');
    expect(status).toBe(200);
    const view = settingsView.parse(json);
    expect(view).toMatchObject({ pinned: ['killGraceMs'], errors: [], file: settingsFile });
    expect(view.settings).toEqual({ ...defaultSettings(), killGraceMs: 1_234 });
  });
});

describe('PUT /api/idle/config', () => {
  it('changes what is named, at once and for good; null takes it away again', async () => {
    const api = await servedApi();
    const changed = await put(api, { IDLE_SESSION_TIMEOUT_MINUTES: 5, keepAwake: true });
    expect(changed.status).toBe(200);
    expect(settingsView.parse(changed.json).settings).toMatchObject({
      IDLE_SESSION_TIMEOUT_MINUTES: 5,
      keepAwake: true,
    });
    expect(api.station.settings().settings).toMatchObject({ IDLE_SESSION_TIMEOUT_MINUTES: 5, keepAwake: true });
    expect(inFile(api)).toEqual({ IDLE_SESSION_TIMEOUT_MINUTES: 5, keepAwake: true });
    const back = settingsView.parse((await put(api, { keepAwake: null })).json);
    expect(back.settings).toMatchObject({ IDLE_SESSION_TIMEOUT_MINUTES: 5, keepAwake: false });
    expect(inFile(api)).toEqual({ IDLE_SESSION_TIMEOUT_MINUTES: 5 });
  });

  it('is live: a worker is judged by the new threshold', async () => {
    const api = await servedApi();
    const id = api.beat('coder', { ts: new Date(Date.now() - 10_000).toISOString() });
    await api.worker(id, ({ state }) => state === 'busy');
    await put(api, { heartbeat_missing_secs: 5 });
    await api.worker(id, ({ state }) => state === 'dead');
  });

  it('is kept in the event log: who, what, and what it was', async () => {
    const api = await servedApi();
    await put(api, { killGraceMs: 777 });
    const kept = await waitFor('the change is kept', () =>
      api.station.journal.latestEvents(20).find(({ kind }) => kind === 'config_changed'),
    );
    expect(kept.data).toMatchObject({ askedBy: 'api', changed: [{ key: 'killGraceMs', was: '5000', is: '777' }] });
  });

  it('is kept whole, however long, but for passwords', async () => {
    const api = await servedApi();
    const workerDirs = Array.from({ length: 20 }, (_, at) => `/somewhere/that/is/not/there/${at}`);
    await put(api, { workerDirs, opencodeServers: ['http://me:p@ss:word@127.0.0.1:9'] });
    const kept = await waitFor('the change is kept', () =>
      api.station.journal.latestEvents(20).find(({ kind }) => kind === 'config_changed'),
    );
    const { changed } = kept.data as { changed: { key: string; is: string }[] };
    expect(Object.fromEntries(changed.map(({ key, is }) => [key, JSON.parse(is)]))).toEqual({
      workerDirs,
      opencodeServers: ['http://…@127.0.0.1:9'],
    });
    expect(JSON.stringify(kept)).not.toContain('ss:word');
  });

  it.each([
    [{ killGraceMs: -1 }, 'killGraceMs is -1; allowed is a whole number from 0 to 600000 (ms)'],
    [
      { IDLE_TASK_TIMEOUT_MINUTES: 'soon' },
      'IDLE_TASK_TIMEOUT_MINUTES is "soon"; allowed is a number from 1 to 525600 (min)',
    ],
    [{ orphanedRuns: 'kill' }, 'orphanedRuns is "kill"; allowed is show or end'],
    [
      { MIN_IDLE_TIMEOUT_MS: 200_000 },
      'allowed is MIN_IDLE_TIMEOUT_MS ≤ INITIAL_IDLE_TIMEOUT_MS ≤ MAX_IDLE_TIMEOUT_MS',
    ],
    [{ colour: 'red' }, '"colour" is not a setting; known are workerDirs,'],
  ])('%j: 400 in words, and nothing is changed', async (wrong, words) => {
    const api = await servedApi();
    const before = api.station.settings().settings;
    const answer = await put(api, { keepAwake: true, ...wrong });
    expect(answer).toMatchObject({ status: 400, json: refusal('invalid', words) });
    expect((answer.json as { error: { message: string } }).error.message).not.toContain('settings page');
    expect(api.station.settings().settings).toEqual(before);
    expect(existsSync(api.settingsFile)).toBe(false);
  });

  it('names everything that is wrong', async () => {
    const api = await servedApi();
    const { json } = await put(api, { killGraceMs: -1, keepAwake: 'no' });
    expect(json).toEqual(refusal('invalid', /^killGraceMs is -1; .*; keepAwake is "no"; allowed is true or false$/));
  });

  it.each([[[]], ['"text"'], ['null'], ['3']])('%j is no object of settings', async (body) => {
    const api = await servedApi();
    const words = 'the body is no object of settings; allowed is {"name": value, …}';
    expect(await put(api, body)).toMatchObject({ status: 400, json: refusal('invalid', words) });
  });

  it('may take its own port away: the answer comes all the same', async () => {
    const api = await servedApi();
    const answer = await put(api, { apiEnabled: false });
    expect(answer.status).toBe(200);
    expect(settingsView.parse(answer.json).settings.apiEnabled).toBe(false);
  });
});

describe('passwords in addresses', () => {
  const servers = ['http://me:hunter2@127.0.0.1:4096', 'http://127.0.0.1:4097'];
  const shown = ['http://…@127.0.0.1:4096', 'http://127.0.0.1:4097'];

  it('are never shown: not in the settings, not in their changes, not to a shell', async () => {
    const api = await servedApi();
    const stream = await api.follow('/api/desk/stream');
    await stream.next('open', ({ event }) => event === 'open');
    const answer = await put(api, { opencodeServers: servers, IDLEWATCH_UPSTREAM: 'https://k:hunter2@api.example/v1' });
    expect(settingsView.parse(answer.json).settings).toMatchObject({
      opencodeServers: shown,
      IDLEWATCH_UPSTREAM: 'https://…@api.example/v1',
    });
    await stream.next('settings', ({ event }) => event === 'settings');
    await waitFor('the change is kept', () =>
      api.station.journal.latestEvents(9).some(({ kind }) => kind === 'config_changed'),
    );
    const told = [
      await api.ask('/api/idle/config'),
      await api.ask('/api/desk/settings.get', { method: 'POST', body: [] }),
      await api.ask('/api/desk/settings.set', { method: 'POST', body: [{ keepAwake: true }] }),
      await put(api, { killGraceMs: 'http://me:hunter2@127.0.0.1' }),
    ].map(({ text }) => text);
    expect([...told, ...stream.messages.map(({ data }) => data)].join('\n')).not.toContain('hunter2');
    expect(JSON.stringify(api.station.journal.latestEvents(100))).not.toContain('hunter2');
    expect(api.station.settings().settings.opencodeServers).toEqual(servers);
  });

  it('are meant where an address comes back as it was shown', async () => {
    const api = await servedApi();
    await put(api, { opencodeServers: servers });
    expect((await put(api, { opencodeServers: [...shown, 'http://127.0.0.1:1'] })).status).toBe(200);
    expect(inFile(api).opencodeServers).toEqual([...servers, 'http://127.0.0.1:1']);
    const answer = await api.ask('/api/desk/settings.set', { method: 'POST', body: [{ opencodeServers: shown }] });
    expect(answer).toMatchObject({ status: 200, json: { ok: true, value: { ok: true } } });
    expect(inFile(api).opencodeServers).toEqual(servers);
    const stranger = await put(api, { opencodeServers: ['http://…@127.0.0.1:9'] });
    expect(stranger).toMatchObject({
      status: 400,
      json: refusal('invalid', 'of which no user and password are known'),
    });
    expect(inFile(api).opencodeServers).toEqual(servers);
  });
});
