import { describe, expect, it } from 'vitest';
import type { MemoryProbe } from '../../../src/engine/ports';
import { SteppedClock } from '../../fakes/stepped-clock';
import { waitFor } from '../support/wait-for';
import { makeRun } from '../support/watched-run';
import { ask, chat, errorOf, json, openTestGateway, startUpstream, type TestGateway, type Told } from './support';

/** How many of so many requests came through. */
async function passed(gateway: TestGateway, count: number, headers: Record<string, string> = {}): Promise<number> {
  let through = 0;
  for (let at = 0; at < count; at += 1) {
    if ((await ask(`${gateway.url}/v1/models`, { headers })).status === 200) through += 1;
  }
  return through;
}

const memoryAt = (percent: number): MemoryProbe => ({
  read: async () => ({ totalBytes: 100_000, availableBytes: 100_000 - percent * 1_000 }),
});
const calm = { memoryProbe: memoryAt(10) };

const upstreamOfModels = () => startUpstream((_asked, response) => json(response, { data: [] }));

describe('requests a minute', () => {
  it('are limited in all, with the time after which the next one passes', async () => {
    const upstream = await upstreamOfModels();
    const clock = new SteppedClock();
    const gateway = await openTestGateway(upstream.url, { gatewayRequestsPerMinute: 3 }, { clock, ports: calm });
    for (let at = 0; at < 3; at += 1) {
      gateway.watched.monitor.notePing();
      expect((await ask(`${gateway.url}/v1/models`)).status).toBe(200);
      clock.step(10_000);
    }
    const told = await ask(`${gateway.url}/v1/models`);
    expect(told.status).toBe(429);
    expect(errorOf(told)).toEqual({
      message: 'idlewatch lets through 3 a minute in all (gatewayRequestsPerMinute). Try again in 30 s.',
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    });
    expect([told.headers['retry-after'], told.headers['retry-after-ms']]).toEqual(['30', '30000']);
    clock.step(29_000);
    expect((await ask(`${gateway.url}/v1/models`)).headers['retry-after']).toBe('1');
    clock.step(1_000);
    expect((await ask(`${gateway.url}/v1/models`)).status).toBe(200);
    expect(upstream.asked).toHaveLength(4);
    expect(gateway.counts.requests).toMatchObject({ passed: 4, limited: 2 });
  });

  it('are limited of each worker; those whom nobody knows share one limit', async () => {
    const upstream = await upstreamOfModels();
    const run = makeRun();
    for (const name of ['one', 'two']) run.well(name);
    const clock = new SteppedClock();
    const limit = { gatewayWorkerRequestsPerMinute: 2 };
    const gateway = await openTestGateway(upstream.url, limit, { clock, ports: calm, roots: [run.state] });
    const { id, name } = gateway.watched.row('one');
    gateway.watched.monitor.notePing();
    expect(await passed(gateway, 2, { 'x-idlewatch-worker': name })).toBe(2);
    const byId = await ask(`${gateway.url}/w/${encodeURIComponent(id)}/v1/models`);
    expect(byId.status).toBe(429);
    expect(errorOf(byId).message).toContain('2 a minute of one worker (gatewayWorkerRequestsPerMinute)');
    expect(await passed(gateway, 3, { 'x-idlewatch-worker': 'two' })).toBe(2);
    expect(await passed(gateway, 1, { 'x-idlewatch-worker': 'made up' })).toBe(1);
    expect(await passed(gateway, 1, { 'x-idlewatch-worker': 'made up as well' })).toBe(1);
    expect(await passed(gateway, 1)).toBe(0);
  });

  it('are half of it while all is idle, and at least one; to ask does not end that, a pause and work that is seen do', async () => {
    const upstream = await upstreamOfModels();
    const idleSoon = { MIN_IDLE_TIMEOUT_MS: 1_000, INITIAL_IDLE_TIMEOUT_MS: 1_000, IDLE_CHECK_INTERVAL_MS: 1_000 };
    const [clock, limit] = [new SteppedClock(), { gatewayRequestsPerMinute: 5, gatewayWorkerRequestsPerMinute: null }];
    const gateway = await openTestGateway(upstream.url, { ...idleSoon, ...limit }, { clock, ports: calm });
    await waitFor('all is idle', () => gateway.watched.monitor.snapshot().idle.isIdle);
    expect(await passed(gateway, 5)).toBe(2);
    expect(errorOf(await ask(`${gateway.url}/v1/models`)).message).toContain('half of it while all is idle');
    clock.step(30_000);
    expect(await passed(gateway, 5)).toBe(0);
    clock.step(30_000);
    expect(await passed(gateway, 5)).toBe(2);
    gateway.watched.monitor.pause(true);
    clock.step(60_000);
    expect(await passed(gateway, 7)).toBe(5);
    clock.step(60_000);
    gateway.watched.monitor.pause(false);
    clock.step(1_000);
    expect(await passed(gateway, 5)).toBe(2);
    gateway.watched.monitor.notePing();
    clock.step(900);
    expect(await passed(gateway, 5)).toBe(3);
    gateway.set({ gatewayRequestsPerMinute: 1 });
    clock.step(60_000);
    expect(await passed(gateway, 3)).toBe(1);
  });

  it('are one while memory is short, whatever is allowed otherwise', async () => {
    const upstream = await upstreamOfModels();
    const options = { clock: new SteppedClock(), ports: { memoryProbe: memoryAt(95) } };
    const gateway = await openTestGateway(upstream.url, { gatewayRequestsPerMinute: 500 }, options);
    await waitFor('memory was read', () => gateway.watched.monitor.snapshot().memory.totalBytes > 0);
    expect(await passed(gateway, 4)).toBe(1);
    const told = await ask(`${gateway.url}/v1/models`);
    expect(errorOf(told).message).toContain('1 a minute in all (gatewayRequestsPerMinute), while memory is short');
    expect(told.headers['retry-after']).toBe('60');
  });

  it('have no limit where none is set, and follow the settings without a restart', async () => {
    const upstream = await upstreamOfModels();
    const none = { gatewayRequestsPerMinute: null, gatewayWorkerRequestsPerMinute: null };
    const gateway = await openTestGateway(upstream.url, none, { ports: calm });
    expect(await passed(gateway, 10)).toBe(10);
    gateway.set({ gatewayRequestsPerMinute: 1 });
    expect(await passed(gateway, 3)).toBe(1);
  });

  it('count what goes upstream: an answer that is at hand costs nothing', async () => {
    const upstream = await startUpstream((_asked, response) => json(response, { id: 'one' }));
    const limits = { gatewayRequestsPerMinute: 1, gatewayMemo: ['stand-in'] };
    const gateway = await openTestGateway(upstream.url, limits, { ports: calm });
    const cache = ({ status, headers }: Told) => `${status} ${headers['x-idlewatch-cache']}`;
    expect(cache(await chat(gateway.url, {}))).toBe('200 miss');
    expect(cache(await chat(gateway.url, {}))).toBe('200 hit');
    expect(cache(await chat(gateway.url, { seed: 1 }))).toBe('429 bypass');
    expect(cache(await chat(gateway.url, {}))).toBe('200 hit');
  });
});
