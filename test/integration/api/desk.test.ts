import { describe, expect, it } from 'vitest';
import { settingsView } from '../../../src/server/api/schemas/acting';
import { loggedEvent, snapshot } from '../../../src/server/api/schemas/snapshot';
import { workerDetail } from '../../../src/server/api/schemas/worker';
import { commands, SHELL_COMMANDS, type StreamEvents, VIEW_COMMANDS } from '../../../src/shared/ipc';
import type { Delta } from '../../../src/shared/model';
import { applyDelta } from '../../../src/shared/snapshot';
import { type Followed, refusal, type ServedApi, servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const invoke = ({ ask }: ServedApi, name: string, args: unknown, askedBy?: string) =>
  ask(`/api/desk/${name}`, { method: 'POST', body: args, headers: askedBy ? { 'x-idlewatch-asked-by': askedBy } : {} });

async function opened(stream: Followed): Promise<StreamEvents['open']> {
  const first = await stream.next('open', ({ event }) => event === 'open');
  return JSON.parse(first.data);
}

const deltasOf = ({ messages }: Followed): Delta[] =>
  messages.filter(({ event }) => event === 'delta').map(({ data }) => JSON.parse(data));

describe('GET /api/desk/stream', () => {
  it('begins with the whole picture, and its deltas make every picture after it', async () => {
    const api = await servedApi();
    const stream = await api.follow('/api/desk/stream');
    const open = await opened(stream);
    expect(stream.messages[0]?.event).toBe('open');
    expect(snapshot.parse(open.snapshot).workers).toEqual([]);
    expect(settingsView.parse(open.settings).file).toBe(api.settingsFile);
    const ids = ['one', 'two'].map((name) => api.beat(name));
    const seen = () =>
      deltasOf(stream).reduce((picture, delta) => {
        const next = applyDelta(picture, delta);
        if (!next) throw new Error('a delta does not follow the one before');
        return next;
      }, open.snapshot);
    await waitFor('both are seen', () => ids.every((id) => seen().workers.some((row) => row.id === id)));
    expect(snapshot.parse(seen()).counts.busy).toBe(2);
  });

  it('tells settings, events and what the policy has to say', async () => {
    const api = await servedApi();
    const stream = await api.follow('/api/desk/stream');
    await opened(stream);
    await invoke(api, 'settings.set', [{ keepAwake: true }]);
    const told = await stream.next('settings', ({ event }) => event === 'settings');
    expect(settingsView.parse(JSON.parse(told.data)).settings.keepAwake).toBe(true);
    const event = await stream.next('event', ({ event }) => event === 'event');
    expect(loggedEvent.parse(JSON.parse(event.data))).toMatchObject({ kind: 'config_changed' });
  });

  it('has a focus of its own: what one viewer selects, no other is shown', async () => {
    const api = await servedApi();
    const id = api.beat('coder', { phase: 'reading' });
    await api.worker(id);
    const [one, two] = [await api.follow('/api/desk/stream'), await api.follow('/api/desk/stream')];
    const { viewer } = await opened(one);
    expect(viewer).not.toBe((await opened(two)).viewer);
    const body = { viewer, focus: { visible: [id], selected: id } };
    expect(await api.ask('/api/desk/focus', { method: 'POST', body })).toMatchObject({
      status: 200,
      json: { ok: true },
    });
    const detail = await waitFor('it is shown', () => deltasOf(one).findLast((delta) => delta.detail)?.detail);
    expect(workerDetail.parse(detail)).toMatchObject({ id, name: 'coder' });
    await waitFor('the other one hears something', () => deltasOf(two).length > 0);
    expect(deltasOf(two).some((delta) => delta.detail)).toBe(false);
  });

  it('a viewer that has gone is unknown', async () => {
    const api = await servedApi();
    const stream = await api.follow('/api/desk/stream');
    const { viewer } = await opened(stream);
    const tell = (over = {}) =>
      api.ask('/api/desk/focus', { method: 'POST', body: { viewer, focus: { visible: [], selected: null }, ...over } });
    expect((await tell()).status).toBe(200);
    expect(await tell({ focus: { visible: 'all', selected: null } })).toMatchObject({
      status: 400,
      json: refusal('invalid', 'body.focus.visible is "all"; allowed is'),
    });
    stream.close();
    await waitFor('it is gone', async () => (await tell()).status === 404);
    expect((await tell()).json).toEqual(refusal('unknown', `there is no stream of the viewer ${viewer} now`));
  });
});

describe('POST /api/desk/{command}', () => {
  it('answers as the window’s own process does', async () => {
    const api = await servedApi();
    const id = api.beat('coder');
    await api.worker(id);
    expect((await invoke(api, 'worker.snooze', [id, '1h'])).json).toEqual({ ok: true, value: { ok: true } });
    expect((await invoke(api, 'worker.logPath', [id])).json).toEqual({ ok: true, value: null });
    expect((await invoke(api, 'watch.pause', [true])).json).toEqual({ ok: true, value: null });
    expect(api.station.snapshot().paused).toBe(true);
    expect((await invoke(api, 'history.strips', [[id]])).json).toMatchObject({
      ok: true,
      value: { [id]: expect.any(String) },
    });
    expect((await invoke(api, 'kill.plan', ['x:y'])).json).toMatchObject({
      ok: true,
      value: { refused: expect.any(String) },
    });
    expect((await invoke(api, 'settings.set', [{ killGraceMs: -1 }])).json).toMatchObject({
      ok: true,
      value: { ok: false, errors: [{ key: 'killGraceMs' }] },
    });
  });

  it('knows every command but those of a desktop and of a viewer', async () => {
    const api = await servedApi();
    const others: readonly string[] = [...SHELL_COMMANDS, ...VIEW_COMMANDS];
    for (const name of Object.keys(commands)) {
      // Too many arguments for any of them: nothing is done.
      const { status } = await invoke(api, name, [1, 2, 3, 4]);
      expect({ name, status }).toEqual({ name, status: others.includes(name) ? 404 : 400 });
    }
    expect(await invoke(api, 'constructor', [])).toMatchObject({
      status: 404,
      json: refusal('not_found', 'there is no command "constructor"; known are watch.pause,'),
    });
  });

  it('checks the arguments, and says in words what is wrong', async () => {
    const api = await servedApi();
    expect(await invoke(api, 'worker.snooze', ['x', '2h'])).toMatchObject({
      status: 400,
      json: refusal('invalid', 'argument 2 of worker.snooze is "2h"; allowed is off, 15min, 1h or until_change'),
    });
    expect(await invoke(api, 'worker.snooze', ['x'])).toMatchObject({
      status: 400,
      json: refusal('invalid', 'worker.snooze takes 2 arguments; given are 1'),
    });
    expect(await invoke(api, 'kill.execute', ['x', { acceptShared: true, force: true }])).toMatchObject({
      status: 400,
      json: refusal('invalid', 'argument 2 of kill.execute has "force"; known are acceptShared'),
    });
    expect(await invoke(api, 'watch.pause', { 0: true })).toMatchObject({
      status: 400,
      json: refusal('invalid', 'body is {'),
    });
  });

  it('who asks is written down: one of our shells, else the API', async () => {
    const api = await servedApi();
    await invoke(api, 'settings.set', [{ killGraceMs: 1 }], 'window');
    await invoke(api, 'settings.set', [{ killGraceMs: 2 }]);
    const askers = await waitFor('both changes are kept', () => {
      const changes = api.station.journal.latestEvents(20).filter(({ kind }) => kind === 'config_changed');
      return changes.length === 2 && changes.map(({ data }) => (data as { askedBy: string }).askedBy);
    });
    expect(askers).toEqual(['window', 'api']);
    const policy = await invoke(api, 'settings.set', [{ killGraceMs: 3 }], 'policy');
    expect(policy).toMatchObject({
      status: 400,
      json: refusal('invalid', 'headers.x-idlewatch-asked-by is "policy"; allowed is window, tray or cli'),
    });
  });
});
