import { createHash, randomBytes } from 'node:crypto';
import { Agent, request as sendRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ask, bodyOf, errorOf, json, openTestGateway, serve, startUpstream } from './support';

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Names and values of the headers with this prefix, as they came. */
function named(rawHeaders: string[], prefix: string): [string, string][] {
  const pairs = rawHeaders.flatMap((name, at) =>
    at % 2 ? [] : [[name, rawHeaders[at + 1] ?? ''] as [string, string]],
  );
  return pairs.filter(([name]) => name.toLowerCase().startsWith(prefix));
}

describe('what goes through the gateway', () => {
  it('comes out byte for byte, in both directions, whatever the body is said to be', async () => {
    const answer = randomBytes(3_000_000);
    const upstream = await startUpstream((_asked, response) => response.end(answer));
    const gateway = await openTestGateway(upstream.url);
    const sent = randomBytes(2_500_000);
    for (const headers of [
      { 'content-type': 'application/octet-stream', 'content-length': sent.length },
      { 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' },
      { 'content-type': 'no media type', 'content-length': sent.length },
      { 'content-length': sent.length },
    ]) {
      const told = await ask(`${gateway.url}/v1/files`, { method: 'POST', headers, body: sent });
      expect([told.status, hash(told.body)], told.body.toString('latin1', 0, 200)).toEqual([200, hash(answer)]);
    }
    expect(upstream.asked.map(({ body }) => hash(body))).toEqual(Array(4).fill(hash(sent)));
    expect(upstream.asked.map(({ headers }) => headers['content-type'])).toEqual([
      'application/octet-stream',
      'multipart/form-data; boundary=x',
      'no media type',
      undefined,
    ]);
  });

  it('keeps a packed body packed, with its status, words and headers', async () => {
    const packed = gzipSync(JSON.stringify({ said: 'Hello '.repeat(1_000) }));
    const upstream = await startUpstream((_asked, response) => {
      response.writeHead(418, 'Short And Stout', [
        ...['Content-Type', 'application/json', 'Content-Encoding', 'gzip', 'X-Twice', 'one', 'X-TWICE', 'two'],
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Latin', 'caf\u00e9', 'Keep-Alive', 'timeout=1'],
        ...['Connection', 'X-Hop', 'X-Hop', 'of one hop', 'X-IdleWatch-Cache', 'not ours'],
      ]);
      response.end(packed);
    });
    const gateway = await openTestGateway(upstream.url);
    const told = await ask(`${gateway.url}/v1/models`, { headers: { 'accept-encoding': 'gzip' } });
    expect([told.status, told.statusText]).toEqual([418, 'Short And Stout']);
    expect(told.body.equals(packed)).toBe(true);
    expect(named(told.rawHeaders, 'x-')).toEqual([
      ['X-Twice', 'one'],
      ['X-TWICE', 'two'],
      ['X-Latin', 'caf\u00e9'],
      ['x-idlewatch-cache', 'bypass'],
    ]);
    expect(told.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(told.headers['content-encoding']).toBe('gzip');
    expect(told.headers['keep-alive']).not.toBe('timeout=1');
  });

  it('asks with the headers of the caller, less those of one hop and those for idlewatch', async () => {
    const upstream = await startUpstream((_asked, response) => response.end());
    const gateway = await openTestGateway(upstream.url);
    await ask(`${gateway.url}/v1/models`, {
      headers: {
        ...{ authorization: 'Bearer sk-secret', 'OpenAI-Organization': 'org', 'X-Many': ['one', 'two'] },
        ...{ connection: 'x-hop, keep-alive', 'x-hop': 'of one hop', te: 'trailers', 'proxy-authorization': 'Basic x' },
        ...{ 'x-idlewatch-worker': 'somebody' },
      },
    });
    const { rawHeaders, headers } = upstream.asked[0] ?? { rawHeaders: [], headers: {} };
    expect(headers.host).toBe(`127.0.0.1:${upstream.port}`);
    expect(headers.authorization).toBe('Bearer sk-secret');
    expect(named(rawHeaders, 'openai-')).toEqual([['OpenAI-Organization', 'org']]);
    expect(named(rawHeaders, 'x-')).toEqual([
      ['X-Many', 'one'],
      ['X-Many', 'two'],
    ]);
    expect(headers).not.toHaveProperty('te');
    expect(headers).not.toHaveProperty('proxy-authorization');
  });

  it('takes any method and path below /v1, with its query as it is written', async () => {
    const upstream = await startUpstream(({ method }, response) => {
      if (method === 'DELETE') response.writeHead(204).end();
      else response.end('x'.repeat(10));
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/team/openai/v1/`);
    const told = async (method: string, path: string) => (await ask(gateway.url + path, { method })).status;
    expect(await told('GET', '/v1/files/a%2Fb%20c?after=%C3%A4&limit=2')).toBe(200);
    expect(await told('DELETE', '/v1/responses/r_1')).toBe(204);
    expect(await told('PUT', '/v1')).toBe(200);
    expect(await told('PROPFIND', '/v1/x')).toBe(200);
    expect(await told('PATCH', '/w/some%2Fworker/v1/x?y')).toBe(200);
    const head = await ask(`${gateway.url}/v1/models`, { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(upstream.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /team/openai/v1/files/a%2Fb%20c?after=%C3%A4&limit=2',
      'DELETE /team/openai/v1/responses/r_1',
      'PUT /team/openai/v1',
      'PROPFIND /team/openai/v1/x',
      'PATCH /team/openai/v1/x?y',
      'HEAD /team/openai/v1/models',
    ]);
  });

  it('hears an answer that comes before the body was read, and serves the same connection again', async () => {
    const upstream = await startUpstream((_asked, response) => response.end('second'));
    const early = await serve((_request, response) => response.writeHead(413).end('too large'));
    const gateway = await openTestGateway(`http://127.0.0.1:${early.port}/v1`);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = (body: Buffer) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const request = sendRequest(`${gateway.url}/v1/files`, { method: 'POST', agent }, async (answer) =>
          resolve({ status: answer.statusCode ?? 0, text: (await bodyOf(answer)).toString() }),
        );
        request.on('error', reject);
        request.end(body);
      });
    expect(await post(randomBytes(5_000_000))).toEqual({ status: 413, text: 'too large' });
    gateway.set({ IDLEWATCH_UPSTREAM: upstream.url });
    expect(await post(Buffer.from('x'))).toEqual({ status: 200, text: 'second' });
    agent.destroy();
  });

  it('keeps connections to the upstream', async () => {
    const upstream = await startUpstream((_asked, response) => json(response, { data: [] }));
    const gateway = await openTestGateway(upstream.url);
    for (let at = 0; at < 20; at += 1) await ask(`${gateway.url}/v1/models`);
    expect(upstream.asked).toHaveLength(20);
    expect(upstream.connections()).toBe(1);
  });
});

describe('what does not go through', () => {
  it('is refused in words: other hosts, web pages, WebSockets, other paths', async () => {
    const upstream = await startUpstream((_asked, response) => response.end());
    const gateway = await openTestGateway(upstream.url);
    const refused = async (path: string, headers: Record<string, string> = {}) => {
      const told = await ask(gateway.url + path, { headers });
      return `${told.status} ${errorOf(told).code}`;
    };
    expect(await refused('/v1/models', { host: `evil.example:${gateway.port}` })).toBe('403 wrong_host');
    expect(await refused('/v1/models', { host: '127.0.0.1:1' })).toBe('403 wrong_host');
    expect(await refused('/v1/models', { origin: `http://127.0.0.1:${gateway.port}` })).toBe('403 web_page');
    expect(await refused('/v1/models', { 'sec-fetch-site': 'cross-site' })).toBe('403 web_page');
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    expect(await refused('/v1/realtime', upgrade)).toBe('501 no_websocket');
    for (const path of ['/', '/v2/models', '/v1x', '/w/v1', '/v1/../admin', '/v1/a/%2e%2E/%2e./b']) {
      expect(await refused(path)).toBe('404 not_here');
    }
    expect(await refused('/v1/%zz')).toBe('400 bad_address');
    expect(upstream.asked).toHaveLength(0);
    for (const host of ['localhost', '[::1]', '127.0.0.1']) {
      const headers = { host: `${host}:${gateway.port}` };
      expect((await ask(`${gateway.url}/v1/models`, { headers })).status).toBe(200);
    }
  });

  it('is said plainly where there is no upstream, or it is the gateway itself', async () => {
    const gateway = await openTestGateway(null);
    const none = await ask(`${gateway.url}/v1/models`);
    expect([none.status, errorOf(none).code]).toEqual([503, 'no_upstream']);
    for (const host of ['127.0.0.1', 'localhost']) {
      gateway.set({ IDLEWATCH_UPSTREAM: `http://${host}:${gateway.port}/v1` });
      const endless = await ask(`${gateway.url}/v1/models`);
      expect([endless.status, errorOf(endless).code]).toEqual([508, 'endless']);
    }
  });

  it('listens on 127.0.0.1 alone, and on nothing once it is closed', async () => {
    const gateway = await openTestGateway(null);
    const reached = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(gateway.port, host);
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      });
    expect(await reached('127.0.0.1')).toBe(true);
    expect(await reached('127.0.0.2')).toBe(false);
    await gateway.close();
    expect(await reached('127.0.0.1')).toBe(false);
  });
});
