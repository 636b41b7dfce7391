import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openApi } from '../../../src/server/api';
import { type Client, ClientError, createClient, type StreamMessage } from '../../../src/server/client';
import type { LoggedEvent } from '../../../src/shared/model';
import { collectGarbage } from '../support/collect-garbage';
import { realProcesses } from '../support/real-processes';
import { type ServedApi, servedApi } from '../support/served-api';
import { waitFor } from '../support/wait-for';

const clientOf = ({ door, token }: ServedApi) => createClient({ url: door.url, token: token.read });

/** A server that does as it is told, in place of an engine. */
async function standIn(answer: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const troubleOf = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ClientError);
  return error as ClientError;
};

async function nextOf<E extends StreamMessage['event']>(stream: AsyncGenerator<StreamMessage>, event: E) {
  for (;;) {
    const { value, done } = await stream.next();
    if (done) throw new Error('the stream ended');
    if (value.event === event) return value.data as Extract<StreamMessage, { event: E }>['data'];
  }
}

describe('asking a real engine', () => {
  test('for all workers, one, what is idle, and what it refuses', async () => {
    const api = await servedApi();
    const id = api.beat('coder');
    await api.worker(id);
    const client = clientOf(api);
    expect((await client.snapshot()).workers).toMatchObject([{ id, state: 'busy' }]);
    expect(await client.worker(id)).toMatchObject({ id, evidence: expect.any(Array) });
    expect(await client.worker('worker-directory:/nowhere')).toBeNull();
    expect(await client.idleItems()).toEqual({ sessions: [], tasks: [] });
    expect(await client.invoke('worker.snooze', [id, '1h'])).toEqual({ ok: true });
    await api.worker(id, ({ snoozed }) => snoozed);
    const wrong = await troubleOf(client.invoke('worker.snooze', [id, 'for ever' as never]));
    expect(wrong).toMatchObject({ trouble: 'refused', message: expect.stringContaining('worker.snooze') });
  });

  test('to end a worker: planned, then done, at the word of whoever asks', async () => {
    const processes = realProcesses();
    onTestFinished(() => processes.endAll());
    const api = await servedApi();
    api.beat('sleeper');
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: api.directoryOf('sleeper') });
    const id = api.beat('sleeper', { pid });
    await api.worker(id, (row) => row.pid === pid);
    const client = clientOf(api);
    const plan = await client.invoke('kill.plan', [id]);
    expect(plan.processes).toMatchObject([{ pid }]);
    const answer = await client.invoke('kill.execute', [plan.planId, { acceptShared: false }], { askedBy: 'tray' });
    expect(answer).toMatchObject({ ok: true, receipt: { ended: true, askedBy: 'tray' } });
    expect(processes.isAlive(pid)).toBe(false);
  });

  test('with another token than the one in force; with the new one once it was rotated', async () => {
    const api = await servedApi();
    const given = 'not-the-token';
    const wrong = await troubleOf(createClient({ url: api.door.url, token: given }).snapshot());
    expect(wrong.trouble).toBe('token');
    expect(wrong.message).toContain('does not take the token');
    expect(wrong.message).not.toContain(given);
    const client = clientOf(api);
    await client.snapshot();
    api.token.rotate();
    expect((await client.snapshot()).workers).toEqual([]);
  });
});

describe('the stream of a real engine', () => {
  test('first the picture, then what changes; lost when the engine ends', async () => {
    const api = await servedApi();
    const stream = clientOf(api).stream();
    expect(await nextOf(stream, 'open')).toMatchObject({ viewer: expect.any(String), snapshot: { workers: [] } });
    const id = api.beat('coder');
    await waitFor('the new worker', async () => (await nextOf(stream, 'delta')).changed.some((row) => row.id === id));
    const lost = troubleOf(nextOf(stream, 'tell'));
    await api.door.close();
    expect((await lost).trouble).toBe('lost');
  });

  test('what a viewer looks at is told; nobody knows one that is gone', async () => {
    const api = await servedApi();
    const id = api.beat('coder');
    await api.worker(id);
    const client = clientOf(api);
    const stream = client.stream();
    const { viewer } = await nextOf(stream, 'open');
    await client.focus(viewer, { visible: [id], selected: id });
    await waitFor('its detail', async () => (await nextOf(stream, 'delta')).detail?.id === id);
    expect((await troubleOf(client.focus('nobody', { visible: [], selected: null }))).trouble).toBe('unknown');
    await stream.return(undefined);
  });

  test('aborted: it ends at once, with the reason, however long it has been open', async () => {
    const api = await servedApi();
    const abort = new AbortController();
    const stream = clientOf(api).stream({ signal: abort.signal });
    await nextOf(stream, 'open');
    const ended = nextOf(stream, 'tell').catch((reason: unknown) => reason);
    await collectGarbage();
    const reason = new Error('seen enough');
    abort.abort(reason);
    expect(await ended).toBe(reason);
  });
});

test('a connection on which nothing was asked keeps no engine from ending', async () => {
  const api = await servedApi();
  const socket = connect(api.door.port, '127.0.0.1');
  await once(socket, 'connect');
  // Connections are taken one after the other: it was there before this one.
  await clientOf(api).snapshot();
  const gone = once(socket, 'close');
  await api.door.close();
  await gone;
});

describe('events', () => {
  async function take(events: AsyncGenerator<LoggedEvent>, count: number): Promise<LoggedEvent[]> {
    const taken: LoggedEvent[] = [];
    while (taken.length < count) taken.push((await events.next()).value as LoggedEvent);
    return taken;
  }
  const note = ({ station }: ServedApi, text: string) => station.engine.monitor.noteEvent('notice', null, text);
  const textsOf = (events: LoggedEvent[]) => events.map(({ text }) => text);

  test('each once, over a server that is closed and opened elsewhere', async () => {
    const api = await servedApi();
    note(api, 'before');
    await waitFor('it is kept', () => api.station.journal.lastEventId() === 1);
    let { door } = api;
    const lost: ClientError[] = [];
    const client = createClient({ url: () => door.url, token: api.token.read });
    const events = client.events({ after: 0, onLost: (error) => lost.push(error) });
    expect(textsOf(await take(events, 1))).toEqual(['before']);
    const next = take(events, 2);
    await door.close();
    note(api, 'while it was closed');
    const log = { warn: () => undefined };
    door = await openApi({ station: api.station, token: api.token, log, version: '1.2.3', pageFolder: null }, 0);
    onTestFinished(() => door.close());
    note(api, 'afterwards');
    expect(textsOf(await next)).toEqual(['while it was closed', 'afterwards']);
    expect(lost.length).toBeGreaterThan(0);
    await events.return(undefined);
  });

  test('of the kinds that are asked for', async () => {
    const api = await servedApi();
    const events = clientOf(api).events({ after: 0, kinds: ['breaker_closed', 'config_changed'] });
    note(api, 'no');
    api.station.engine.monitor.noteEvent('config_changed', null, 'yes');
    expect(textsOf(await take(events, 1))).toEqual(['yes']);
    await events.return(undefined);
    const wrong = clientOf(api).events({ kinds: ['nonsense'] });
    expect((await troubleOf(wrong.next())).trouble).toBe('refused');
  });

  test('another try is no use with a wrong token', async () => {
    const api = await servedApi();
    const events = createClient({ url: api.door.url, token: 'wrong' }).events();
    expect((await troubleOf(events.next())).trouble).toBe('token');
  });

  test('a stream goes on behind the last event that came', async () => {
    const asked: (string | undefined)[] = [];
    const { url } = await standIn((request, answer) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      const id = asked.length;
      answer.end(`id: ${id}\nevent: notice\ndata: ${JSON.stringify({ id, kind: 'notice', text: 'x' })}\n\n`);
    });
    const events = createClient({ url, token: 'x' }).events();
    expect((await take(events, 3)).map(({ id }) => id)).toEqual([1, 2, 3]);
    await events.return(undefined);
    expect(asked.slice(0, 3)).toEqual([undefined, '1', '2']);
  });
});

describe('where no engine answers', () => {
  test('nobody listens', async () => {
    const { url, server } = await standIn(() => undefined);
    await new Promise((done) => server.close(done));
    const wrong = await troubleOf(createClient({ url, token: 'x' }).snapshot());
    expect(wrong).toMatchObject({ trouble: 'unreachable', mayPass: true });
    expect(wrong.message).toMatch(`${url} cannot be reached: connect ECONNREFUSED`);
  });

  test('there is no address, or no token', async () => {
    const none = () => {
      throw new Error('the token cannot be read: no such file');
    };
    const wrong = await troubleOf(createClient({ url: 'http://127.0.0.1:9', token: none }).snapshot());
    expect(wrong).toMatchObject({ trouble: 'token', message: 'the token cannot be read: no such file' });
  });

  test.each([
    ['a page', 200, 'text/html', '<p>hello', 'foreign'],
    ['nothing of the kind', 404, 'text/plain', 'no', 'foreign'],
    ['as another version', 404, 'application/json', '{"error":{"code":"not_found","message":"nothing"}}', 'foreign'],
    ['that it is full', 503, 'application/json', '{"error":{"code":"full","message":"full"}}', 'refused'],
  ])('it answers with %s', async (_what, status, type, body, trouble) => {
    const { url } = await standIn((_request, answer) => answer.writeHead(status, { 'content-type': type }).end(body));
    const client = createClient({ url, token: 'x' });
    expect((await troubleOf(client.stream().next())).trouble).toBe(trouble);
    expect((await troubleOf(client.snapshot())).trouble).toBe(trouble);
  });

  test('it never answers: a timeout, and whoever will not wait is let go', async () => {
    const { url } = await standIn(() => undefined);
    const client: Client = createClient({ url, token: 'x' });
    const abort = new AbortController();
    const left = client.snapshot({ signal: abort.signal }).catch((reason: unknown) => reason);
    abort.abort(new Error('enough'));
    expect(await left).toMatchObject({ message: 'enough' });
    const late = await troubleOf(client.snapshot());
    expect(late).toMatchObject({ trouble: 'timeout', message: `${url} gives no answer within 10 s` });
  });

  test('it sends another place to ask: the token does not go there', async () => {
    let asked = 0;
    const other = await standIn((_request, answer) => {
      asked += 1;
      answer.end();
    });
    const { url } = await standIn((_request, answer) => answer.writeHead(307, { location: other.url }).end());
    expect((await troubleOf(createClient({ url, token: 'x' }).snapshot())).trouble).toBe('unreachable');
    expect(asked).toBe(0);
  });

  test('whoever leaves a stream closes it', async () => {
    let isClosed = false;
    const { url } = await standIn((request, answer) => {
      request.on('close', () => {
        isClosed = true;
      });
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write('event: delta\ndata: {}\n\n');
    });
    for await (const { event } of createClient({ url, token: 'x' }).stream()) {
      expect(event).toBe('delta');
      break;
    }
    await waitFor('it is closed', () => isClosed);
  });
});
