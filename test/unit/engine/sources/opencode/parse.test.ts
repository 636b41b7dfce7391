import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../../src/engine/sources/opencode/api';
import { parseEvent, parseTurn, type ServerEvent } from '../../../../../src/engine/sources/opencode/events';
import { parseAsks, parseSessions, parseStatuses } from '../../../../../src/engine/sources/opencode/parse';

const CAPTURES = join(import.meta.dirname, '../../../../fixtures/scenarios/opencode');

interface Line {
  path?: string;
  answer?: unknown;
  event?: unknown;
}

function capture(name: string): Line[] {
  const [, ...lines] = readFileSync(join(CAPTURES, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Line);
}

function answers(name: string, path: string): string[] {
  return capture(name).flatMap((line) => (line.path?.startsWith(path) ? JSON.stringify(line.answer) : []));
}

function events(name: string): ServerEvent[] {
  return capture(name).flatMap(({ event }) => {
    if (!event) return [];
    const parsed = parseEvent(JSON.stringify(event));
    if (!parsed.ok) throw new Error(parsed.drift);
    return parsed.value;
  });
}

const session = { id: 'ses_1', title: 'One', directory: '/w', time: { created: 1_000, updated: 2_000 } };

describe('sessions', () => {
  it('of a real server are read, with tokens and who they work for', () => {
    const parsed = parseSessions(answers('sub-agent', '/experimental/session').at(-1) ?? '');
    expect(parsed).toMatchObject({ ok: true, value: { drift: null } });
    const sessions = parsed.ok ? parsed.value.sessions : [];
    expect(sessions.map(({ title, parentId }) => ({ title, parentId }))).toEqual([
      { title: 'look around (@general subagent)', parentId: 'ses_dfd62c666ffeQqxfxx5cLD0hV8' },
      { title: 'Delegates', parentId: null },
    ]);
    const finished = parseSessions(answers('finished', '/experimental/session').at(-1) ?? '');
    expect(finished.ok && finished.value.sessions[0]?.usage).toEqual({ tokens: 120, cost: 0 });
  });

  it('that are not understood are said and left out; the rest is read', () => {
    const odd = { ...session, time: { created: 'yesterday', updated: 2_000 } };
    expect(parseSessions(JSON.stringify([odd, session]))).toMatchObject({
      ok: true,
      value: { sessions: [{ id: 'ses_1', updatedAt: 2_000 }], drift: expect.stringMatching(/^expected time.created/) },
    });
    expect(parseSessions('{"error":"no"}')).toEqual({
      ok: false,
      drift: 'expected a list of sessions, found {"error":"no"}',
    });
    expect(parseSessions('<html>')).toMatchObject({ ok: false });
  });

  it.each([
    ['an id that leads elsewhere', { id: '../../x' }, /the id of a session/],
    ['a directory that is none', { directory: 'w' }, /as an absolute path/],
    ['no times', { time: undefined }, /time of a session, found none/],
  ])('with %s are not believed', (_, over, drift) => {
    const parsed = parseSessions(JSON.stringify([{ ...session, ...over }]));
    expect(parsed.ok && parsed.value).toMatchObject({ sessions: [], drift: expect.stringMatching(drift) });
  });
});

describe('statuses', () => {
  it('tell who is busy and who tries again', () => {
    const body = '{"ses_1":{"type":"busy"},"ses_2":{"type":"retry","attempt":3,"message":"boom\\u001b","next":5000}}';
    const parsed = parseStatuses(body);
    expect(parsed.ok && Object.fromEntries(parsed.value)).toEqual({
      ses_1: { type: 'busy' },
      ses_2: { type: 'retry', attempt: 3, message: 'boom␛', nextAt: 5_000 },
    });
  });

  it('of a type nobody knows are drift, not idleness', () => {
    expect(parseStatuses('{"ses_1":{"type":"dreaming"}}')).toEqual({
      ok: false,
      drift: 'expected a status of type idle, busy or retry, found “dreaming”',
    });
  });
});

describe('what is asked', () => {
  it('is said in words, of a real server', () => {
    const asked = answers('permission', '/permission').find((body) => body !== '[]') ?? '';
    const permission = parseAsks(asked);
    expect(permission.ok && permission.value.map(({ text }) => text)).toEqual(['permission for bash: sleep 9']);
    const question = parseAsks(answers('question', '/question').at(-1) ?? '');
    expect(question.ok && question.value.map(({ text }) => text)).toEqual(['Which colour? (Red, Blue)']);
  });
});

describe('events', () => {
  it('of a stream tell of work, and of rest in the end', () => {
    const told = events('finished');
    const kinds = told.map((event) => (event.kind === 'status' ? event.status.type : event.kind));
    expect(kinds.filter((kind) => kind === 'activity').length).toBeGreaterThan(10);
    expect(kinds.filter((kind) => kind !== 'other' && kind !== 'info').at(-1)).toBe('idle');
  });

  it('of a model that fails tell of no work but that the person asked', () => {
    const told = events('retrying').filter(({ kind }) => kind === 'activity' || kind === 'tool');
    expect(told).toHaveLength(1);
  });

  it('tell of no work where a request was only begun', () => {
    const part = (type: string) => {
      const payload = { type: 'message.part.updated', properties: { sessionID: 'ses_1', part: { type } } };
      const parsed = parseEvent(JSON.stringify({ payload }));
      return parsed.ok && parsed.value.kind;
    };
    expect(['step-start', 'retry', 'text', 'reasoning'].map(part)).toEqual(['other', 'other', 'activity', 'activity']);
  });

  it('of a command tell what runs, since when and how long it may', () => {
    const running = events('command').flatMap((event) => (event.kind === 'tool' && event.isRunning ? event.call : []));
    expect(running.at(-1)).toMatchObject({ label: 'sleep 500', timeoutMs: 600_000, isDelegation: false });
    expect(running.at(-1)?.startedAt).toBeGreaterThan(0);
    const ended = events('permission').findLast((event) => event.kind === 'tool');
    expect(ended).toMatchObject({ isRunning: false });
  });

  it('of questions tell that they were asked and answered', () => {
    const told = events('permission');
    const asked = told.flatMap((event) => (event.kind === 'asked' ? event.ask.id : []));
    const answered = told.flatMap((event) => (event.kind === 'answered' ? event.askId : []));
    expect(asked).toHaveLength(1);
    expect(answered).toEqual(asked);
  });

  it('that are not understood are drift', () => {
    expect(parseEvent('{"type":"session.idle"}')).toMatchObject({ ok: false });
    const payload = { type: 'session.status', properties: { sessionID: 'ses_1', status: { type: 'dreaming' } } };
    expect(parseEvent(JSON.stringify({ payload }))).toMatchObject({ ok: false });
  });
});

describe('a turn', () => {
  it('tells since when a session is at work, its last sign of it, and what runs', () => {
    const parsed = parseTurn(answers('command', '/session/ses_').at(-1) ?? '');
    const turn = parsed.ok ? parsed.value : null;
    expect(turn?.running.map(({ label }) => label)).toEqual(['sleep 500']);
    expect(turn?.activeAt ?? 0).toBeGreaterThanOrEqual(turn?.beganAt ?? Number.NaN);
  });
});

describe('an address', () => {
  it('is shown without its password, and one however it is written', () => {
    const named = parseAddress('http://opencode:p%40ss@localhost:4096/');
    expect(named).toMatchObject({ url: 'http://opencode:p%40ss@localhost:4096', shown: 'http://localhost:4096' });
    expect(named?.key).toBe(parseAddress('http://127.0.0.1:4096')?.key);
    expect(parseAddress('http://[::1]:4096')).toMatchObject({ isLocal: true, port: 4096 });
    expect(parseAddress('https://example.org/opencode/')).toMatchObject({
      shown: 'https://example.org/opencode',
      port: 443,
      isLocal: false,
    });
    expect(parseAddress('nowhere')).toBeNull();
  });
});
