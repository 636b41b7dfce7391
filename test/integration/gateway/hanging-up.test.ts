import { createHash, randomBytes } from 'node:crypto';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { ask, begin, bodyOf, errorOf, openTestGateway, serve } from './support';

/** Far more than all buffers of sockets between two programs hold. */
const MUCH = 300 * 1024 * 1024;
const BUFFERS_MAX = 60 * 1024 * 1024;
const PIECE = randomBytes(256 * 1024);
const PIECES = MUCH / PIECE.length;

/** Resolves once this has stood still for a while. */
async function still(read: () => number): Promise<number> {
  let last = { value: read(), at: Date.now() };
  await waitFor('it stands still', () => {
    if (read() !== last.value) last = { value: read(), at: Date.now() };
    return last.value > 0 && Date.now() - last.at > 700;
  });
  return last.value;
}

function expected(): string {
  const hash = createHash('sha256');
  for (let at = 0; at < PIECES; at += 1) hash.update(PIECE);
  return hash.digest('hex');
}

async function hashOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** Write all pieces, as fast as they are taken; tells how many bytes were handed over so far. */
function pour(into: NodeJS.WritableStream): () => number {
  let pieces = 0;
  const more = () => {
    while (pieces < PIECES) {
      pieces += 1;
      if (!into.write(PIECE)) return void into.once('drain', more);
    }
    into.end();
  };
  more();
  return () => pieces * PIECE.length;
}

describe('back-pressure', { timeout: 120_000 }, () => {
  it('holds the upstream back while the caller does not read, and keeps nothing for it', async () => {
    let poured = () => 0;
    const upstream = await serve((_request, response) => {
      poured = pour(response);
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`);
    const answer = await begin(`${gateway.url}/v1/files/1/content`);
    expect(await still(() => poured())).toBeLessThan(BUFFERS_MAX);
    expect(await hashOf(answer)).toBe(expected());
    expect(gateway.counts.requests.passed).toBe(1);
  });

  it('holds the caller back while the upstream does not read', async () => {
    let read: (() => Promise<string>) | null = null;
    const upstream = await serve((request, response) => {
      read = async () => {
        const hash = await hashOf(request);
        response.end(hash);
        return hash;
      };
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`);
    const request = sendRequest(`${gateway.url}/v1/files`, { method: 'POST', agent: false });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.on('response', resolve).on('error', reject);
    });
    const poured = pour(request);
    const begun = await waitFor('the request is there', () => read);
    expect(await still(poured)).toBeLessThan(BUFFERS_MAX);
    expect(await begun()).toBe(expected());
    expect((await bodyOf(await answered)).toString()).toBe(expected());
  });
});

describe('hanging up', () => {
  it('of the caller ends the request upstream, before and while it is answered', async () => {
    const open = new Set<string>();
    const upstream = await serve((request, response) => {
      const { url = '' } = request;
      open.add(url);
      response.on('close', () => open.delete(url));
      if (url.endsWith('/stream')) response.write('data: begun\n\n');
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`);
    const answer = await begin(`${gateway.url}/v1/stream`);
    const silent = sendRequest(`${gateway.url}/v1/silent`, { agent: false }).on('error', () => undefined);
    silent.end();
    await waitFor('both are open upstream', () => open.size === 2);
    answer.destroy();
    await waitFor('the stream has ended upstream', () => !open.has('/v1/stream'));
    expect([...open]).toEqual(['/v1/silent']);
    silent.destroy();
    await waitFor('both have ended upstream', () => open.size === 0);
    await waitFor('both are counted', () => gateway.counts.requests.left === 2);
    expect(gateway.counts.open).toBe(0);
  });

  it('of the caller in the middle of its body is no failure of the gateway, where that is held', async () => {
    const gateway = await openTestGateway('http://127.0.0.1:1/v1');
    const headers = { 'content-length': 1_000_000, 'idempotency-key': 'k' };
    const request = sendRequest(`${gateway.url}/v1/files`, { method: 'POST', agent: false, headers });
    request.on('error', () => undefined).write('only the beginning');
    await waitFor('it is under way', () => gateway.counts.open === 1);
    request.destroy();
    await waitFor('it is over', () => gateway.counts.open === 0);
    expect([gateway.counts.requests.left, gateway.warnings]).toEqual([1, []]);
  });

  it('of the caller in the middle of its body ends the request upstream', async () => {
    let state = 'none';
    const upstream = await serve((request) => {
      state = 'open';
      request
        .on('error', () => undefined)
        .on('close', () => {
          state = request.complete ? 'complete' : 'broken off';
        });
      request.resume();
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`);
    const options = { method: 'POST', agent: false, headers: { 'content-length': 1_000_000 } };
    const request = sendRequest(`${gateway.url}/v1/files`, options).on('error', () => undefined);
    request.write('only the beginning');
    await waitFor('the request is open upstream', () => state === 'open');
    request.destroy();
    await waitFor('it is broken off upstream', () => state === 'broken off');
    await waitFor('it is counted', () => gateway.counts.requests.left === 1);
  });

  it.each([
    ['chunked', {}],
    ['with a length', { 'content-length': 1_000 }],
  ])('of the upstream in the middle of an answer (%s) is not told as its end', async (_kind, headers) => {
    const upstream = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
      response.write('data: begun\n\n', () => setImmediate(() => response.destroy()));
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`);
    const answer = await begin(`${gateway.url}/v1/stream`);
    await expect(bodyOf(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
    expect(gateway.counts.requests.broken_off).toBe(1);
  });

  it('of the upstream before it answers is 502', async () => {
    const upstream = await serve((request) => request.socket.destroy());
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`);
    const told = await ask(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: '{}' });
    expect([told.status, errorOf(told)]).toMatchObject([502, { type: 'server_error', code: 'upstream_failed' }]);
  });

  it('of the gateway ends what is under way at once', async () => {
    const upstream = await serve((_request, response) => response.write('data: begun\n\n'));
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`);
    const answer = await begin(`${gateway.url}/v1/stream`);
    const idle = connect(gateway.port, '127.0.0.1');
    const idleEnded = new Promise((resolve) => idle.on('close', resolve).on('error', () => undefined));
    const broken = expect(bodyOf(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await gateway.close();
    await Promise.all([broken, idleEnded]);
    await waitFor('it is counted', () => gateway.counts.open === 0);
    expect(gateway.warnings).toEqual([]);
  });
});
