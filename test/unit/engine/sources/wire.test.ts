import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWireLine, WireState } from '../../../../src/engine/sources/worker-directory/wire';

const AT = Date.UTC(2026, 0, 31, 12);
const parse = (event: unknown) => parseWireLine(JSON.stringify(event));

/** The three ways in which agents wrap the same event. */
const DIALECTS: [name: string, wrap: (event: { type: string; payload: object }) => object][] = [
  ['bare', (event) => event],
  ['within message', (message) => ({ timestamp: AT / 1000, message })],
  ['within JSON-RPC params', (params) => ({ jsonrpc: '2.0', method: 'event', params })],
  ['with data for payload', ({ type, payload }) => ({ type, data: payload })],
  ['with the fields beside the type', ({ type, payload }) => ({ ...payload, type })],
];

describe.each(DIALECTS)('a line %s', (_name, wrap) => {
  test.each(['ToolCall', 'tool_call', 'tool-call-begin', 'ToolCallStart', 'tool.call.started', 'tool_use'])(
    'of %s starts a tool',
    (type) => {
      expect(parse(wrap({ type, payload: { id: 'a', name: 'make' } }))).toMatchObject({
        ...{ kind: 'tool_started', id: 'a', label: 'make' },
      });
    },
  );

  test.each(['ToolResult', 'tool_call_end', 'ToolCallEnded', 'tool-call-result'])('of %s ends a tool', (type) => {
    expect(parse(wrap({ type, payload: { tool_call_id: 'a' } }))).toEqual({ kind: 'tool_ended', id: 'a' });
  });

  test.each(['ApprovalRequest', 'question_request'])('of %s asks a person', (type) => {
    expect(parse(wrap({ type, payload: { id: 5, description: 'May I?' } }))).toEqual({
      ...{ kind: 'asked', id: '5', text: 'May I?' },
    });
  });

  test.each(['ApprovalResponse', 'ApprovalRequestResolved', 'question_response'])('of %s answers', (type) => {
    expect(parse(wrap({ type, payload: { request_id: 5 } }))).toEqual({ kind: 'answered', id: '5' });
  });

  test.each(['TurnEnd', 'StepInterrupted'])('of %s ends the turn', (type) => {
    expect(parse(wrap({ type, payload: {} }))).toEqual({ kind: 'turn_ended' });
  });

  test.each(['ContentPart', 'StatusUpdate', 'constructor', '__proto__', '', 'tool'])(
    'of %j is any activity',
    (type) => {
      expect(parse(wrap({ type, payload: { id: 'a' } }))).toEqual({ kind: 'other' });
    },
  );
});

describe('a tool call', () => {
  const started = (payload: object, outer: object = {}) => parse({ ...outer, type: 'ToolCall', payload });

  test.each(['id', 'tool_call_id', 'call_id', 'tool_use_id'])('has its id in %s, on both ends', (field) => {
    expect(started({ [field]: 'a' })).toMatchObject({ id: 'a' });
    expect(parse({ type: 'ToolResult', payload: { [field]: 'a' } })).toEqual({ kind: 'tool_ended', id: 'a' });
  });

  test('of an end that has an id of its own ends the tool it names', () => {
    expect(parse({ type: 'ToolResult', payload: { id: 'own', tool_call_id: 'a' } })).toMatchObject({ id: 'a' });
  });

  test.each([
    [{ name: 'make' }, 'make'],
    [{ tool: 'make' }, 'make'],
    [{ command: 'make all' }, 'make all'],
    [{ function: { name: 'make', arguments: '{}' } }, 'make'],
    [{ name: 7 }, 'tool call'],
    [{}, 'tool call'],
    [{ name: 'a\u001b\u202e' }, 'a␛�'],
    [{ name: 'x'.repeat(10_000) }, `${'x'.repeat(200)}…`],
  ])('of %j is labelled %j', (payload, label) => expect(started(payload)).toMatchObject({ label }));

  test.each([
    [{ timestamp: AT / 1000 }, AT],
    [{ timestamp: AT }, AT],
    [{ ts: '2026-01-31T13:00:00+01:00' }, AT],
    [{ time: AT / 1000 + 0.25 }, AT + 250],
    [{}, null],
    [{ timestamp: 'soon' }, null],
    [{ timestamp: 12.5 }, null],
    [{ timestamp: -1e300 }, null],
    [{ timestamp: '1970-01-01T00:00:12Z' }, null],
    [{ timestamp: {} }, null],
  ])('of %j began at %j', (outer, at) => expect(started({ id: 'a' }, outer)).toMatchObject({ at }));
});

test('a message that is a text is the question, not the event', () => {
  expect(parse({ type: 'ApprovalRequest', message: 'May I?', id: 1 })).toEqual({
    ...{ kind: 'asked', id: '1', text: 'May I?' },
  });
  expect(parse({ type: 'ToolCall', message: 'calling', payload: { id: 'a', name: 'make' } })).toMatchObject({
    ...{ id: 'a', label: 'make' },
  });
});

test('a line never throws, whatever it holds', () => {
  const anything = fc.oneof(fc.json({ stringUnit: 'binary' }), fc.string({ unit: 'binary' }));
  fc.assert(fc.property(anything, (line) => void expect(parseWireLine(line)).toHaveProperty('kind')));
});

describe('the state of the wire', () => {
  const NOW = AT + 60_000;
  const stateAfter = (...events: object[]) => {
    const state = new WireState();
    for (const event of events) state.add(parse(event), NOW);
    return state;
  };
  const call = (id: string, at = AT) => ({ type: 'ToolCall', timestamp: at, payload: { id, name: id } });
  const result = (id: string) => ({ type: 'ToolResult', payload: { tool_call_id: id } });
  const ask = (id: string, text?: string) => ({ type: 'ApprovalRequest', payload: { id, description: text } });
  const answer = (id: string) => ({ type: 'ApprovalResponse', payload: { request_id: id } });

  test('holds the tool that has been open for longest', () => {
    expect(stateAfter().openTool).toBeNull();
    expect(stateAfter(call('a'), call('b')).openTool).toEqual({ label: 'a', at: AT });
    expect(stateAfter(call('a'), call('b'), result('a')).openTool).toEqual({ label: 'b', at: AT });
    expect(stateAfter(call('a'), result('a')).openTool).toBeNull();
    expect(stateAfter(result('a'), call('a')).openTool).toEqual({ label: 'a', at: AT });
  });

  test('holds the question that nobody has answered', () => {
    expect(stateAfter().question).toBeNull();
    expect(stateAfter(ask('a', 'May I?')).question).toEqual({ text: 'May I?' });
    expect(stateAfter(ask('a')).question).toEqual({ text: null });
    expect(stateAfter(ask('a', 'first'), ask('b', 'second')).question).toEqual({ text: 'second' });
    expect(stateAfter(ask('a', 'May I?'), answer('b')).question).toEqual({ text: 'May I?' });
    expect(stateAfter(ask('a', 'May I?'), answer('a')).question).toBeNull();
  });

  test('holds nothing after the end of a turn', () => {
    const state = stateAfter(call('a'), ask('b'), { type: 'TurnEnd' });
    expect([state.openTool, state.question]).toEqual([null, null]);
  });

  test('takes no call for later than the line was written', () => {
    expect(stateAfter(call('a', NOW + 1)).openTool?.at).toBe(NOW);
    expect(stateAfter({ type: 'ToolCall', payload: {} }).openTool?.at).toBe(NOW);
  });

  test('is bounded: of very many the oldest are dropped', () => {
    const state = stateAfter(...Array.from({ length: 1_500 }, (_, at) => call(`${at}`)));
    expect(state.openTool?.label).toBe('500');
    const asked = stateAfter(...Array.from({ length: 1_500 }, (_, at) => ask(`${at}`)));
    for (let at = 500; at < 1_500; at += 1) asked.add(parse(answer(`${at}`)), NOW);
    expect(asked.question).toBeNull();
  });
});
