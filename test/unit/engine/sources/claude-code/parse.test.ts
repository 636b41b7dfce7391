import { describe, expect, it } from 'vitest';
import {
  claimIn,
  parseLine,
  parseSession,
  projectFolder,
  type SessionRecord,
} from '../../../../../src/engine/sources/claude-code/parse';

const RECORD = {
  ...{ pid: 4711, sessionId: '9f4c-1', cwd: '/home/me/a project', startedAt: 1_785_000_000_000, procStart: '20095994' },
  ...{ status: 'idle', statusUpdatedAt: 1_785_000_100_000, updatedAt: 1_785_000_200_000, name: 'fix', kind: 'bg' },
};

function parsed(over: object = {}): SessionRecord {
  const result = parseSession(JSON.stringify({ ...RECORD, ...over }));
  return result.ok ? result.value : expect.unreachable(result.detail);
}

describe('the record of a session', () => {
  it('is read as far as it is relied on', () => {
    expect(parsed({ peerFeatures: ['x'], version: 7 })).toEqual({
      ...{ pid: 4711, sessionId: '9f4c-1', cwd: '/home/me/a project', startedAt: 1_785_000_000_000 },
      ...{
        startTime: '20095994',
        pidNamespace: null,
        status: 'idle',
        statusInWords: 'idle',
        statusAt: 1_785_000_100_000,
      },
      ...{ waitingFor: null, name: 'fix', kind: 'bg', drift: null },
    });
  });

  it.each(['busy', 'idle', 'waiting', 'shell'])('knows the status %s', (status) => {
    expect(parsed({ status })).toMatchObject({ status, drift: null });
  });

  it.each([
    [{ status: 'dreaming' }, 'expected status as busy, idle, waiting or shell, found “dreaming”'],
    [{ status: undefined }, 'expected status as busy, idle, waiting or shell, found none'],
    [{ status: { is: 'busy' } }, 'expected status as busy, idle, waiting or shell, found {"is":"busy"}'],
    [{ status: 'BUSY\u001b[2J' }, 'expected status as busy, idle, waiting or shell, found “BUSY␛[2J”'],
    [{ cwd: undefined }, 'expected cwd as an absolute path, found none'],
    [{ cwd: 'a/b' }, 'expected cwd as an absolute path, found “a/b”'],
  ])('says of %j what was expected', (over, drift) => {
    expect(parsed(over).drift).toBe(drift);
  });

  it.each([
    ['[]', 'expected a JSON object, found []'],
    ['', 'expected a JSON object, found “”'],
    ['{"pid": 12', 'expected a JSON object, found “{"pid": 12”'],
    ['{"sessionId": "x"}', 'expected pid as a whole number above 1, found none'],
    ['{"pid": -1, "sessionId": "x"}', 'expected pid as a whole number above 1, found -1'],
    ['{"pid": 1, "sessionId": "x"}', 'expected pid as a whole number above 1, found 1'],
    ['{"pid": "12", "sessionId": "x"}', 'expected pid as a whole number above 1, found “12”'],
    ['{"pid": 12, "session_id": "x"}', 'expected sessionId as letters, digits and dashes, found none'],
    ['{"pid": 12, "sessionId": "../x"}', 'expected sessionId as letters, digits and dashes, found “../x”'],
    ['{"pid": 12, "sessionId": "a/b"}', 'expected sessionId as letters, digits and dashes, found “a/b”'],
  ])('%j is none', (json, detail) => {
    expect(parseSession(json)).toEqual({ ok: false, detail });
  });

  it.each([
    ['ticks as text', '20095994', '20095994'],
    ['ticks as a number', 20_095_994, '20095994'],
    ['what ps prints in UTC', 'Sat Aug  1 10:00:00 2026', String(Date.UTC(2026, 7, 1, 10) / 1000)],
    ['a time of Windows', '133500000000000000', null],
    ['a date that is none', 'Sat Xxx 99 10:00:00 2026', null],
    ['nothing', undefined, null],
    ['an object', {}, null],
  ])('knows the start of its process from %s', (_, procStart, startTime) => {
    const record = parsed({ procStart });
    expect(record.startTime).toBe(startTime);
    const start = startTime === null ? {} : { startTime };
    expect(claimIn(record, 5)).toEqual({ pid: 4711, from: 'report', namedAt: 5, ...start });
  });

  it.each([
    ['linux:4e7515a3:pid:[4026531836]', 'pid:[4026531836]'],
    ['darwin', null],
    [undefined, null],
  ])('knows from %s in which namespace its pid means something', (pidDomain, pidNamespace) => {
    expect(parsed({ pidDomain })).toMatchObject({ pidNamespace, drift: null });
  });

  it('shows what it waits for harmlessly, and takes the older time where there is no newer', () => {
    const record = parsed({ status: 'waiting', waitingFor: ' permission\nprompt ', statusUpdatedAt: 'soon' });
    expect(record).toMatchObject({ waitingFor: 'permission␊prompt', statusAt: 1_785_000_200_000 });
    expect(parsed({ waitingFor: 5 }).waitingFor).toBeNull();
  });
});

it.each([
  ['/home/me/my.project', '-home-me-my-project'],
  ['/srv/A_1/ü', '-srv-A-1--'],
  ['C:\\Users\\me', 'C--Users-me'],
])('the transcripts of %s lie in %s', (cwd, folder) => {
  expect(projectFolder(cwd)).toBe(folder);
});

describe('the tokens of a line', () => {
  const usage = {
    input_tokens: 3,
    output_tokens: 14,
    cache_creation_input_tokens: 1_000,
    cache_read_input_tokens: 20_000,
  };
  const message = { id: 'msg_1', model: 'claude-x', usage };
  const line = (over: object = {}) => JSON.stringify({ type: 'assistant', requestId: 'req_1', message, ...over });

  it('are input, output and cache together', () => {
    expect(parseLine(line()).usage).toEqual({ messageId: 'msg_1', tokens: 21_017 });
    expect(
      parseLine(line({ message: { ...message, usage: { input_tokens: 1, output_tokens: 2 } } })).usage,
    ).toMatchObject({
      tokens: 3,
    });
  });

  it('go by the request where the message has no id', () => {
    expect(parseLine(line({ message: { ...message, id: undefined } })).usage).toMatchObject({ messageId: 'req_1' });
    const neither = line({ requestId: undefined, message: { ...message, id: undefined } });
    expect(parseLine(neither).usage).toMatchObject({ messageId: null });
  });

  it.each([
    ['a prompt', JSON.stringify({ type: 'user', message: { role: 'user', content: 'say "assistant"' } })],
    ['a sub-agent’s progress', JSON.stringify({ type: 'progress', data: { message: { type: 'assistant', message } } })],
    ['what Claude Code says itself', line({ message: { ...message, model: '<synthetic>', usage: undefined } })],
    ['an error', line({ isApiErrorMessage: true, message: { content: [] } })],
    ['half a line', line().slice(0, 80)],
    ['nothing', ''],
  ])('are none in %s', (_, text) => {
    expect(parseLine(text).usage).toBeNull();
  });

  it.each([
    [{ message: { ...message, usage: undefined } }, 'expected message.usage in a line of type assistant, found none'],
    [{ message: 'hello' }, 'expected message in a line of type assistant, found “hello”'],
    [
      { message: { ...message, usage: { ...usage, output_tokens: '14' } } },
      'expected message.usage.output_tokens as a number, found “14”',
    ],
    [
      { message: { ...message, usage: { ...usage, cache_read_input_tokens: -1 } } },
      'expected message.usage.cache_read_input_tokens as a number, found -1',
    ],
  ])('are not known of %j', (over, drift) => {
    expect(parseLine(line(over)).usage).toEqual({ drift });
  });
});

describe('the tools of a line', () => {
  const call = (input: unknown, over: object = {}) =>
    JSON.stringify({
      ...{ type: 'assistant', timestamp: '2026-09-20T10:00:00.000Z' },
      message: { model: 'claude-x', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input }], usage: {} },
      ...over,
    });
  const at = Date.UTC(2026, 8, 20, 10);

  it.each([
    [{ command: 'make -j4' }, 'Bash: make -j4'],
    [{ command: 'make', description: 'Build it' }, 'Bash: Build it'],
    [{ command: `echo\n${'x'.repeat(200)}` }, /^Bash: echo␊x{60,}…$/],
    [{}, 'Bash'],
    [null, 'Bash'],
  ])('are called with %j', (input, label) => {
    const [only] = parseLine(call(input)).calls;
    expect(only).toMatchObject({
      id: 't1',
      at,
      label: typeof label === 'string' ? label : expect.stringMatching(label),
    });
  });

  it('tell no time where the line has none', () => {
    expect(parseLine(call({}, { timestamp: 'soon' })).calls[0]?.at).toBeNull();
  });

  it('bring results, or something new begins', () => {
    const result = { type: 'tool_result', tool_use_id: 't1', content: 'ok' };
    const line = (content: unknown) => JSON.stringify({ type: 'user', message: { role: 'user', content } });
    expect(parseLine(line([result]))).toMatchObject({ results: ['t1'], isPrompt: false });
    expect(parseLine(line('go on'))).toMatchObject({ results: [], isPrompt: true });
    expect(parseLine(line([{ type: 'text', text: '[Request interrupted by user]' }]))).toMatchObject({
      isPrompt: true,
    });
  });

  it.each(['{"type":"user"}', '{"type":"assistant","message":{"content":[7,null,{"type":"tool_use"}]}}', '"user"'])(
    'are none in %s',
    (line) => {
      expect(parseLine(line)).toMatchObject({ calls: [], results: [] });
    },
  );
});
