import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIdleManager, type IdleManager, type IdleManagerOptions } from '../../src/index';
import { SteppedClock } from '../fakes/stepped-clock';
import { type RealProcesses, realProcesses } from './support/real-processes';
import { type StandIn, type Step, startStandIn } from './support/stand-in';
import { waitFor } from './support/wait-for';

/** The real client over real HTTP; time alone is the test's. */
let processes: RealProcesses;
let model: StandIn;
let clock: SteppedClock;
let manager: IdleManager;

beforeEach(async () => {
  processes = realProcesses();
  model = await startStandIn(processes);
  clock = new SteppedClock();
  manager = managerWith();
});

afterEach(async () => {
  manager.destroy();
  await processes.endAll();
});

function managerWith(options: IdleManagerOptions = {}): IdleManager {
  return createIdleManager({ clock, environment: {}, ...options });
}

function client(apiKey = 'key-one'): OpenAI {
  return new OpenAI({ apiKey, baseURL: model.url, maxRetries: 0 });
}

function input(...steps: Step[]): string {
  return model.told('say something', ...steps);
}

const response = (text: string) => ({ model: 'stand-in', input: text });
const chat = (text: string) => ({ model: 'stand-in', messages: [{ role: 'user' as const, content: text }] });

async function callCount(): Promise<number> {
  return (await model.requests()).length;
}

test('identical calls share one request, and each caller has an answer of its own', async () => {
  const ai = manager.wrapOpenAI(client());
  const answers = await Promise.all([1, 2, 3].map(() => ai.responses.create(response('hello'))));
  expect(await callCount()).toBe(1);
  expect(answers.map((answer) => answer.output_text)).toEqual(['Done.', 'Done.', 'Done.']);
  answers[0]!.output.pop();
  answers[0]!.output_text = 'changed';
  expect(answers[1]!.output_text).toBe('Done.');
  const again = await ai.responses.create(response('hello'));
  expect(again.output).toHaveLength(1);
  expect('_request_id' in again).toBe(true);
  expect(Object.keys(again)).not.toContain('_request_id');
  expect(await callCount()).toBe(1);
});

test('chat completions share and are remembered for OPENAI_CACHE_TTL_MS', async () => {
  manager = managerWith({ OPENAI_CACHE_TTL_MS: 1_000 });
  const ai = manager.wrapOpenAI(client());
  const first = await ai.chat.completions.create(chat('hello'));
  clock.step(999);
  const second = await ai.chat.completions.create(chat('hello'));
  expect(second).toEqual(first);
  expect(await callCount()).toBe(1);
  clock.step(1);
  await ai.chat.completions.create(chat('hello'));
  expect(await callCount()).toBe(2);
});

test('streams are shared and replayed as streams', async () => {
  const ai = manager.wrapOpenAI(client());
  const prompt = input({ do: 'stall', chunks: 3 });
  const ask = () => ai.responses.create({ ...response(prompt), stream: true });
  const [one, two] = await Promise.all([ask(), ask()]);
  expect(one.constructor).toBe((await client().responses.create({ ...response('hi'), stream: true })).constructor);
  const seen = [textOf(one), textOf(two)];
  const late = await ask();
  await model.release();
  const texts = await Promise.all([...seen, textOf(late)]);
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toBe('The stand-in has Done.');
  expect(await textOf(await ask())).toBe(texts[0]);
  expect((await model.requests()).filter(({ step }) => step.do === 'stall')).toHaveLength(1);
});

test('a replayed stream of chat chunks is the same, and nobody’s changes show', async () => {
  const ai = manager.wrapOpenAI(client());
  const ask = () =>
    ai.chat.completions.create({ ...chat(input({ do: 'stream', chunks: 4, everyMs: 1 })), stream: true });
  const first: unknown[] = [];
  for await (const chunk of await ask()) {
    first.push(structuredClone(chunk));
    chunk.choices.length = 0;
  }
  const again: unknown[] = [];
  for await (const chunk of await ask()) again.push(chunk);
  expect(again).toEqual(first);
  expect(await callCount()).toBe(1);
});

test('every parameter, header, path and credential tells calls apart', async () => {
  const one = client();
  const ai = manager.wrapOpenAI(one);
  const other = manager.wrapOpenAI(client('key-two'));
  const text = 'hello';
  await ai.responses.create(response(text));
  await ai.responses.create({ ...response(text), temperature: 0 });
  await ai.responses.create({ ...response(text), model: 'other' });
  await ai.responses.create(response(text), { headers: { 'x-more': '1' } });
  await ai.responses.create(response(text), { timeout: 50_000 });
  await ai.responses.create(response(text), { query: { a: 1 } as never });
  await other.responses.create(response(text));
  await ai.chat.completions.create(chat(text));
  ai.apiKey = 'key-three';
  expect(one.apiKey).toBe('key-three');
  await ai.responses.create(response(text));
  await ai.withOptions({ defaultHeaders: { 'x-more': '2' } }).responses.create(response(text));
  expect(await callCount()).toBe(10);
  // The order of parameters tells nothing.
  await ai.responses.create({ input: text, model: 'stand-in' });
  expect(await callCount()).toBe(10);
});

test('who asks for nobody’s answer but their own gets it', async () => {
  const ai = manager.wrapOpenAI(client());
  await ai.responses.create(response('hello'));
  const twice = async (options: object) => {
    for (const _ of [1, 2]) await ai.responses.create(response('hello'), options);
  };
  await twice({ headers: { 'Cache-Control': 'no-cache' } });
  await twice({ headers: new Headers({ 'cache-control': 'no-store' }) });
  await twice({ fetchOptions: {} });
  await ai.responses.create({ ...response('hello'), conversation: 'conv_1' });
  await ai.responses.create({ ...response('hello'), conversation: 'conv_1' });
  expect(await callCount()).toBe(9);
  expect((await ai.responses.create(response('hello')).asResponse()).status).toBe(200);
  const { data, response: http } = await ai.responses.create(response('hello')).withResponse();
  expect(data.output_text).toBe('Done.');
  expect(http.headers.get('content-type')).toContain('application/json');
  expect(await callCount()).toBe(11);
  const promise = ai.responses.create(response('hello'));
  expect(promise).toBeInstanceOf(Promise);
  await promise;
  await expect(promise.asResponse()).rejects.toThrow('comes too late');
  expect(await callCount()).toBe(11);
});

test('an error reaches all who share it as the client’s own, and is not remembered', async () => {
  const ai = manager.wrapOpenAI(client());
  const prompt = input({ do: 'error', status: 500, message: 'broken' });
  const results = await Promise.allSettled([1, 2].map(() => ai.responses.create(response(prompt))));
  for (const result of results) {
    expect(result.status).toBe('rejected');
    expect((result as PromiseRejectedResult).reason).toBeInstanceOf(OpenAI.InternalServerError);
  }
  expect(await callCount()).toBe(1);
  await expect(ai.responses.create(response(prompt))).rejects.toThrow('broken');
  expect(await callCount()).toBe(2);
});

test('a stream that breaks off breaks off for all, after what had come', async () => {
  const ai = manager.wrapOpenAI(client());
  const ask = () => ai.chat.completions.create({ ...chat(input({ do: 'hangup', chunks: 2 })), stream: true });
  const both = await Promise.all([ask(), ask()]);
  const ends = await Promise.all(
    both.map(async (stream) => {
      let count = 0;
      try {
        for await (const _ of stream) count += 1;
        return { count, error: null };
      } catch (error) {
        return { count, error };
      }
    }),
  );
  expect(ends[0]!.error).toBeInstanceOf(Error);
  expect(ends[1]).toEqual(ends[0]);
  expect(ends[0]!.count).toBe(3); // The role, and two words.
  await expect(textOf(await ask())).rejects.toThrow();
  expect(await callCount()).toBe(2);
});

test('one caller’s abort disturbs nobody else; the last one’s ends the request', async () => {
  const ai = manager.wrapOpenAI(client());
  const prompt = input({ do: 'silence' });
  const aborts = [new AbortController(), new AbortController()];
  const calls = aborts.map(({ signal }) => ai.responses.create(response(prompt), { signal }));
  const ends = calls.map((call) =>
    call.then(
      () => 'answered',
      (error: unknown) => error,
    ),
  );
  await waitFor('the request has come', async () => (await callCount()) === 1);
  aborts[0]!.abort();
  expect(await ends[0]).toBeInstanceOf(OpenAI.APIUserAbortError);
  expect((await model.requests())[0]!.state).toBe('open');
  aborts[1]!.abort();
  expect(await ends[1]).toBeInstanceOf(OpenAI.APIUserAbortError);
  await waitFor('the request was cancelled', async () => (await model.requests())[0]!.state === 'closed');
});

test('leaving a stream early, or aborting it, leaves it to the others', async () => {
  const ai = manager.wrapOpenAI(client());
  const ask = () => ai.responses.create({ ...response(input({ do: 'stall', chunks: 3 })), stream: true });
  const [breaks, aborts, stays] = await Promise.all([ask(), ask(), ask()]);
  for await (const event of breaks) {
    expect(event.type).toBe('response.created');
    break;
  }
  let seen = 0;
  for await (const _ of aborts) {
    seen += 1;
    if (seen === 2) aborts.controller.abort();
  }
  expect(seen).toBe(2);
  const text = textOf(stays);
  await model.release();
  expect(await text).toBe('The stand-in has Done.');
  expect((await model.requests()).map(({ state }) => state)).toEqual(['finished']);
});

test('a stream nobody wants any more is cancelled', async () => {
  const ai = manager.wrapOpenAI(client());
  const stream = await ai.responses.create({ ...response(input({ do: 'stall', chunks: 1 })), stream: true });
  for await (const _ of stream) break;
  await waitFor('the request was cancelled', async () => (await model.requests())[0]!.state === 'closed');
});

test('the client’s helpers make their own requests, and are traffic', async () => {
  const ai = manager.wrapOpenAI(client());
  const parsed = await Promise.all([1, 2].map(() => ai.chat.completions.parse(chat('hello'))));
  expect(parsed.map(({ choices }) => choices[0]?.message.content)).toEqual(['Done.', 'Done.']);
  const streams = [1, 2].map(() => ai.responses.stream({ model: 'stand-in', input: 'hello' }));
  const finals = await Promise.all(streams.map((stream) => stream.finalResponse()));
  expect(finals.map((final) => final.output_text)).toEqual(['Done.', 'Done.']);
  expect(await callCount()).toBe(4);
  expect(manager.getStats().trafficCount).toBe(4);
});

test('all else of the client is its own', async () => {
  const plain = client();
  const ai = manager.wrapOpenAI(plain);
  expect(ai).toBeInstanceOf(OpenAI);
  expect((await ai.models.list()).data.map(({ id }) => id)).toEqual(['stand-in']);
  expect(ai.baseURL).toBe(plain.baseURL);
  expect(ai.files).toBe(plain.files);
  expect(ai.responses).toBe(ai.responses);
  expect(manager.wrapOpenAI(plain)).toBe(ai);
  expect(manager.wrapOpenAI(ai)).toBe(ai);
  expect(plain.responses.create).toBe(Object.getPrototypeOf(plain.responses).create);
  expect(await ai.get('/models')).toBeTruthy();
});

test('each call is traffic, answered from memory or not', async () => {
  const ai = manager.wrapOpenAI(client());
  clock.step(31_000);
  expect(manager.isIdle()).toBe(true);
  await ai.responses.create(response('hello'));
  expect(manager.isIdle()).toBe(false);
  await ai.responses.create(response('hello'));
  await ai.responses.create(response('hello'), { headers: { 'cache-control': 'no-cache' } });
  expect(manager.getStats().trafficCount).toBe(3);
  expect(manager.getStats().memo).toMatchObject({ openCalls: 0, rememberedAnswers: 1 });
});

test('a stream that goes on is traffic, at most each quarter of a second', async () => {
  const ai = manager.wrapOpenAI(client());
  const body = { ...chat(input({ do: 'stream', chunks: 6, everyMs: 1 })), stream: true as const };
  let events = 0;
  for await (const _ of await ai.chat.completions.create(body)) {
    events += 1;
    clock.step(125);
  }
  expect(events).toBe(8); // The role, six words, the end.
  expect(manager.getStats().trafficCount).toBe(1 + 3);
});

test('destroying settles what is pending; the client works on, on its own', async () => {
  const ai = manager.wrapOpenAI(client());
  const waiting = ai.responses.create(response(input({ do: 'silence' })));
  const stream = await ai.responses.create({ ...response(input({ do: 'stall', chunks: 1 })), stream: true });
  const reading = textOf(stream);
  await waitFor('both have come', async () => (await callCount()) === 2);
  manager.destroy();
  await expect(waiting).rejects.toThrow('was destroyed');
  await expect(reading).rejects.toThrow('was destroyed');
  await waitFor('both were cancelled', async () => (await model.requests()).every(({ state }) => state === 'closed'));
  await Promise.all([ai.responses.create(response('hello')), ai.responses.create(response('hello'))]);
  expect(await callCount()).toBe(4);
});

test('what a caller does to a request after asking changes nothing', async () => {
  const ai = manager.wrapOpenAI(client());
  const body = response('first');
  const asked = ai.responses.create(body);
  body.input = 'second';
  await asked;
  expect((await model.requests())[0]!.prompt).toBe('first');
});

async function textOf(stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent | OpenAI.ChatCompletionChunk>) {
  let text = '';
  for await (const event of stream) {
    if ('choices' in event) text += event.choices[0]?.delta.content ?? '';
    else if (event.type === 'response.output_text.delta') text += event.delta;
  }
  return text;
}
