import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { ask, begin, bodyOf, chat, errorOf, json, openTestGateway, serve, startUpstream, type Told } from './support';

/** An address at which nobody listens; somebody may begin to. */
async function closedPort(): Promise<number> {
  const { port, close } = await serve(() => undefined);
  await close();
  return port;
}

const codes = (told: Told) => [told.status, errorOf(told).code];

describe('an upstream that is silent', () => {
  it('is 504 where it never begins to answer, however often it could be asked again', async () => {
    let asked = 0;
    const upstream = await serve(() => {
      asked += 1;
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`, { gatewayTimeoutMs: 300 });
    const told = await ask(`${gateway.url}/v1/models`);
    expect(codes(told)).toEqual([504, 'upstream_timeout']);
    expect(errorOf(told).message).toBe(
      `The upstream http://127.0.0.1:${upstream.port}/v1 has sent nothing for 300 ms (gatewayTimeoutMs).`,
    );
    expect(told.headers['x-idlewatch-cache']).toBe('bypass');
    expect([asked, gateway.counts.requests.timed_out]).toEqual([1, 1]);
  });

  it('is hung up on where it goes silent in the middle', async () => {
    const upstream = await serve((_request, response) => response.write('data: begun\n\n'));
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`, { gatewayTimeoutMs: 300 });
    const answer = await begin(`${gateway.url}/v1/stream`);
    await expect(bodyOf(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is waited for as long as it sends something', async () => {
    const upstream = await serve((_request, response) => {
      let pieces = 0;
      const timer = setInterval(() => {
        pieces += 1;
        if (pieces < 30) return response.write('x');
        clearInterval(timer);
        response.end();
      }, 100);
    });
    const gateway = await openTestGateway(`http://127.0.0.1:${upstream.port}/v1`, { gatewayTimeoutMs: 2_000 });
    expect((await ask(`${gateway.url}/v1/stream`)).body.toString()).toBe('x'.repeat(29));
  });
});

describe('asking again', () => {
  it('is what happens while nobody can be reached, with the body whole', async () => {
    const port = await closedPort();
    const gateway = await openTestGateway(`http://127.0.0.1:${port}/v1`, { gatewayRetries: 10 });
    const body = randomBytes(400_000);
    const headers = { 'transfer-encoding': 'chunked' };
    const telling = ask(`${gateway.url}/v1/files`, { method: 'POST', headers, body });
    await waitFor('it has been tried again', () => gateway.counts.retries > 0);
    let came: Buffer | null = null;
    await serve(async (request, response) => {
      came = await bodyOf(request);
      response.end('there');
    }, port);
    expect((await telling).body.toString()).toBe('there');
    expect(body.equals(came ?? Buffer.alloc(0))).toBe(true);
  });

  it('ends after as many times as the setting says', async () => {
    const gateway = await openTestGateway(`http://127.0.0.1:${await closedPort()}/v1`, { gatewayRetries: 2 });
    const told = await chat(gateway.url, {});
    expect(codes(told)).toEqual([502, 'upstream_unreachable']);
    expect(errorOf(told).message).toMatch(/^The upstream http:\/\/127\.0\.0\.1:\d+\/v1 refuses connections\.$/);
    expect(gateway.counts.retries).toBe(2);
    gateway.set({ gatewayRetries: 0 });
    expect((await chat(gateway.url, {})).status).toBe(502);
    expect(gateway.counts.retries).toBe(2);
  });

  it('ends when the caller hangs up', async () => {
    const gateway = await openTestGateway(`http://127.0.0.1:${await closedPort()}/v1`, { gatewayRetries: 10 });
    const abort = new AbortController();
    const gone = fetch(`${gateway.url}/v1/models`, { signal: abort.signal }).catch(() => 'gone');
    await waitFor('it has been tried again', () => gateway.counts.retries > 0);
    abort.abort();
    expect(await gone).toBe('gone');
    await waitFor('it is over', () => gateway.counts.requests.left === 1);
  });

  /** The first time it does this, then it answers; tells how often it was asked, and with what. */
  async function failingOnce(status: number | 'hang up', headers: Record<string, string> = {}) {
    const upstream = await startUpstream((_asked, response) => {
      if (upstream.asked.length > 1) json(response, { ok: true });
      else if (status === 'hang up') response.destroy();
      else response.writeHead(status, headers).end('passing');
    });
    return { upstream, gateway: await openTestGateway(upstream.url) };
  }

  it.each([503, 502, 504, 'hang up'] as const)('is safe for what only asks (%s)', async (failure) => {
    const { upstream, gateway } = await failingOnce(failure);
    expect((await ask(`${gateway.url}/v1/models`)).status).toBe(200);
    expect(upstream.asked).toHaveLength(2);
    expect(gateway.counts.retries).toBe(1);
  });

  it.each([503, 'hang up'] as const)('is safe where an Idempotency-Key says so (%s)', async (failure) => {
    const { upstream, gateway } = await failingOnce(failure);
    const told = await chat(gateway.url, { seed: 1 }, { 'Idempotency-Key': 'k1' });
    expect(told.status).toBe(200);
    const [first, second] = upstream.asked;
    expect(first?.body.length).toBeGreaterThan(0);
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
    expect(second?.headers['idempotency-key']).toBe('k1');
  });

  it.each([
    [503, 503],
    ['hang up', 502],
  ] as const)('is not done where the request may have been done already (%s)', async (failure, status) => {
    const { upstream, gateway } = await failingOnce(failure);
    expect((await chat(gateway.url, {})).status).toBe(status);
    expect(upstream.asked).toHaveLength(1);
  });

  it.each(['hang up', 503] as const)('is not done for an order without a body (%s)', async (failure) => {
    const { upstream, gateway } = await failingOnce(failure);
    const told = await ask(`${gateway.url}/v1/batches/b/cancel`, { method: 'POST' });
    expect(told.status).toBe(failure === 503 ? 503 : 502);
    expect(upstream.asked).toHaveLength(1);
  });

  it.each(['hang up', 503] as const)('is not done where the body is gone by then (%s)', async (failure) => {
    const { upstream, gateway } = await failingOnce(failure);
    const headers = { 'idempotency-key': 'k', 'transfer-encoding': 'chunked' };
    const told = await ask(`${gateway.url}/v1/files`, { method: 'POST', headers, body: 'sent once' });
    expect(told.status).toBe(failure === 503 ? 503 : 502);
    expect(upstream.asked.map(({ body }) => body.toString())).toEqual(['sent once']);
  });

  it('leaves to the caller what takes long, and what tells it to be slower', async () => {
    const busy = await failingOnce(503, { 'retry-after': '60' });
    const told = await ask(`${busy.gateway.url}/v1/models`);
    expect([told.status, told.headers['retry-after'], told.body.toString()]).toEqual([503, '60', 'passing']);
    const slower = await failingOnce(429, { 'retry-after': '1' });
    expect((await ask(`${slower.gateway.url}/v1/models`)).status).toBe(429);
    expect([busy.upstream.asked.length, slower.upstream.asked.length]).toEqual([1, 1]);
    const at = Date.now();
    const soon = await failingOnce(503, { 'retry-after': '1' });
    expect((await ask(`${soon.gateway.url}/v1/models`)).status).toBe(200);
    expect(Date.now() - at).toBeGreaterThan(950);
  });
});
