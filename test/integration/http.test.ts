import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttp } from '../../src/host/http';
import { waitFor } from './support/wait-for';

const http = createHttp();
const asking = { method: 'GET', timeoutMs: 5_000, maxBytes: 100 } as const;

/** A server on loopback; it ends with the test. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nobody listens any more. */
async function closed(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** Follow, and note what comes. */
function follow(url: string) {
  const noted = { events: [] as string[], ends: [] as string[] };
  const following = http.follow(url, {
    event: (data) => noted.events.push(data),
    end: (reason) => noted.ends.push(reason),
  });
  onTestFinished(() => following.close());
  return { ...noted, following };
}

describe('asking', () => {
  it('sends JSON, and user and password as a header', async () => {
    const url = await serve((request, response) => {
      request.on('data', (body) => response.end(`${request.method} ${request.headers.authorization} ${body}`));
    });
    const secret = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    const answer = await http.ask({
      ...asking,
      method: 'POST',
      url: url.replace('//', '//me:p%40ss@'),
      body: { a: 1 },
    });
    expect(answer).toEqual({ ok: true, status: 200, body: `POST ${secret} {"a":1}` });
  });

  it('goes nowhere else, however it is sent there', async () => {
    let isReached = false;
    const elsewhere = await serve((_, response) => {
      isReached = true;
      response.end('no');
    });
    const url = await serve((_, response) => response.writeHead(302, { location: elsewhere }).end());
    expect(await http.ask({ ...asking, url })).toMatchObject({ ok: false });
    expect(isReached).toBe(false);
  });

  it('takes no answer without end, and waits for none', async () => {
    const long = await serve((_, response) => response.end('x'.repeat(101)));
    expect(await http.ask({ ...asking, url: long })).toEqual({
      ok: false,
      reason: 'the answer is longer than 100 bytes',
    });
    const silent = await serve(() => undefined);
    expect(await http.ask({ ...asking, url: silent, timeoutMs: 200 })).toEqual({
      ok: false,
      reason: 'no answer within 0.2 s',
    });
  });

  it('says what went wrong', async () => {
    expect(await http.ask({ ...asking, url: await closed() })).toMatchObject({
      reason: expect.stringMatching(/ECONNREFUSED/),
    });
  });
});

describe('following', () => {
  const head = { 'content-type': 'text/event-stream' };

  it('tells each event, however it is cut, and the end once', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, head);
      response.write('data: on');
      setImmediate(() => {
        response.write('e\n\n: a comment\n\ndata: tw');
        setImmediate(() => response.end('o\ndata: lines\n\n'));
      });
    });
    const { events, ends } = follow(url);
    await waitFor('its end', () => ends.length > 0);
    expect({ events, ends }).toEqual({ events: ['one', 'two\nlines'], ends: ['it closed the stream'] });
  });

  it('leaves out an event that is too long, and goes on', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, head);
      response.write('data: before\n\n');
      response.write(`data: ${'x'.repeat(3 * 1024 * 1024)}\n\n`);
      response.end('data: after\n\n');
    });
    const { events, ends } = follow(url);
    await waitFor('its end', () => ends.length > 0);
    expect({ events, ends }).toEqual({ events: ['before', 'after'], ends: ['it closed the stream'] });
  });

  it('ends where there are no events, and at another address', async () => {
    const page = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('hello'));
    const refused = await serve((_, response) => response.writeHead(401).end());
    const moved = await serve((_, response) => response.writeHead(302, { location: page }).end());
    const [a, b, c, d] = [follow(page), follow(refused), follow(moved), follow(await closed())];
    await waitFor('their ends', () => [a, b, c, d].every(({ ends }) => ends.length === 1));
    expect(a.ends).toEqual(['it answers with text/html, not with events']);
    expect(b.ends).toEqual(['it answers with HTTP 401']);
    expect(d.ends[0]).toMatch(/ECONNREFUSED/);
  });

  it('tells nothing more once it was closed', async () => {
    let isOpen = false;
    const url = await serve((request, response) => {
      isOpen = true;
      request.on('close', () => {
        isOpen = false;
      });
      response.writeHead(200, head).write('data: one\n\n');
    });
    const { events, ends, following } = follow(url);
    await waitFor('an event', () => events.length > 0);
    following.close();
    await waitFor('the server to notice', () => !isOpen);
    expect(ends).toEqual([]);
  });
});
