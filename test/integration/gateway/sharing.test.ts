import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/shared/settings';
import { SteppedClock } from '../../fakes/stepped-clock';
import { waitFor } from '../support/wait-for';
import {
  type Asked,
  ask,
  begin,
  bodyOf,
  chat,
  chatRequest,
  errorOf,
  json,
  openTestGateway,
  startUpstream,
  type Told,
} from './support';

const cache = ({ headers }: Told) => headers['x-idlewatch-cache'];
const SSE = { 'content-type': 'text/event-stream' };

/** An upstream whose answers differ, so that it shows which one a caller got; time stands still. */
async function sharing(changes: Partial<Settings> = {}, answer = numbered) {
  const upstream = await startUpstream((asked, response) => answer(asked, response, upstream.asked.length));
  const clock = new SteppedClock();
  const settings = { gatewayMemo: ['stand-in'], gatewayRequestsPerMinute: null, gatewayWorkerRequestsPerMinute: null };
  const gateway = await openTestGateway(upstream.url, { ...settings, ...changes }, { clock });
  return { upstream, clock, gateway, url: gateway.url };
}

function numbered(_asked: Asked, response: ServerResponse, serial: number): void {
  json(response, { serial });
}

const serialOf = ({ body }: Told) => (JSON.parse(body.toString()) as { serial: number }).serial;

/** An upstream that is told by the test what to send. */
async function slow(changes: Partial<Settings> = {}, headers: Record<string, string> = SSE, status = 200) {
  const responses: ServerResponse[] = [];
  const world = await sharing(changes, (_asked, response) => {
    response.writeHead(status, headers);
    if (status === 200) response.flushHeaders();
    responses.push(response);
  });
  const response = (at = 0) => waitFor('it was asked for upstream', () => responses[at]);
  return { ...world, responses, response };
}

describe('an answer that identical requests share', () => {
  it('is given again for as long as the setting says, whatever the order of parameters', async () => {
    const { url, clock, upstream } = await sharing({ OPENAI_CACHE_TTL_MS: 10_000 });
    const first = await chat(url, { temperature: 0, seed: 7 });
    expect([cache(first), serialOf(first)]).toEqual(['miss', 1]);
    const again = await chat(
      url,
      { seed: 7, temperature: 0 },
      { 'user-agent': 'another', 'x-stainless-retry-count': 1 },
    );
    expect([cache(again), serialOf(again)]).toEqual(['hit', 1]);
    expect(again.headers['content-type']).toBe('application/json');
    clock.step(9_999);
    expect(cache(await chat(url, { temperature: 0, seed: 7 }))).toBe('hit');
    clock.step(1);
    expect(serialOf(await chat(url, { temperature: 0, seed: 7 }))).toBe(2);
    expect(upstream.asked).toHaveLength(2);
  });

  it('goes to no other request: parameter, path, query, key or organisation', async () => {
    const { url } = await sharing({ gatewayMemo: ['stand-in', '/v1/more'] });
    expect(serialOf(await chat(url, {}, { authorization: 'Bearer one' }))).toBe(1);
    expect(serialOf(await chat(url, {}, { authorization: 'Bearer two' }))).toBe(2);
    expect(serialOf(await chat(url, {}, { 'x-api-key': 'three' }))).toBe(3);
    expect(serialOf(await chat(url, {}, { authorization: 'Bearer one', 'openai-project': 'p' }))).toBe(4);
    expect(serialOf(await chat(url, { user: 'u' }, { authorization: 'Bearer one' }))).toBe(5);
    const headers = { authorization: 'Bearer one' };
    expect(serialOf(await ask(`${url}/v1/more`, chatRequest({}, headers)))).toBe(6);
    expect(serialOf(await ask(`${url}/v1/more?x=1`, chatRequest({}, headers)))).toBe(7);
    expect(serialOf(await chat(url, {}, { authorization: 'Bearer one' }))).toBe(1);
  });

  it('is made for them once while it is on its way, and a caller who hangs up disturbs nobody', async () => {
    const { url, upstream, response, gateway } = await slow();
    const first = await begin(`${url}/v1/chat/completions`, chatRequest({ stream: true }));
    const answer = await response();
    const piece = 'data: {"at":1}\n\n';
    answer.write(piece);
    first.once('data', () => first.destroy());
    await waitFor('the first has left', () => first.destroyed);
    // The first alone was waited for: nobody is left.
    await waitFor('it has ended upstream', () => answer.destroyed);
    const [one, two] = await Promise.all([
      begin(`${url}/v1/chat/completions`, chatRequest({ stream: true })),
      begin(`${url}/v1/chat/completions`, chatRequest({ stream: true })),
    ]);
    const second = await response(1);
    expect(new Set([one, two].map(({ headers }) => headers['x-idlewatch-cache']))).toEqual(new Set(['miss', 'shared']));
    second.write(piece);
    const leaving = one.headers['x-idlewatch-cache'] === 'miss' ? one : two;
    const staying = leaving === one ? two : one;
    leaving.once('data', () => leaving.destroy());
    await waitFor('one has left', () => gateway.counts.requests.left === 2);
    second.write('data: {"at":2}\n\n');
    second.end('data: [DONE]\n\n');
    const whole = 'data: {"at":1}\n\ndata: {"at":2}\n\ndata: [DONE]\n\n';
    expect((await bodyOf(staying)).toString()).toBe(whole);
    const replayed = await chat(url, { stream: true });
    expect([cache(replayed), replayed.body.toString(), replayed.headers['content-type']]).toEqual([
      ...['hit', whole],
      'text/event-stream',
    ]);
    expect(upstream.asked).toHaveLength(2);
  });

  it('is replayed as a stream in the pieces it came in, and from its beginning to who comes late', async () => {
    const { url, response } = await slow();
    const pieces = ['data: {"at":1}\n\n', 'data: {"at":2}\n\n', 'data: [DONE]\n\n'];
    const first = await begin(`${url}/v1/chat/completions`, chatRequest({ stream: true }));
    const answer = await response();
    const seen: string[] = [];
    first.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    for (const piece of pieces.slice(0, 2)) {
      answer.write(piece);
      await waitFor('it came through', () => seen.at(-1) === piece);
    }
    const late = await begin(`${url}/v1/chat/completions`, chatRequest({ stream: true }));
    expect(late.headers['x-idlewatch-cache']).toBe('shared');
    answer.end(pieces[2]);
    expect((await bodyOf(late)).toString()).toBe(pieces.join(''));
    await waitFor('the first is whole', () => first.complete);
    expect(seen).toEqual(pieces);
  });

  it('is shared within the window where nothing is remembered', async () => {
    const { url, clock } = await sharing({ OPENAI_CACHE_TTL_MS: 0, OPENAI_BATCH_WINDOW_MS: 150 });
    expect(serialOf(await chat(url, {}))).toBe(1);
    clock.step(149);
    expect(serialOf(await chat(url, {}))).toBe(1);
    clock.step(1);
    expect(serialOf(await chat(url, {}))).toBe(2);
  });

  it('stays packed for those who can unpack it, and is another one for those who cannot', async () => {
    const packed = gzipSync('{"serial":1}');
    const { url } = await sharing({}, ({ headers }, response, serial) => {
      if (!headers['accept-encoding']) return json(response, { serial });
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed);
    });
    for (const expected of ['miss', 'hit']) {
      const told = await chat(url, {}, { 'accept-encoding': 'gzip' });
      expect([cache(told), told.headers['content-encoding'], told.body.equals(packed)]).toEqual([
        expected,
        'gzip',
        true,
      ]);
    }
    expect(serialOf(await chat(url, {}))).toBe(2);
  });

  it('is let go by where the room is too small, or the settings say so from now on', async () => {
    const { url, gateway } = await sharing({ gatewayMemoMaxMB: 1 }, (_asked, response, serial) => {
      json(response, { serial, text: 'x'.repeat(100_000) });
    });
    for (let seed = 0; seed < 15; seed += 1) await chat(url, { seed });
    expect(gateway.counts.remembered.bytes).toBeLessThan(1024 * 1024);
    expect(cache(await chat(url, { seed: 14 }))).toBe('hit');
    expect(cache(await chat(url, { seed: 0 }))).toBe('miss');
    gateway.set({ OPENAI_CACHE_TTL_MS: 0, OPENAI_BATCH_WINDOW_MS: 0 });
    expect(cache(await chat(url, { seed: 14 }))).toBe('miss');
    gateway.set({ gatewayMemo: [] });
    expect(cache(await chat(url, { seed: 14 }))).toBe('bypass');
  });
});

describe('what is not remembered', () => {
  it('is an error, which reaches all who share it', async () => {
    const { url, upstream, response, gateway } = await slow({}, { 'content-type': 'application/json' }, 500);
    const asking = Promise.all([chat(url, {}), chat(url, {})]);
    const failing = await response();
    await waitFor('both ask', () => gateway.counts.open === 2);
    // What comes later is answered: so the second has been read, and has joined.
    expect((await ask(`${url}/v1/models`, { headers: { host: 'evil.example' } })).status).toBe(403);
    failing.end('{"error":{"message":"told to fail"}}');
    const both = await asking;
    expect(both.map(({ status }) => status)).toEqual([500, 500]);
    expect(both.map(cache).sort()).toEqual(['miss', 'shared']);
    const again = chat(url, {});
    (await response(1)).end('{}');
    expect(cache(await again)).toBe('miss');
    expect(upstream.asked).toHaveLength(2);
  });

  it('is that the upstream could not be reached', async () => {
    const { url, gateway, upstream } = await sharing({ gatewayRetries: 0 });
    gateway.set({ IDLEWATCH_UPSTREAM: 'http://127.0.0.1:1/v1' });
    const both = await Promise.all([chat(url, {}), chat(url, {})]);
    expect(both.map((told) => [told.status, errorOf(told).code])).toEqual(Array(2).fill([502, 'upstream_unreachable']));
    gateway.set({ IDLEWATCH_UPSTREAM: upstream.url });
    expect(serialOf(await chat(url, {}))).toBe(1);
  });

  it.each([
    ['breaks off', (response: ServerResponse) => response.write('data: {}\n\n', () => response.destroy())],
    ['ends without its mark', (response: ServerResponse) => response.end('data: {}\n\n')],
    ['tells of an error', (response: ServerResponse) => response.end('data: {"error":{}}\n\ndata: [DONE]\n\n')],
    ['has failed', (response: ServerResponse) => response.end('data: {"type":"response.failed"}\n\n')],
  ])('is a stream that %s', async (_how, end) => {
    const { url, upstream } = await sharing({}, (_asked, response) => {
      response.writeHead(200, SSE);
      end(response);
    });
    for (let at = 0; at < 2; at += 1) await chat(url, { stream: true }).catch(() => undefined);
    expect(upstream.asked).toHaveLength(2);
  });

  it.each([
    ['nobody has named its model', { model: 'other' }, {}],
    ['the caller wants it anew', {}, { 'cache-control': 'max-age=0, no-cache' }],
    ['it asks to be kept', { store: true }, {}],
    ['it goes on with what was kept', { previous_response_id: 'r_1' }, {}],
    ['it is done in the background', { background: true }, {}],
    ['the upstream runs tools for it', { tools: [{ type: 'mcp', server_url: 'x' }] }, {}],
    ['it is no plain JSON', {}, { 'content-encoding': 'zstd' }],
  ])('is what is answered while %s', async (_why, body, headers) => {
    const { url, upstream } = await sharing();
    for (let at = 0; at < 2; at += 1) expect(cache(await chat(url, body, headers))).toBe('bypass');
    expect(upstream.asked).toHaveLength(2);
  });
});
