import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../../src/server/gateway/body';
import { type JsonBody, mayShare, mayShareAt } from '../../../../src/server/gateway/memo-choice';
import { memoKey } from '../../../../src/server/gateway/memo-key';
import { saysItIsWhole } from '../../../../src/server/gateway/whole';

function keyOf(text: string, headers: string[] = [], address = 'https://up.example/v1/responses'): string {
  return memoKey({ method: 'POST', address, headers, body: JSON.parse(text) as JsonBody, bytes: Buffer.from(text) });
}

describe('the key of a request', () => {
  const text = '{"model":"m","input":[{"a":1,"b":[1,2]}]}';

  it('is the same whatever the order and white space, and the headers on which nothing depends', () => {
    expect(keyOf('{ "input":[{"b":[1, 2],"a":1}], "model":"m" }')).toBe(keyOf(text));
    const plain = ['Authorization', 'Bearer x', 'OpenAI-Beta', 'y'];
    expect(keyOf(text, ['openai-beta', 'y', 'authorization', 'Bearer x', 'User-Agent', 'z'])).toBe(keyOf(text, plain));
    expect(keyOf(text, [...plain, 'X-Stainless-Retry-Count', '1', 'Idempotency-Key', 'k'])).toBe(keyOf(text, plain));
  });

  it('is another one wherever the answer may be', () => {
    const others = [
      keyOf(text),
      keyOf('{"model":"m","input":[{"a":1,"b":[2,1]}]}'),
      keyOf('{"model":"m","input":[{"a":"1","b":[1,2]}]}'),
      keyOf('{"model":"m","input":[{"a":1,"b":[1,2]}],"x":null}'),
      keyOf(text, ['authorization', 'Bearer x']),
      keyOf(text, ['authorization', 'Bearer y']),
      keyOf(text, ['x-portkey-provider', 'Bearer y']),
      keyOf(text, [], 'https://up.example/v1/responses?x'),
      keyOf(text, [], 'https://elsewhere.example/v1/responses'),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it('tells apart numbers that are one and the same once they are read', () => {
    expect(keyOf('{"seed":9007199254740992}')).not.toBe(keyOf('{"seed":9007199254740993}'));
    expect(keyOf('{"seed":1e400}')).not.toBe(keyOf('{"seed":null}'));
  });

  it('is there for what is nested too deeply to be gone through', () => {
    const nested = (inside: string) => `{"input":${'['.repeat(20_000)}${inside}${']'.repeat(20_000)}}`;
    expect(keyOf(nested('1'))).toBe(keyOf(nested('1')));
    expect(keyOf(nested('1'))).not.toBe(keyOf(nested('2')));
  });

  it('is made of no text that is another one once it is read', () => {
    expect(readJson(Buffer.from('{"input":"é"}'))).toEqual({ input: 'é' });
    expect(readJson(Buffer.from('{"input":"é"}', 'latin1'))).toBeNull();
  });

  it('holds neither key nor prompt', () => {
    expect(keyOf('{"input":"a secret"}', ['authorization', 'Bearer sk-secret'])).toMatch(/^[\w-]{43}$/);
  });
});

describe('which requests may share an answer', () => {
  const chat = '/v1/chat/completions';

  it.each([
    [['gpt-5'], chat, { model: 'gpt-5' }, true],
    [['gpt-5'], chat, { model: 'gpt-5-mini' }, false],
    [['gpt-*'], '/v1/embeddings', { model: 'gpt-5-mini' }, true],
    [['gpt.5'], chat, { model: 'gpt-5' }, false],
    [['*'], chat, {}, false],
    [['*'], '/v1/fine_tuning/jobs', { model: 'gpt-5' }, false],
    [['*'], '/v1/realtime/client_secrets', { model: 'gpt-5' }, false],
    [['/v1/rerank'], '/v1/rerank', {}, true],
    [['/v1/*'], '/v1/rerank', {}, true],
    [[], chat, { model: 'gpt-5' }, false],
  ])('of %j at %s, %j: %s', (chosen, path, body, expected) => {
    expect(mayShare(chosen, path, body)).toBe(expected);
    if (expected) expect(mayShareAt(chosen, path)).toBe(true);
  });

  it.each([
    [{ store: true }, false],
    [{ store: false }, true],
    [{ previous_response_id: 'r' }, false],
    [{ previous_response_id: null }, true],
    [{ conversation: { id: 'c' } }, false],
    [{ background: true }, false],
    [{ tools: [{ type: 'function' }, { type: 'custom' }] }, true],
    [{ tools: [{ type: 'function' }, { type: 'web_search' }] }, false],
    [{ tools: [{ type: 'mcp' }] }, false],
    [{ web_search_options: {} }, false],
  ])('with %j: %s', (body, expected) => {
    expect(mayShare(['m'], chat, { model: 'm', ...body })).toBe(expected);
  });
});

describe('an answer that came to its end', () => {
  const says = (type: string, body: string | Buffer, encoding?: string) => {
    const headers = ['Content-Type', type, ...(encoding ? ['Content-Encoding', encoding] : [])];
    return saysItIsWhole({ status: 200, statusText: 'OK', headers }, Buffer.from(body));
  };
  const sse = 'text/event-stream; charset=utf-8';
  const completed = 'event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n';

  it.each([
    ['application/json', '{"id":"c","choices":[]}', true],
    ['application/json', '{"status":"completed","error":null}', true],
    ['application/json', '{"status":"incomplete"}', false],
    ['application/json', '{"error":{"message":"x"}}', false],
    ['application/json', '{"half', false],
    ['application/problem+json', '{"error":{}}', false],
    ['audio/mpeg', 'anything', true],
    [sse, 'data: {}\n\ndata: [DONE]\n\n', true],
    [sse, 'data: {}\r\n\r\ndata: [DONE]\r\n\r\n', true],
    [sse, `data: {}\n\n${completed}`, true],
    [sse, 'data: {}\n\n', false],
    [sse, 'data: {"say":"[DONE]"}\n\n', false],
    [sse, 'data: {"type":"response.failed"}\n\n', false],
    [sse, `event: error\ndata: {}\n\n${completed}`, false],
    [sse, '', false],
  ])('of %s saying %j: %s', async (type, body, expected) => {
    expect(await says(type, body)).toBe(expected);
  });

  it('is looked into where it is packed, and not believed where it cannot be', async () => {
    expect(await says('application/json', gzipSync('{"status":"completed"}'), 'gzip')).toBe(true);
    expect(await says('application/json', gzipSync('{"status":"failed"}'), 'gzip')).toBe(false);
    expect(await says('application/json', brotliCompressSync('{}'), 'br')).toBe(true);
    expect(await says('application/json', 'x', 'gzip')).toBe(false);
    expect(await says('application/json', '{}', 'zstd')).toBe(false);
  });
});
