import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLine, threadOf } from '../../../../../src/engine/sources/codex/parse';

const AT = '2026-11-22T08:00:00.000Z';
const THREAD = '01a20272-11ca-73e0-aaef-b8a7c0750cf6';

function eventOf(type: string, payload: unknown) {
  const parsed = parseLine(JSON.stringify({ timestamp: AT, type, payload }));
  return typeof parsed === 'string' ? parsed : parsed.event;
}

function callOf(payload: object) {
  const event = eventOf('response_item', { type: 'function_call', call_id: 'call_1', ...payload });
  if (typeof event === 'string' || event.kind !== 'call_started') throw new Error(JSON.stringify(event));
  return event.call;
}

it('a rollout is known by its name', () => {
  expect(threadOf(`rollout-2026-11-22T08-49-19-${THREAD}.jsonl`)).toBe(THREAD);
  for (const name of ['rollout-2026.jsonl', `rollout-${THREAD}.jsonl.zst`, `${THREAD}.jsonl`, 'notes.md']) {
    expect(threadOf(name)).toBeNull();
  }
});

it('a line has its time, or none', () => {
  expect(parseLine(JSON.stringify({ timestamp: AT, type: 'x' }))).toMatchObject({ at: Date.parse(AT) });
  expect(parseLine(JSON.stringify({ timestamp: 'today', type: 'x' }))).toMatchObject({ at: null });
});

it('the session says who it is and for whom it works', () => {
  expect(eventOf('session_meta', { id: THREAD, cwd: '/home/me', source: 'exec', cli_version: '0.169.0' })).toEqual({
    kind: 'meta',
    meta: {
      threadId: THREAD,
      parentThreadId: null,
      cwd: '/home/me',
      source: 'exec',
      nickname: null,
      role: null,
      version: '0.169.0',
    },
  });
  const spawned = { parent_thread_id: 'parent', agent_nickname: 'Dewey', agent_role: 'explorer' };
  const source = { subagent: { thread_spawn: spawned } };
  expect(eventOf('session_meta', { id: THREAD, source })).toMatchObject({
    meta: { parentThreadId: 'parent', nickname: 'Dewey', role: 'explorer', source: 'subagent' },
  });
  expect(eventOf('session_meta', { cwd: '/' })).toBe('expected a session_meta with an id, found one without');
});

it.each([
  ['task_started', {}, { kind: 'turn_started' }],
  ['task_complete', {}, { kind: 'turn_completed', error: null }],
  ['task_complete', { error: { message: 'no credit' } }, { kind: 'turn_completed', error: 'no credit' }],
  ['turn_aborted', { reason: 'interrupted' }, { kind: 'turn_aborted', reason: 'interrupted' }],
  ['token_count', { info: null }, { kind: 'tokens', tokens: null }],
  ['token_count', { info: { total_token_usage: { total_tokens: 240 } } }, { kind: 'tokens', tokens: 240 }],
  ['user_message', { message: ' Fix\n the build ' }, { kind: 'said', text: 'Fix the build' }],
  ['something_new', {}, { kind: 'other' }],
])('event_msg %s %j', (type, payload, event) => {
  expect(eventOf('event_msg', { type, ...payload })).toEqual(event);
});

it('what a person said, as newer versions write it', () => {
  const item = { type: 'UserMessage', content: [{ type: 'text', text: 'Say hello' }] };
  expect(eventOf('event_msg', { type: 'item_completed', item })).toEqual({ kind: 'said', text: 'Say hello' });
});

it.each([
  [{ name: 'exec_command', arguments: '{"cmd":"npm test"}' }, 'npm test', 'npm test', true],
  [{ name: 'shell', arguments: '{"command":["bash","-lc","npm test"]}' }, 'npm test', 'npm test', true],
  [{ name: 'shell', arguments: '{"command":["ls","-l"]}' }, 'ls -l', 'ls -l', true],
  [{ name: 'apply_patch', arguments: 'no JSON' }, 'apply_patch', null, true],
  [{ name: 'open', namespace: 'mcp__browser', arguments: '{}' }, 'open', null, true],
  [{ name: 'update_plan', arguments: '{}' }, 'update_plan', null, false],
  [{ name: 'web_search', arguments: '{}' }, 'web_search', null, false],
])('the call %j', (payload, label, command, mayAsk) => {
  expect(callOf(payload)).toMatchObject({ callId: 'call_1', label, command, mayAsk, question: null });
});

it('a call that waits for a sub-agent, and one that asks a person', () => {
  expect(callOf({ name: 'wait_agent', arguments: '{}' })).toMatchObject({ waitsForAgent: true, mayAsk: false });
  const questions = [{ question: 'Which colour?' }, { question: 'Which size?' }];
  const call = callOf({ name: 'request_user_input', arguments: JSON.stringify({ questions }) });
  expect(call).toMatchObject({ question: 'Which colour? · Which size?', mayAsk: false });
  expect(callOf({ name: 'request_user_input', arguments: '[]' }).question).toBe('a question');
});

it('control characters in a command are shown harmlessly', () => {
  expect(callOf({ name: 'exec_command', arguments: '{"cmd":"a\\u001b[2Jb"}' }).label).not.toContain('\u001b');
});

it('whatever a line holds, it is parsed or said to be odd', () => {
  const payload = fc.dictionary(
    fc.constantFrom('type', 'id', 'call_id', 'name', 'arguments', 'item', 'info', 'source', 'error', 'message'),
    fc.jsonValue(),
  );
  const type = fc.constantFrom('session_meta', 'event_msg', 'response_item', 'turn_context', 'x');
  const kinds = ['task_started', 'item_completed', 'token_count', 'function_call', 'message', 'task_complete'];
  fc.assert(
    fc.property(type, payload, fc.constantFrom(...kinds), (line, fields, kind) => {
      const parsed = parseLine(JSON.stringify({ timestamp: AT, type: line, payload: { type: kind, ...fields } }));
      expect(['string', 'object']).toContain(typeof parsed);
    }),
  );
  fc.assert(fc.property(fc.string(), (line) => void parseLine(line)));
});
