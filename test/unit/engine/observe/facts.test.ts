import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ageOf,
  factsOf,
  type Instant,
  lastActivity,
  limitsOf,
  livedSince,
  wasSilentBefore,
} from '../../../../src/engine/observe/facts';
import type { LifeSign, Moment, Reading } from '../../../../src/engine/sources/source';
import { newRecord, type WorkerRecord } from '../../../../src/engine/worker-record';
import { defaultSettings } from '../../../../src/shared/settings';
import { reading } from '../../../fixtures/reading';

const HOUR = 3_600_000;
const WALL = 1_700_000_000_000;

/** A moment `agoMs` before monotonic 0. */
const ago = (agoMs: number): Moment => ({ monotonicMs: -agoMs, at: WALL - agoMs });
const sign = (agoMs: number, from: LifeSign['from'] = 'log'): LifeSign => ({ ...ago(agoMs), from });
const now = (changes: Partial<Instant> = {}): Instant => ({
  monotonicMs: 0,
  at: WALL,
  windowStart: Number.NEGATIVE_INFINITY,
  ...changes,
});
const beat = (agoMs: number | null): Reading['heartbeat'] => ({
  fault: null,
  content: null,
  beat: agoMs === null ? null : ago(agoMs),
});

/** Known since monotonic `-agoMs`. Its source is not asked. */
function knownFor(agoMs: number): WorkerRecord {
  return newRecord('worker-directory:/run/workers/w', null as never, ago(agoMs));
}

const facts = (given: Partial<Reading>, at: Partial<Instant> = {}, knownForMs = 600_000) =>
  factsOf(knownFor(knownForMs), reading(given), now(at), null);

describe('the age of a moment', () => {
  it.each<[string, Moment | null, Partial<Instant>, number | null]>([
    ['of none is none', null, {}, null],
    ['is the monotonic time since', ago(12_000), {}, 12_000],
    ['is not touched by a wall clock that was set', ago(12_000), { at: WALL + HOUR }, 12_000],
    ['is never negative', { monotonicMs: 5_000, at: WALL }, {}, 0],
    ['counts from the window on', ago(12_000), { windowStart: -4_000 }, 4_000],
    ['is whole where the window began before', ago(12_000), { windowStart: -20_000 }, 12_000],
    ['is 0 where the window begins later than it', ago(12_000), { windowStart: 3_000 }, 0],
  ])('%s', (_, moment, at, expected) => {
    expect(ageOf(moment, now(at))).toBe(expected);
  });

  it('is a number from 0 on, whatever the clocks did', () => {
    const ms = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    const window = fc.oneof(ms, fc.constant(Number.NEGATIVE_INFINITY));
    fc.assert(
      fc.property(ms, ms, ms, window, (monotonicMs, nowMs, wall, windowStart) => {
        const age = ageOf({ monotonicMs, at: wall }, { monotonicMs: nowMs, at: wall, windowStart });
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe('the facts the watchdog judges', () => {
  it('all ages begin anew with the window: nothing that silence is measured by counts the time before it', () => {
    const old = {
      heartbeat: beat(100_000),
      otherLife: sign(90_000),
      progress: sign(80_000, 'outbox'),
      specWritten: ago(70_000),
      request: ago(60_000),
      command: { label: 'make', started: ago(50_000) },
    };
    expect(facts(old)).toMatchObject({
      heartbeat: { ageMs: 100_000, fault: null },
      otherLife: { ageMs: 90_000, from: 'log' },
      progress: { ageMs: 80_000, from: 'outbox' },
      specAgeMs: 70_000,
      requestAgeMs: 60_000,
      command: { label: 'make', ageMs: 50_000 },
      firstSeenAgeMs: 600_000,
    });
    expect(facts(old, { windowStart: -2_000 })).toMatchObject({
      heartbeat: { ageMs: 2_000 },
      otherLife: { ageMs: 2_000 },
      progress: { ageMs: 2_000 },
      specAgeMs: 2_000,
      requestAgeMs: 2_000,
      command: { ageMs: 2_000 },
      firstSeenAgeMs: 2_000,
    });
  });

  it('what there is none of has no age, and a worker that keeps no heartbeat has none', () => {
    expect(facts({})).toMatchObject({ heartbeat: { ageMs: null }, otherLife: null, progress: null, command: null });
    expect(facts({})).toMatchObject({ specAgeMs: null, requestAgeMs: null, silentForMs: null });
    expect(facts({ heartbeat: null }).heartbeat).toBeNull();
  });

  it('carries the hold, the verdict before, and what is known of the process', () => {
    const record = knownFor(0);
    record.process = { ...record.process, liveness: 'gone', goneReadings: 2, seenAlive: true };
    record.verdict = { state: 'ready', health: 'healthy', reason: 'Heartbeat on time', rule: 11, nextLookMs: 1 };
    expect(factsOf(record, reading(), now(), 'the machine slept')).toMatchObject({
      hold: 'the machine slept',
      previous: record.verdict,
      liveness: 'gone',
      goneReadings: 2,
      seenAlive: true,
      pid: null,
    });
  });
});

describe('silent_until', () => {
  it.each<[string, { inMs: number; beatAgoMs: number | null; at?: Partial<Instant> }, number]>([
    ['holds for as long as it says', { inMs: 600_000, beatAgoMs: 5_000 }, 600_000],
    ['holds for no more than an hour from its heartbeat on', { inMs: 5 * HOUR, beatAgoMs: 600_000 }, HOUR - 600_000],
    ['an hour to the millisecond is believed', { inMs: HOUR, beatAgoMs: 0 }, HOUR],
    ['and not one more', { inMs: HOUR + 1, beatAgoMs: 0 }, HOUR],
    ['is over when it is past', { inMs: -1_000, beatAgoMs: 5_000 }, -1_000],
    ['is over an hour after its heartbeat, whatever it says', { inMs: 50 * HOUR, beatAgoMs: HOUR }, 0],
    ['counts from now where its heartbeat has no time', { inMs: 5 * HOUR, beatAgoMs: null }, HOUR],
    [
      'does not last longer because the clock was set back',
      { inMs: 600_000, beatAgoMs: 1_800_000, at: { at: WALL - 10 * HOUR } },
      HOUR - 1_800_000,
    ],
  ])('%s', (_, { inMs, beatAgoMs, at }, expected) => {
    expect(facts({ heartbeat: beat(beatAgoMs), silentUntil: WALL + inMs }, at).silentForMs).toBe(expected);
  });
});

describe('silent before idlewatch first looked', () => {
  it.each<[string, Partial<Reading>, boolean]>([
    ['a heartbeat of exactly an hour ago is no history yet', { heartbeat: beat(HOUR) }, false],
    ['a millisecond more is', { heartbeat: beat(HOUR + 1) }, true],
    ['the newest sign counts: a log', { heartbeat: beat(5 * HOUR), otherLife: sign(HOUR) }, false],
    ['an open model request', { heartbeat: beat(5 * HOUR), request: ago(60_000) }, false],
    ['an old log and an old heartbeat', { heartbeat: beat(5 * HOUR), otherLife: sign(2 * HOUR) }, true],
    ['without any sign of life the spec tells', { specWritten: ago(HOUR + 1) }, true],
    ['a new spec', { specWritten: ago(1_000) }, false],
    ['a new spec does not make old silence new', { specWritten: ago(1_000), heartbeat: beat(2 * HOUR) }, true],
    ['nothing known at all is no history', {}, false],
    ['a worker that keeps no heartbeat', { heartbeat: null, otherLife: sign(2 * HOUR) }, true],
  ])('%s', (_, given, expected) => {
    expect(wasSilentBefore(reading(given), now())).toBe(expected);
  });
});

describe('life since first sight', () => {
  it.each<[string, Partial<Reading>, boolean]>([
    ['a heartbeat after it', { heartbeat: beat(999) }, true],
    ['a heartbeat of that very moment is not since', { heartbeat: beat(1_000) }, false],
    ['a log after it', { heartbeat: beat(5_000), otherLife: sign(10) }, true],
    ['a request after it', { request: ago(10) }, true],
    ['nothing', {}, false],
  ])('%s', (_, given, expected) => {
    expect(livedSince(reading(given), -1_000)).toBe(expected);
  });
});

describe('the last activity', () => {
  const trace = (kind: 'inbox' | 'outbox', agoMs: number | null) => ({
    kind,
    text: '',
    moment: agoMs === null ? null : ago(agoMs),
    fault: false,
  });
  it.each<[string, Partial<Reading>, number | null]>([
    ['is no heartbeat', { heartbeat: beat(5), progress: sign(5, 'heartbeat') }, null],
    ['is the newest growth of any file', { traces: [trace('inbox', 300), trace('outbox', 200)] }, 200],
    ['counts tasks that were given', { otherLife: sign(500), traces: [trace('inbox', 300)] }, 300],
    ['counts a log that is followed no more', { otherLife: sign(100), traces: [trace('inbox', 300)] }, 100],
    ['is none of an empty file', { traces: [trace('inbox', null)] }, null],
  ])('%s', (_, given, agoMs) => {
    const last = lastActivity(reading(given));
    expect(last && -last.monotonicMs).toBe(agoMs);
  });
});

it('limits are the settings’, seconds as milliseconds', () => {
  const settings = { ...defaultSettings(), heartbeat_missing_secs: 1.5, heartbeat_stale_secs: 2, startupGraceMs: 7 };
  expect(limitsOf(settings)).toEqual({
    heartbeatMissingMs: 1_500,
    heartbeatStaleMs: 2_000,
    commandTimeoutMs: 300_000,
    startupGraceMs: 7,
    requestSilenceMs: 120_000,
    nearMs: Number.POSITIVE_INFINITY,
  });
});
