import { utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { beat, makeRun, watchStepped } from '../support/watched-run';

const SECOND = 1_000;
const DAY = 86_400_000;
const ahead = (ms: number) => new Date(Date.now() + ms).toISOString();

function watchBeat(over: Record<string, unknown>, mtimeAgoMs = 0) {
  const run = makeRun();
  run.well('neighbour');
  const path = run.put('w', 'heartbeat.json', beat(over));
  if (mtimeAgoMs) utimesSync(path, (Date.now() - mtimeAgoMs) / 1000, (Date.now() - mtimeAgoMs) / 1000);
  const watched = watchStepped([run.state]);
  expect(watched.row('neighbour')).toMatchObject({ health: 'healthy', reason: 'Heartbeat on time' });
  const skew = watched.report('w').evidence.find(({ kind }) => kind === 'clock_skew');
  return { run, path, watched, skew };
}

describe('a heartbeat from the future', () => {
  test('within the tolerance is taken for now, and not reported', () => {
    const { watched, skew } = watchBeat({ ts: ahead(4 * SECOND) });
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
    expect(watched.row('w').heartbeatAgeMs).toBeLessThan(SECOND);
    expect(skew).toBeUndefined();
    watched.step(31 * SECOND);
    expect(watched.row('w').state).toBe('dead');
  });

  test.each([
    ['a minute', 60 * SECOND, /^The heartbeat is (1 min|59 s)/],
    ['a thousand years', 365_000 * DAY, /^The heartbeat is \d{6} d/],
  ])('of %s is reported as skew, and the time of the file is used', (_name, ms, words) => {
    const { watched, skew } = watchBeat({ ts: ahead(ms) }, 10 * SECOND);
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
    expect(watched.row('w').heartbeatAgeMs).toBeGreaterThan(9 * SECOND);
    expect(watched.row('w').lastHeartbeatAt).toBeLessThan(Date.now());
    expect(skew).toMatchObject({ level: 'warn', text: expect.stringMatching(words) });
    expect(skew?.text).toContain("in the future; the file's own time is used");
    watched.step(21 * SECOND);
    expect(watched.row('w').state).toBe('dead');
  });

  test('in a file from the future counts from when it was read', () => {
    const { watched, skew } = watchBeat({ ts: ahead(DAY) }, -DAY);
    expect(skew).toBeDefined();
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
    expect(watched.row('w').lastHeartbeatAt).toBeLessThanOrEqual(watched.clock.wallMs());
    watched.step(31 * SECOND);
    expect(watched.row('w').state).toBe('dead');
  });

  test('that is right again is reported no more', () => {
    const { run, watched } = watchBeat({ ts: ahead(DAY) });
    run.put('w', 'heartbeat.json', beat());
    watched.look('w');
    expect(watched.report('w').evidence.map(({ kind }) => kind)).not.toContain('clock_skew');
  });
});

test.each(['1926-01-31T12:00:00Z', '1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z'])(
  'a heartbeat of %s is history and no alarm, and the next one counts',
  (ts) => {
    const { run, watched, skew } = watchBeat({ ts });
    expect(watched.row('w')).toMatchObject({ state: 'stopped', health: 'unknown', needsPerson: false });
    expect(watched.row('w').reason).toMatch(/^Silent before idlewatch first looked \(last sign of life \d+ d .*ago\)$/);
    expect(skew).toBeUndefined();
    run.put('w', 'heartbeat.json', beat({ ts: new Date(watched.clock.wallMs()).toISOString() }));
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
  },
);

test.each([
  ['without a zone', '2026-01-31T12:00:00'],
  ['of a day alone', '2026-01-31'],
  ['in words', 'yesterday'],
  ['of a month that is none', '2026-13-31T12:00:00Z'],
  ['in another form', 'Sat, 31 Jan 2026 12:00:00 GMT'],
  ['as a number', 1_769_860_800],
  ['as a huge number', 1e308],
  ['as null', null],
  ['as a list', ['2026-01-31T12:00:00Z']],
  ['empty', ''],
  ['of control characters', '\u001b[2J\u202e'],
])('a timestamp %s is no timestamp, and the reason says what is allowed', (_name, ts) => {
  const { watched } = watchBeat({ ts });
  const { state, reason } = watched.row('w');
  expect(state).toBe('stalled');
  expect(reason).toMatch(
    /^Heartbeat has no timestamp: (there is no "ts"|"ts" is (".*"|[\d.e+]+); allowed is RFC 3339 with a zone, such as )/,
  );
  expect(reason).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test.each([
  ['nanoseconds', (iso: string) => iso.replace('Z', '456789Z')],
  ['an offset', (iso: string) => iso.replace('Z', '+00:00')],
  ['a space for the T', (iso: string) => iso.replace('T', ' ')],
  ['small letters', (iso: string) => iso.toLowerCase()],
])('a timestamp with %s is one', (_name, write) => {
  const { watched } = watchBeat({ ts: write(new Date().toISOString()) });
  expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy', reason: 'Heartbeat on time' });
});

describe('a command', () => {
  test('that started in the future is no excuse for ever, however often it is said: it counts from when it was first', () => {
    const status = { status: 'busy', task: { title: 'later', started_at: ahead(365 * DAY) } };
    const { run, watched, skew } = watchBeat(status);
    expect(skew?.text).toMatch(/^The task's start is (365|364) d .*in the future/);
    for (let time = 0; time < 30; time += 1) {
      expect(watched.row('w').state).toBe('busy');
      watched.step(10 * SECOND);
      const now = watched.clock.wallMs() / 1000;
      utimesSync(run.put('w', 'heartbeat.json', beat({ ...status, ts: new Date(now * 1000).toISOString() })), now, now);
    }
    watched.step(5 * SECOND);
    expect(watched.row('w').reason).toMatch(/^“later” has been running for 5 min/);
    expect(watched.row('w').state).toBe('stalled');
  });

  test.each([
    ['the future', Date.now() + 365 * DAY],
    ['the future, in seconds', (Date.now() + 365 * DAY) / 1000],
    ['a far future', 1e300],
    ['long before there were agents', 12.5],
    ['before everything', -1e300],
  ])('of wire events in %s counts from when it was seen', (_name, timestamp) => {
    const run = makeRun();
    run.put('w', 'heartbeat.json', beat({ status: 'busy' }));
    const event = { timestamp, message: { type: 'ToolCall', payload: { id: 'a', name: 'make' } } };
    run.put('w', 'wire-events.jsonl', `${JSON.stringify(event)}\n`);
    const watched = watchStepped([run.state]);
    watched.step(200 * SECOND);
    expect(watched.row('w')).toMatchObject({ state: 'busy', reason: 'Running “make” (allowed 5 min)' });
    watched.step(110 * SECOND);
    expect(watched.row('w').reason).toMatch(/^“make” has been running for 5 min/);
  });

  test('of wire events without a time, in a file from a while ago, is as old as the file', () => {
    const run = makeRun();
    run.put('w', 'heartbeat.json', beat({ status: 'busy' }));
    const path = run.put('w', 'wire-events.jsonl', '{"type":"ToolCall","payload":{"id":"a","name":"make"}}\n');
    utimesSync(path, Date.now() / 1000 - 1_000, Date.now() / 1000 - 1_000);
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ state: 'stalled' });
    expect(watched.row('w').reason).toMatch(/^“make” has been running for 16 min 40 s/);
  });
});

test.each([
  ['interval_ms', 1e300],
  ['interval_ms', -5],
  ['interval_ms', 0],
  ['pid', 1e21],
  ['pid', -1],
  ['pid', 1.5],
  ['silent_until', '-271821-04-20T00:00:00Z'],
  ['started_at', 1e300],
  ['progress', 1e300],
])('an absurd %s of %s changes nothing', (field, value) => {
  const { watched } = watchBeat({ [field]: value });
  expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
  watched.step(31 * SECOND);
  expect(watched.row('w').state).toBe('dead');
});

test('silence is asked for an hour at most', () => {
  const { watched } = watchBeat({ silent_until: '9999-12-31T23:59:59Z' });
  watched.step(3_500 * SECOND);
  expect(watched.row('w')).toMatchObject({ state: 'ready', reason: 'Asked not to be missed for a while' });
  watched.step(110 * SECOND);
  expect(watched.row('w').state).toBe('dead');
});
