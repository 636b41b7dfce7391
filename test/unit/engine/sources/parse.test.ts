import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  declaredBy,
  entryId,
  parseHeartbeat,
  parseSpec,
  parseTime,
} from '../../../../src/engine/sources/worker-directory/parse';

const TS = '2026-01-31T12:00:00Z';
const AT = Date.UTC(2026, 0, 31, 12);
const NOTHING = {
  ...{ status: null, name: null, ts: TS, pid: null, startedAt: null, intervalMs: null, task: null },
  ...{ phase: null, progress: null, silentUntil: null, message: null },
};
const content = (fields: object) => parseHeartbeat(JSON.stringify({ ts: TS, ...fields })).content;

describe('parseTime', () => {
  test.each([
    [TS, AT],
    ['2026-01-31T13:00:00+01:00', AT],
    ['2026-01-31T06:30:00-05:30', AT],
    ['2026-01-31T12:00:00.250Z', AT + 250],
    ['2026-01-31T12:00:00.250999999Z', AT + 250],
    ['2026-01-31 12:00:00Z', AT],
    ['2026-01-31t12:00:00z', AT],
    ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59)],
    ['2017-01-01T05:29:60.5+05:30', Date.UTC(2016, 11, 31, 23, 59, 59, 500)],
  ])('%s is a time', (text, at) => expect(parseTime(text)).toEqual({ ok: true, at }));

  test.each([
    '2026-01-31T12:00:00',
    '2026-01-31',
    '12:00:00Z',
    '2026-01-32T12:00:00Z',
    '2026-01-31T25:00:00Z',
    ' 2026-01-31T12:00:00Z',
    'January 31, 2026 12:00 UTC',
    '1769860800',
    '+2026-01-31T12:00:00Z',
  ])('%s is none, and the reason names it and what is allowed', (text) => {
    const parsed = parseTime(text);
    expect(parsed).toEqual({
      ok: false,
      detail: `"ts" is "${text}"; allowed is RFC 3339 with a zone, such as 2026-01-31T12:00:00Z`,
    });
  });

  test.each([1_769_860_800, 1_769_860_800_000, 0.5])('the number %s is none, and the reason names it', (value) =>
    expect(parseTime(value)).toEqual({
      ok: false,
      detail: expect.stringContaining(`"ts" is ${value}; allowed is RFC 3339`),
    }),
  );

  test.each([undefined, null, '', {}, [TS]])('%j is not there', (value) =>
    expect(parseTime(value)).toEqual({ ok: false, detail: 'there is no "ts"' }),
  );

  test('every moment of these centuries written by a program is read back', () => {
    const moment = fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(
        moment,
        (date) => void expect(parseTime(date.toISOString())).toEqual({ ok: true, at: date.getTime() }),
      ),
    );
  });
});

describe('parseHeartbeat', () => {
  test('takes every field of the contract', () => {
    const task = { id: 7, title: 'Mend it', started_at: '2026-01-31T11:59:00Z' };
    expect(
      content({
        ...{ status: 'busy', name: 'Ada', pid: 42, started_at: '2026-01-31T11:00:00Z', interval_ms: 5_000, task },
        ...{ phase: 'tests', progress: 0.5, silent_until: '2026-01-31T12:30:00Z', message: 'hello' },
      }),
    ).toEqual({
      ...{ status: 'busy', name: 'Ada', ts: TS, pid: 42, startedAt: AT - 3_600_000, intervalMs: 5_000 },
      task: { id: '7', title: 'Mend it', startedAt: AT - 60_000 },
      ...{ phase: 'tests', progress: '0.5', silentUntil: AT + 1_800_000, message: 'hello' },
    });
  });

  test('needs the time alone', () => {
    expect(parseHeartbeat(`{"ts":"${TS}"}`)).toEqual({ ok: true, at: AT, content: NOTHING });
    expect(parseHeartbeat('{"status":"busy"}')).toMatchObject({
      ok: false,
      kind: 'no_timestamp',
      content: { status: 'busy' },
    });
  });

  /** Every field with every kind of value that is not the field's own: taken as not given. */
  const WRONG: Record<string, unknown[]> = {
    status: [1, true, null, [], {}],
    name: [1, true, null, [], {}],
    pid: ['42', 0, -1, 1.5, 2 ** 31, 1e300, true, null, [], {}],
    started_at: ['soon', 5, true, null, [], {}],
    interval_ms: ['5', 0, -1, 86_400_001, 1e300, true, null, [], {}],
    task: ['mend it', 1, true, null],
    phase: [1, true, null, [], {}],
    progress: [true, null, [], {}],
    silent_until: ['soon', 5, true, null, [], {}],
    message: [1, true, null, [], {}],
  };
  const cases = Object.entries(WRONG).flatMap(([field, values]) => values.map((value) => ({ field, value })));
  test.each(cases)('$field of $value is taken as not given', ({ field, value }) => {
    expect(content({ [field]: value })).toEqual(NOTHING);
  });

  test.each([
    ['id', [true, {}, null]],
    ['title', [1, {}, null]],
    ['started_at', ['soon', 1, {}]],
  ])('a wrong %s of a task leaves the rest of it', (field, values) => {
    const task = { id: 'a', title: 'b', started_at: TS };
    const without = { id: 'id', title: 'title', started_at: 'startedAt' }[field] ?? '';
    for (const value of values) {
      expect(content({ task: { ...task, [field]: value } })?.task).toEqual({
        ...{ id: 'a', title: 'b', startedAt: AT },
        [without]: null,
      });
    }
  });

  test.each([
    ['', 'it is empty'],
    ['\u0000', /./],
    ['{', /./],
    ['[]', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
    ['"busy"', 'it is not a JSON object'],
  ])('%j is invalid JSON', (text, detail) => {
    expect(parseHeartbeat(text)).toMatchObject({ ok: false, kind: 'invalid_json', content: null });
    const { detail: said } = parseHeartbeat(text) as { detail: string };
    if (typeof detail === 'string') expect(said).toBe(detail);
    else expect(said).toMatch(detail);
  });

  test('what a parser says of hostile JSON is shown harmlessly', () => {
    expect((parseHeartbeat('{"a":\u202e\u0007\n') as { detail: string }).detail).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test('never throws and always answers, whatever the JSON or text', () => {
    const anything = fc.oneof(fc.json({ stringUnit: 'binary' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = parseHeartbeat(text);
        if (parsed.ok) expect(Number.isFinite(parsed.at)).toBe(true);
        else expect(parsed.detail).not.toBe('');
      }),
    );
  });
});

describe('parseSpec', () => {
  const NO_SPEC = { name: null, role: null, inbox: null, outbox: null, heartbeat: null, pid: null };

  test('takes what it knows, and leaves the rest to the worker', () => {
    const spec = { name: 'Ada', role: 'coder', inbox: '/a/in', outbox: 'out', heartbeat: 'h', pid: 5 };
    expect(parseSpec(JSON.stringify({ ...spec, project_dir: 7, tools: [] }))).toEqual({ ok: true, spec });
    expect(parseSpec('{}')).toEqual({ ok: true, spec: NO_SPEC });
    const nulls = Object.fromEntries(Object.keys(NO_SPEC).map((key) => [key, null]));
    expect(parseSpec(JSON.stringify(nulls))).toEqual({ ok: true, spec: NO_SPEC });
    expect(parseSpec('{"name":"","role":""}')).toEqual({ ok: true, spec: NO_SPEC });
  });

  const wrong = ['name', 'role', 'inbox', 'outbox', 'heartbeat'].flatMap((field) =>
    [1, true, [], {}].map((value) => ({ field, value })),
  );
  test.each(wrong)('$field of $value is wrong, and named', ({ field, value }) => {
    expect(parseSpec(JSON.stringify({ [field]: value }))).toEqual({
      ok: false,
      detail: expect.stringMatching(`^"${field}" is wrong: `),
    });
  });

  test.each(['', 'a\0b', 'x'.repeat(4_097)])('a path of %j is wrong', (path) => {
    expect(parseSpec(JSON.stringify({ outbox: path }))).toMatchObject({ ok: false });
  });

  test('a pid that is none is taken as not given', () => {
    for (const pid of ['5', 0, -1, 1.5, 1e300])
      expect(parseSpec(JSON.stringify({ pid }))).toEqual({ ok: true, spec: NO_SPEC });
  });

  test('never throws and always answers, whatever the JSON or text', () => {
    const anything = fc.oneof(fc.json({ stringUnit: 'binary' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = parseSpec(text);
        if (!parsed.ok) expect(parsed.detail).not.toBe('');
      }),
    );
  });
});

describe('declaredBy', () => {
  test.each([
    ['starting', 'starting'],
    ['ready', 'ready'],
    ['idle', 'ready'],
    ['busy', 'busy'],
    ['working', 'busy'],
    ['running', 'busy'],
    ['stopped', 'stopped'],
    ['exited', 'stopped'],
    ['waiting', 'waiting'],
    ['waiting_for_input', 'waiting'],
    ['Waiting for approval', 'waiting'],
    ['AWAITING-INPUT', 'waiting'],
    [' Busy\n', 'busy'],
    ['alive', null],
    ['', null],
    ['busyish', null],
    [null, null],
  ])('%j declares %s', (status, declared) => expect(declaredBy(status)).toBe(declared));

  test('no other word declares anything, be it the name of something every object has', () => {
    for (const word of Object.getOwnPropertyNames(Object.prototype)) expect(declaredBy(word)).toBeNull();
    fc.assert(
      fc.property(fc.string(), (text) => void expect([null, 'busy', 'ready', 'idle']).toContain(declaredBy(text))),
    );
  });
});

describe('entryId', () => {
  test.each([
    ['{"id":"a"}', 'a'],
    ['{"id":7,"task":"x"}', '7'],
    ['{"id":""}', ''],
    ['{"id":null}', null],
    ['{"id":{}}', null],
    ['{"task_id":"a"}', null],
    ['[1]', null],
    ['null', null],
    ['7', null],
    ['{"id":', null],
    ['', null],
  ])('of the inbox line %s is %j', (line, id) => expect(entryId(line, 'id')).toBe(id));

  test('of the outbox is the task it answers', () => {
    expect(entryId('{"id":"mine","task_id":"a"}', 'task_id')).toBe('a');
  });

  test('is bounded', () => expect(entryId(JSON.stringify({ id: 'x'.repeat(5_000) }), 'id')).toHaveLength(200));
});
