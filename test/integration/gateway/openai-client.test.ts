import OpenAI, { APIConnectionError, APIError, APIUserAbortError, RateLimitError } from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Settings } from '../../../src/shared/settings';
import { realProcesses } from '../support/real-processes';
import { type StandIn, startStandIn } from '../support/stand-in';
import { waitFor } from '../support/wait-for';
import { openTestGateway, type TestGateway, type TestGatewayOptions } from './support';

/** The official client, through the gateway, to a model that does as it is told. */

const MODEL = 'stand-in';

interface World {
  openai: OpenAI;
  standIn: StandIn;
  gateway: TestGateway;
}

async function makeWorld(changes: Partial<Settings> = {}, options: TestGatewayOptions = {}): Promise<World> {
  const processes = realProcesses();
  onTestFinished(() => processes.endAll());
  const standIn = await startStandIn(processes);
  const calm = { ports: { memoryProbe: { read: async () => ({ totalBytes: 100, availableBytes: 90 }) } } };
  const gateway = await openTestGateway(standIn.url, changes, { ...calm, ...options });
  const openai = new OpenAI({ apiKey: 'sk-of-a-test', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  return { openai, standIn, gateway };
}

const chatOf = (prompt: string) => ({ model: MODEL, messages: [{ role: 'user' as const, content: prompt }] });

describe('the openai package through the gateway', { timeout: 120_000 }, () => {
  it('lists models, asks for responses, chat completions and embeddings', async () => {
    const { openai, gateway } = await makeWorld();
    const models: string[] = [];
    for await (const { id } of openai.models.list()) models.push(id);
    expect(models).toEqual([MODEL]);
    expect((await openai.responses.create({ model: MODEL, input: 'Hello' })).output_text).toBe('Done.');
    expect((await openai.chat.completions.create(chatOf('Hello'))).choices[0]?.message.content).toBe('Done.');
    const { data } = await openai.embeddings.create({ model: MODEL, input: ['a', 'bc'], encoding_format: 'float' });
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [1, 0.5],
      [2, 0.5],
    ]);
    expect(gateway.counts.requests.passed).toBe(4);
  });

  it('streams both dialects', async () => {
    const { openai, standIn } = await makeWorld();
    const prompt = standIn.told('Speak', { do: 'stream', chunks: 3, everyMs: 10, text: 'one two three' });
    let said = '';
    for await (const event of await openai.responses.create({ model: MODEL, input: prompt, stream: true })) {
      if (event.type === 'response.output_text.delta') said += event.delta;
    }
    for await (const { choices } of await openai.chat.completions.create({ ...chatOf(prompt), stream: true })) {
      said += choices[0]?.delta.content ?? '';
    }
    expect(said).toBe('one two threeone two three');
  });

  it('gets the errors of the upstream as they are, and those of the gateway in words', async () => {
    const { openai, standIn, gateway } = await makeWorld({ gatewayTimeoutMs: 500, gatewayRequestsPerMinute: 3 });
    gateway.watched.monitor.notePing();
    const error = (prompt: string) =>
      openai.chat.completions.create(chatOf(prompt)).then(
        () => null,
        (reason) => reason,
      );
    const failed = await error(standIn.told('Fail', { do: 'error', status: 418, message: 'I am a teapot' }));
    expect(failed).toBeInstanceOf(APIError);
    expect([failed.status, failed.error.message]).toEqual([418, 'I am a teapot']);
    const silent = await error(standIn.told('Be silent', { do: 'silence' }));
    expect([silent.status, silent.code, silent.type]).toEqual([504, 'upstream_timeout', 'server_error']);
    await error(standIn.told('Break off', { do: 'hangup' })).then((broken) => expect(broken).toBeInstanceOf(Error));
    const limited = await error('Hello');
    expect(limited).toBeInstanceOf(RateLimitError);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('hears of a stream that breaks off, and of one it breaks off itself', async () => {
    const { openai, standIn } = await makeWorld();
    const collect = async (prompt: string, abort?: AbortController) => {
      let said = '';
      const stream = await openai.responses.create(
        { model: MODEL, input: prompt, stream: true },
        { signal: abort?.signal },
      );
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') said += event.delta;
        if (said.length > 0) abort?.abort();
      }
      return said;
    };
    await expect(collect(standIn.told('Break off', { do: 'hangup', chunks: 2 }))).rejects.toThrow(/terminated|closed/);
    const endless = standIn.told('Go on', { do: 'stream', chunks: 10_000, everyMs: 20 });
    const aborted = await collect(endless, new AbortController()).catch((error) => error);
    expect(aborted instanceof APIUserAbortError || typeof aborted === 'string').toBe(true);
    await waitFor('it has ended upstream', async () => (await standIn.requests()).at(-1)?.state === 'closed');
  });

  it('waits by itself for as long as a 429 says', async () => {
    const { gateway } = await makeWorld({ gatewayRequestsPerMinute: 1 });
    gateway.watched.monitor.notePing();
    const asked: (string | null)[] = [];
    const patient = new OpenAI({
      apiKey: 'k',
      baseURL: `${gateway.url}/v1`,
      maxRetries: 1,
      fetch: async (url, init) => {
        const answer = await fetch(url, init);
        asked.push(answer.headers.get('retry-after-ms'));
        if (answer.status === 429) gateway.set({ gatewayRequestsPerMinute: null });
        // It is believed, whatever the true time: nobody waits for a minute in a test.
        const headers = new Headers(answer.headers);
        if (headers.has('retry-after-ms')) headers.set('retry-after-ms', '50');
        return new Response(answer.body, { status: answer.status, headers });
      },
    });
    await patient.models.list();
    await patient.models.list();
    expect(asked[0]).toBeNull();
    expect(Number(asked[1])).toBeGreaterThan(50_000);
    expect(asked[2]).toBeNull();
  });

  it('shares what was asked for twice, streams included, where that is wanted', async () => {
    const { openai, standIn } = await makeWorld({ gatewayMemo: ['stand-*', '/v1/embeddings'] });
    const ask = () => openai.chat.completions.create({ ...chatOf('Hello'), temperature: 0 }).withResponse();
    const [one, two] = [await ask(), await ask()];
    expect([one, two].map(({ response }) => response.headers.get('x-idlewatch-cache'))).toEqual(['miss', 'hit']);
    expect(two.data).toEqual(one.data);
    const stream = async () => {
      const { data, response } = await openai.responses
        .create({ model: MODEL, input: 'Hello', stream: true })
        .withResponse();
      const types: string[] = [];
      for await (const { type } of data) types.push(type);
      return [response.headers.get('x-idlewatch-cache'), ...types];
    };
    const [first, second] = [await stream(), await stream()];
    expect(first[0]).toBe('miss');
    expect(first.at(-1)).toBe('response.completed');
    expect(second).toEqual(['hit', ...first.slice(1)]);
    const embed = () => openai.embeddings.create({ model: 'any', input: 'x', encoding_format: 'float' }).withResponse();
    await embed();
    expect((await embed()).response.headers.get('x-idlewatch-cache')).toBe('hit');
    expect(await standIn.requests()).toHaveLength(3);
  });

  it('is told that nobody is there', async () => {
    const { openai, gateway } = await makeWorld({ gatewayRetries: 0 });
    gateway.set({ IDLEWATCH_UPSTREAM: 'http://127.0.0.1:1/v1' });
    await expect(openai.models.list()).rejects.toMatchObject({ status: 502, code: 'upstream_unreachable' });
    await gateway.close();
    await expect(openai.models.list()).rejects.toBeInstanceOf(APIConnectionError);
  });
});
