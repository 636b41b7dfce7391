import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { tokenPath } from '../../../src/host/token';
import { createSessions, PAGE_KEY_HEADER } from '../../../src/server/api/sessions';
import { refusal, type ServedApi, servedApi } from '../support/served-api';

const OPEN = ['/healthz', '/api/sign-in', '/api/sign-out'];

/** Every address the document names, with its methods. */
async function addresses({ ask }: ServedApi): Promise<{ method: string; path: string }[]> {
  const { paths } = (await ask('/api/openapi.json')).json as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, 'x') })),
  );
}

/** As a browser in which the page is signed in asks. */
function signedIn({ token }: ServedApi): Record<string, string | undefined> {
  const { cookie, key } = createSessions(token.read, Date.now).issue();
  return { authorization: undefined, cookie: `${cookie.name}=${cookie.value}`, [PAGE_KEY_HEADER]: key };
}

describe('who may ask', () => {
  it('nobody without the token, whatever they ask for', async () => {
    const api = await servedApi();
    const guarded = (await addresses(api)).filter(({ path }) => !OPEN.includes(path));
    expect(guarded.length).toBeGreaterThan(15);
    for (const { method, path } of guarded) {
      const answer = await api.ask(path, { method, headers: { authorization: undefined } });
      expect({ path, status: answer.status }).toEqual({ path, status: 401 });
      expect(answer.json).toEqual(refusal('not_signed_in', 'no token was given; allowed is “Authorization: Bearer'));
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="idlewatch"');
    }
  });

  it('nobody with a wrong token, or one that is given otherwise', async () => {
    const { ask, token } = await servedApi();
    const right = token.read();
    const wrong = ['Bearer', 'Bearer ', `Bearer ${right}x`, `Bearer ${right.slice(1)}`, `Basic ${right}`, right];
    for (const authorization of wrong) {
      const answer = await ask('/api/snapshot', { headers: { authorization } });
      expect({ authorization, status: answer.status }).toEqual({ authorization, status: 401 });
      expect(answer.json).toEqual(refusal('not_signed_in', 'the token is wrong'));
      expect(answer.text).not.toContain(right);
    }
    expect((await ask(`/api/snapshot?token=${right}`, { headers: { authorization: undefined } })).status).toBe(401);
    expect((await ask('/api/snapshot', { headers: { authorization: `bearer ${right}` } })).status).toBe(200);
  });

  it('everybody asks whether it runs, and learns no more', async () => {
    const { ask } = await servedApi();
    const answer = await ask('/healthz', { headers: { authorization: undefined } });
    expect(answer).toMatchObject({ status: 200, json: { status: 'ok', version: '1.2.3' } });
  });

  it('a name that is not ours is refused with the right token too: DNS rebinding', async () => {
    const { ask, door } = await servedApi();
    for (const host of [
      'evil.example',
      `evil.example:${door.port}`,
      '127.0.0.1.evil.example',
      `localhost.:${door.port}`,
    ]) {
      for (const path of ['/api/snapshot', '/healthz', '/nothing']) {
        const answer = await ask(path, { headers: { host } });
        expect(answer).toMatchObject({ status: 403, json: refusal('wrong_host', `the Host is ${host}; allowed are`) });
      }
    }
    for (const host of [`127.0.0.1:${door.port}`, `localhost:${door.port}`, `[::1]:${door.port}`, 'localhost:8080']) {
      expect({ host, status: (await ask('/api/snapshot', { headers: { host } })).status }).toEqual({
        host,
        status: 200,
      });
    }
  });

  it('a page of another origin is refused, also one of another port of this machine', async () => {
    const { ask, door } = await servedApi();
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1', `https://127.0.0.1:${door.port}`]) {
      const answer = await ask('/api/ping', { method: 'POST', headers: { origin } });
      expect(answer).toMatchObject({
        status: 403,
        json: refusal('wrong_origin', `the Origin is ${origin}; allowed is`),
      });
    }
    const own = await ask('/api/ping', { method: 'POST', headers: { origin: door.url } });
    expect(own.status).toBe(200);
    expect(Object.keys(own.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const preflight = await ask('/api/ping', { method: 'OPTIONS', headers: { origin: door.url } });
    expect(preflight.status).toBe(404);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('our own page, signed in; what changes something must say that it comes from there', async () => {
    const api = await servedApi();
    const headers = signedIn(api);
    expect((await api.ask('/api/snapshot', { headers })).status).toBe(200);
    const unsaid = await api.ask('/api/ping', { method: 'POST', headers });
    expect(unsaid).toMatchObject({
      status: 403,
      json: refusal('wrong_origin', 'the Origin is missing; allowed is http'),
    });
    const said = await api.ask('/api/ping', { method: 'POST', headers: { ...headers, origin: api.door.url } });
    expect(said.status).toBe(200);
    const keyless = { ...headers, [PAGE_KEY_HEADER]: undefined };
    expect((await api.ask('/api/snapshot', { headers: keyless })).status).toBe(401);
  });

  it('a token that was rotated counts no more: requests, sessions and open streams', async () => {
    const api = await servedApi();
    const old = { authorization: `Bearer ${api.token.read()}` };
    const page = signedIn(api);
    const streams = [await api.follow('/api/events'), await api.follow('/api/desk/stream')];
    api.token.rotate();
    expect((await api.ask('/api/snapshot', { headers: old })).status).toBe(401);
    expect((await api.ask('/api/snapshot', { headers: page })).status).toBe(401);
    expect((await api.ask('/api/snapshot')).status).toBe(200);
    for (const stream of streams) await stream.ended();
  });

  it('nobody while the token cannot be read, and everybody is told why', async () => {
    const api = await servedApi();
    const right = { authorization: `Bearer ${api.token.read()}` };
    writeFileSync(tokenPath(api.stateFolder), 'not a token');
    const words = 'The token of the API cannot be read: token holds no token; idlewatch token --rotate makes a new one';
    for (const headers of [right, { authorization: undefined, cookie: 'x=y' }]) {
      const answer = await api.ask('/api/snapshot', { headers });
      expect(answer).toMatchObject({ status: 503, json: refusal('unavailable', words) });
    }
    api.token.rotate();
    expect((await api.ask('/api/snapshot')).status).toBe(200);
  });

  it('guessing is slowed down, and keeps nobody out who knows the token', async () => {
    const { ask } = await servedApi();
    const guess = () => ask('/api/snapshot', { headers: { authorization: 'Bearer guess' } });
    const statuses = [];
    for (let count = 0; count < 61; count += 1) statuses.push((await guess()).status);
    expect(statuses.slice(0, 60)).toEqual(Array(60).fill(401));
    const over = await guess();
    const words = /^more than 60 requests a minute of those without the right token came; ask again in \d+ s$/;
    expect(over).toMatchObject({ status: 429, json: refusal('too_many_requests', words) });
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('/api/snapshot')).status).toBe(200);
  });

  it('who asks without end is told to wait; our page, which counts for itself, is not', async () => {
    const api = await servedApi();
    const headers = { authorization: `Bearer ${api.token.read()}` };
    const askAgain = async () => {
      const answer = await fetch(`${api.door.url}/api/idle/tasks`, { headers });
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), json: await answer.json() };
    };
    // However long a busy machine takes for them, they come within one minute.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let asked = 0;
    let refused: Awaited<ReturnType<typeof askAgain>> | undefined;
    for (; !refused && asked < 6_100; asked += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, askAgain));
      refused = answers.find(({ status }) => status !== 200);
    }
    expect(asked).toBeGreaterThan(5_900);
    expect(refused).toMatchObject({
      status: 429,
      json: refusal('too_many_requests', 'more than 6000 requests a minute'),
    });
    expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
    expect((await api.ask('/api/idle/tasks', { headers: signedIn(api) })).status).toBe(200);
  }, 300_000);
});

describe('what is refused before anything is done', () => {
  it('fields and parameters that nobody knows, with those that are known', async () => {
    const { ask } = await servedApi();
    const post = (path: string, body: unknown) => ask(path, { method: 'POST', body });
    expect(await ask('/api/snapshot?full=1')).toMatchObject({
      status: 400,
      json: refusal('invalid', 'query has "full"; nothing is allowed there'),
    });
    expect(await ask('/api/history?range=1h&span=2')).toMatchObject({
      status: 400,
      json: refusal('invalid', 'query has "span"; known are range'),
    });
    expect(await post('/api/ping', { counts: 2 })).toMatchObject({
      status: 400,
      json: refusal('invalid', 'body has "counts"; known are count'),
    });
    expect(await post('/api/workers/x/kill', { acceptShared: 'yes' })).toMatchObject({
      status: 400,
      json: refusal('invalid', 'body.acceptShared is "yes"; allowed is true or false'),
    });
    expect(await post('/api/workers/x/snooze', undefined)).toMatchObject({
      status: 400,
      json: refusal('invalid', 'body is missing'),
    });
    expect(await post('/api/workers/x/kill?dryRun=yes', {})).toMatchObject({
      status: 400,
      json: refusal('invalid', 'query.dryRun is "yes"; allowed is 0 or 1'),
    });
    expect(await ask('/api/history?range=1y')).toMatchObject({
      status: 400,
      json: refusal('invalid', 'query.range is "1y"; allowed is 5min, 1h, 24h or 7d'),
    });
  });

  it('bodies that are too large, no JSON, or of another type', async () => {
    const { ask } = await servedApi();
    const post = (body: string, type?: string) =>
      ask('/api/ping', { method: 'POST', body, headers: type ? { 'content-type': type } : {} });
    expect(await post(`{"count": ${'1'.repeat(65_536)}}`)).toMatchObject({
      status: 413,
      json: refusal('too_large', 'the body is too large; allowed are 65536 bytes'),
    });
    expect(await post('{"count": 1')).toMatchObject({ status: 400, json: refusal('invalid', 'the body is not JSON') });
    expect(await post('{"__proto__": {"count": 1}}')).toMatchObject({
      status: 400,
      json: refusal('invalid', /JSON|prototype/),
    });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect(await post('count=1', type)).toMatchObject({
        status: 415,
        json: refusal('wrong_type', `content-type is ${type}; allowed is application/json`),
      });
    }
  });

  it('addresses at which nothing is, and such as cannot be read', async () => {
    const { ask } = await servedApi();
    expect(await ask('/api/nothing?secret=1')).toMatchObject({
      status: 404,
      json: {
        error: { code: 'not_found', message: expect.stringMatching(/^nothing answers GET \/api\/nothing; GET/) },
      },
    });
    expect(await ask('/api/ping')).toMatchObject({
      status: 404,
      json: refusal('not_found', 'nothing answers GET /api/ping'),
    });
    expect(await ask('/api/workers/%zz')).toMatchObject({
      status: 400,
      json: refusal('invalid', 'the address cannot be read'),
    });
    expect(await ask(`/api/workers/${'x'.repeat(9_000)}`)).toMatchObject({ status: 400 });
    expect(await ask(`/${'x'.repeat(20_000)}`)).toMatchObject({ status: 431 });
  });

  it('what is no HTTP at all', async () => {
    const { door, ask } = await servedApi();
    const socket = connect(door.port, '127.0.0.1');
    const received = await new Promise<string>((done) => {
      let text = '';
      socket.on('data', (piece) => {
        text += piece;
      });
      socket.on('close', () => done(text));
      socket.write('\x16\x03\x01 not http\r\n\r\n');
    });
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask('/healthz')).status).toBe(200);
  });
});
