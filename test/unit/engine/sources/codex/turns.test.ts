import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../../../../src/engine/sources/codex/turns';

const CAPTURES = join(import.meta.dirname, '../../../../fixtures/scenarios/codex');

function linesOf(capture: string): string[] {
  return readFileSync(join(CAPTURES, `${capture}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
}

function fold(lines: (string | null)[], turns = new Turns(true)): Turns {
  for (const line of lines) turns.add(line, Date.parse('2030-01-01'));
  return turns;
}

const line = (type: string, payload: object, timestamp = '2026-11-22T08:00:00Z') =>
  JSON.stringify({ timestamp, type, payload });
const started = line('event_msg', { type: 'task_started' });
const meta = line('session_meta', { id: 'thread' });

it('a turn that has finished', () => {
  const turns = fold(linesOf('finished'));
  expect(turns).toMatchObject({ turnStartedAt: null, lastEnd: { kind: 'completed', error: null }, tokens: 120 });
  expect(turns).toMatchObject({ drift: null, approvalPolicy: 'never', openCalls: [] });
  expect(turns.firstSaid).toMatch(/^Go \[stand-in/);
});

it('a command that has no result yet, and then has', () => {
  const lines = linesOf('command');
  const at = lines.findIndex((text) => text.includes('"function_call"'));
  const turns = fold(lines.slice(0, at + 2));
  expect(turns.openCalls).toMatchObject([{ command: 'sleep 12; echo done-sleeping', callId: 'call_10061_8' }]);
  expect(fold(lines.slice(at + 2), turns).openCalls).toEqual([]);
});

it('attempts to reconnect are no progress', () => {
  const turns = fold(linesOf('hung'));
  const said = Date.parse('2026-11-22T08:51:21.440Z');
  expect(turns.turnStartedAt).not.toBeNull();
  expect(turns.progressAt).toBe(said);
  expect(turns.lastAt).toBeGreaterThan(said + 600_000);
});

it('a turn that broke off, and one that was interrupted', () => {
  expect(fold(linesOf('failed')).lastEnd).toMatchObject({
    kind: 'completed',
    error: expect.stringMatching(/^stream disconnected/),
  });
  expect(fold(linesOf('agent')).lastEnd).toEqual({ kind: 'aborted', reason: 'interrupted' });
});

it('a new turn leaves nothing open of the one before', () => {
  const call = line('response_item', { type: 'function_call', name: 'shell', call_id: '1', arguments: '{}' });
  expect(fold([meta, started, call, started]).openCalls).toEqual([]);
});

it('a line from the future is as old as its file', () => {
  const turns = new Turns(true);
  turns.add(line('event_msg', { type: 'task_started' }, '2099-01-01T00:00:00Z'), 5_000);
  expect(turns.turnStartedAt).toBe(5_000);
});

it('a line too long to read, or broken, is skipped', () => {
  const turns = fold([meta, started, null, '{"half', '']);
  expect(turns).toMatchObject({ drift: null });
  expect(turns.turnStartedAt).not.toBeNull();
});

it('says what it expected where the format is another', () => {
  const answer = line('response_item', { type: 'message', role: 'assistant' });
  expect(fold([]).drift).toBeNull();
  expect(fold(['not JSON']).drift).toBe('expected a line of JSON, found something else');
  expect(fold([line('thread', {})]).drift).toBe('expected a session_meta line first, found none');
  expect(fold([line('session_meta', {})]).drift).toMatch(/^expected a session_meta with an id/);
  expect(fold([meta, answer]).drift).toMatch(/^expected event_msg lines of type task_started/);
  expect(fold([meta, started, answer]).drift).toBeNull();
});

describe('a format that changes in the middle of a session', () => {
  const event = (type: string) => line('event_msg', { type });
  const said = line('event_msg', { type: 'user_message', message: 'Go on' });
  const answer = line('response_item', { type: 'message', role: 'assistant' });
  const call = line('response_item', { type: 'function_call', name: 'shell', call_id: '1', arguments: '{}' });
  const turn = [started, said, answer, event('task_complete')];

  it('is noticed where turns begin by another name, until one does by its own', () => {
    const turns = fold([meta, ...turn, event('turn_begun'), said]);
    expect(turns.drift).toBeNull();
    expect(fold([answer], turns).drift).toBe(
      'expected an event_msg of type task_started before an answer, found turn_begun',
    );
    expect(fold([started], turns).drift).toBeNull();
    expect(fold([meta, ...turn, said, call]).drift).toMatch(/before an answer, found none$/);
  });

  it('may be what is seen where a turn is answered, and what may be its end follows', () => {
    const turns = fold([meta, ...turn, started, said, answer, event('turn_over'), event('token_count')]);
    expect(turns).toMatchObject({ drift: null });
    expect(turns.doubtOfTurn).toBe(
      'expected an event_msg of type task_complete or turn_aborted after an answer, found turn_over',
    );
    expect(fold([answer], turns).doubtOfTurn).toBeNull();
    expect(fold([event('turn_over')], turns).doubtOfTurn).not.toBeNull();
    expect(fold([event('task_complete')], turns).doubtOfTurn).toBeNull();
  });

  it.each<[string, string[]]>([
    ['new events among those that are known', [event('plan_delta'), event('turn_diff'), line('hint', {})]],
    ['a late line of a turn that is over', [answer]],
    ['a line cut short, twice', ['{"ty', '{"timesta']],
    ['many lines of new types', Array.from({ length: 19 }, () => line('hint', {}))],
    ['a person who speaks in the middle of a turn', [started, said, said, call]],
    ['a turn whose last event is new while a command runs', [started, said, call, event('turn_diff')]],
    ['a turn whose last event is new while it thinks', [started, said, event('turn_diff')]],
  ])('is not %s', (_, lines) => {
    const turns = fold([meta, ...turn, ...lines]);
    expect([turns.drift, turns.doubtOfTurn]).toEqual([null, null]);
  });

  it.each<[string, string[], RegExp]>([
    ['broken lines', Array(3).fill('{"ty'), /^expected a line of JSON/],
    ['lines without a type', Array(3).fill('{"kind":"event_msg"}'), /^expected a line with a type/],
    ['events without a type', Array(3).fill(line('event_msg', { kind: 'x' })), /^expected an event_msg with a type/],
    [
      'types that are not known',
      Array(20).fill(line('event', {})),
      /^expected lines of type event_msg .*such as event$/,
    ],
  ])('is %s and no others, until one is understood again', (_, lines, words) => {
    const turns = fold([meta, ...turn, ...lines]);
    expect(turns.drift).toMatch(words);
    expect(fold([started], turns).drift).toBeNull();
  });

  it('is seen in no capture of the real program', () => {
    for (const capture of ['agent', 'command', 'failed', 'finished', 'hung', 'killed', 'parent', 'terminal']) {
      const turns = new Turns(true);
      for (const text of linesOf(capture)) {
        fold([text], turns);
        expect([capture, turns.drift, turns.doubtOfTurn]).toEqual([capture, null, null]);
      }
    }
  });
});

it('read from its middle on, work shows that a turn is open', () => {
  const head = fold([meta, line('event_msg', { type: 'user_message', message: 'Build it' })]);
  const turns = fold([line('response_item', { type: 'message', role: 'assistant' })], new Turns(false, head));
  expect(turns).toMatchObject({ meta: { threadId: 'thread' }, firstSaid: 'Build it', drift: null });
  expect(turns.turnStartedAt).not.toBeNull();
  expect(fold([line('event_msg', { type: 'task_complete' })], turns).turnStartedAt).toBeNull();
});
