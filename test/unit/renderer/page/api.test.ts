import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventSourceMessage } from 'eventsource-parser';
import { afterEach, describe, expect, it } from 'vitest';
import { createPageApi, SignedOut } from '../../../../src/renderer/page/api';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real server that answers as told, and the page's end of it. */
async function served(answer: Answer, key: string | null = 'the-key') {
  const server = createServer(answer);
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { api: createPageApi({ origin, key, fetch }), server };
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

describe('the API as the page asks it', () => {
  it('gives a command with its arguments, the session’s key and who asks, and returns the value', async () => {
    const { api } = await served(async (request, response) => {
      const { url, method, headers } = request;
      const args = await bodyOf(request);
      json(response, 200, {
        ok: true,
        value: { url, method, key: headers['x-idlewatch-page'], by: headers['x-idlewatch-asked-by'], args },
      });
    });
    expect(await api.invoke('kill.execute', ['plan', { acceptShared: false }])).toEqual({
      url: '/api/desk/kill.execute',
      method: 'POST',
      key: 'the-key',
      by: 'window',
      args: ['plan', { acceptShared: false }],
    });
  });

  it('rejects with the words of a refusal, be it the engine’s or the server’s', async () => {
    const { api: refused } = await served((_, response) => json(response, 200, { ok: false, message: 'not so' }));
    await expect(refused.invoke('reap.plan', [])).rejects.toThrow('not so');
    const { api: limited } = await served((_, response) =>
      json(response, 429, { error: { code: 'too_many_requests', message: 'ask again in 9 s' } }),
    );
    await expect(limited.invoke('reap.plan', [])).rejects.toThrow('ask again in 9 s');
    const { api: odd } = await served((_, response) => response.writeHead(502).end('<html>'));
    await expect(odd.invoke('reap.plan', [])).rejects.toThrow('idlewatch answers with HTTP 502');
  });

  it('tells a session that has ended from everything else', async () => {
    const { api } = await served((_, response) => json(response, 401, { error: { message: 'no token was given' } }));
    await expect(api.invoke('reap.plan', [])).rejects.toBeInstanceOf(SignedOut);
    await expect(api.follow(() => {}, new AbortController().signal)).rejects.toBeInstanceOf(SignedOut);
  });

  it('says so where nobody answers, or the answer breaks off', async () => {
    const { api, server } = await served((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"ok":', () => setImmediate(() => response.destroy()));
    });
    await expect(api.invoke('reap.plan', [])).rejects.toThrow('the answer of idlewatch broke off');
    server.close();
    await once(server, 'close');
    await expect(api.invoke('reap.plan', [])).rejects.toThrow('no answer came from idlewatch');
  });

  it('follows a stream until it ends, breaks off or is left', async () => {
    const told: EventSourceMessage[] = [];
    const endings: ((response: ServerResponse) => void)[] = [(it) => it.end(), (it) => it.destroy()];
    const { api } = await served((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(':\n\nevent: delta\nda');
      response.write('ta: {"α":1}\n\n', () => endings.shift()?.(response));
    });
    const follow = (signal = new AbortController().signal) => api.follow((event) => told.push(event), signal);
    await expect(follow()).rejects.toThrow('idlewatch has closed the connection');
    expect(told).toMatchObject([{ event: 'delta', data: '{"α":1}' }]);
    await expect(follow()).rejects.toThrow('the connection to idlewatch broke off');
    const leaving = new AbortController();
    const left = api.follow(() => leaving.abort(), leaving.signal);
    await expect(left).rejects.toThrow(/abort/i);
  });

  it('signs in with the token, and shows no key before', async () => {
    const { api } = await served(async (request, response) => {
      expect(request.headers).not.toHaveProperty('x-idlewatch-page');
      json(response, 200, { key: `of ${JSON.stringify(await bodyOf(request))} at ${request.url}` });
    }, null);
    expect(await api.signIn('secret')).toBe('of {"token":"secret"} at /api/sign-in');
  });
});
