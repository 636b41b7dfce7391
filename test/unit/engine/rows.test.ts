import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../../src/engine/observe/facts';
import type { Verdict } from '../../../src/engine/observe/verdict';
import { reportOf, rowOf } from '../../../src/engine/rows';
import type { Moment, Reading } from '../../../src/engine/sources/source';
import { NO_PROCESS, newRecord, type ProcessKnown, type WorkerRecord } from '../../../src/engine/worker-record';
import { defaultSettings } from '../../../src/shared/settings';
import { reading } from '../../fixtures/reading';

const WALL = 1_700_000_000_000;
const LIMITS = limitsOf(defaultSettings());
const FOREVER = Number.NEGATIVE_INFINITY;
const ago = (agoMs: number): Moment => ({ monotonicMs: 1_000_000 - agoMs, at: WALL - agoMs });

const verdict = (state: Verdict['state'], health: Verdict['health'], reason = 'why'): Verdict => ({
  state,
  health,
  reason,
  rule: 11,
  nextLookMs: 0,
});
const ALIVE: ProcessKnown = {
  ...NO_PROCESS,
  liveness: 'alive',
  identity: { pid: 600, startTime: '1' },
  shown: { pid: 600, startedAt: null, from: 'heartbeat', verified: true, why: 'it works in the worker directory' },
};

/** A worker that was judged at monotonic 1,000,000. */
function record(given: Partial<Reading>, over: Partial<WorkerRecord> = {}): WorkerRecord {
  const source = { kind: 'worker-directory' } as WorkerRecord['source'];
  return {
    ...newRecord('worker-directory:/run/workers/w', source, ago(600_000)),
    judgedAt: ago(0),
    reading: reading(given),
    verdict: verdict('ready', 'healthy'),
    ...over,
  };
}
const beat = (agoMs: number | null, fault: NonNullable<Reading['heartbeat']>['fault'] = null) => ({
  heartbeat: { fault, content: null, beat: agoMs === null ? null : ago(agoMs) },
});

describe('who needs a person, and whom ending is offered for', () => {
  it.each<[Verdict, ProcessKnown, boolean, { needsPerson: boolean; canEnd: boolean }]>([
    [verdict('stalled', 'stalled'), ALIVE, false, { needsPerson: true, canEnd: true }],
    [verdict('dead', 'dead'), ALIVE, false, { needsPerson: true, canEnd: true }],
    [verdict('stalled', 'stalled'), ALIVE, true, { needsPerson: false, canEnd: true }],
    [verdict('stalled', 'stalled'), NO_PROCESS, false, { needsPerson: true, canEnd: false }],
    [verdict('stalled', 'stalled'), { ...ALIVE, identity: null }, false, { needsPerson: true, canEnd: false }],
    [verdict('dead', 'dead'), { ...ALIVE, liveness: 'gone' }, false, { needsPerson: true, canEnd: false }],
    [verdict('stopped', 'unknown'), ALIVE, false, { needsPerson: false, canEnd: true }],
    [verdict('stopped', 'unknown'), NO_PROCESS, false, { needsPerson: false, canEnd: false }],
    [verdict('ready', 'late'), ALIVE, false, { needsPerson: false, canEnd: false }],
    [verdict('busy', 'healthy'), ALIVE, false, { needsPerson: false, canEnd: false }],
    [verdict('waiting', 'healthy'), ALIVE, false, { needsPerson: false, canEnd: false }],
  ])('%j', (judged, process, snoozed, expected) => {
    expect(rowOf(record({}, { verdict: judged, process, snoozed }), LIMITS, FOREVER)).toMatchObject(expected);
  });
});

describe('a row', () => {
  it('has its ages as of the judgement, the newest life of any kind, and no time before the window', () => {
    const given = { ...beat(9_000), otherLife: { ...ago(4_000), from: 'log' as const } };
    expect(rowOf(record(given), LIMITS, FOREVER)).toMatchObject({
      judgedAt: WALL,
      lastHeartbeatAt: WALL - 9_000,
      heartbeatAgeMs: 9_000,
      lifeAgeMs: 4_000,
    });
    expect(rowOf(record(given), LIMITS, 999_000)).toMatchObject({ heartbeatAgeMs: 1_000, lifeAgeMs: 1_000 });
    expect(rowOf(record({}), LIMITS, FOREVER)).toMatchObject({ heartbeatAgeMs: null, lifeAgeMs: null });
  });

  it('has the thresholds that hold for this worker', () => {
    expect(rowOf(record({}), LIMITS, FOREVER)).toMatchObject({ heartbeatMissingMs: 30_000, heartbeatStaleMs: 60_000 });
    expect(rowOf(record({ intervalMs: 20_000 }), LIMITS, FOREVER)).toMatchObject({
      heartbeatMissingMs: 50_000,
      heartbeatStaleMs: 60_000,
    });
  });

  it('names what else is wrong with the worker beside the verdict', () => {
    const problems = ['worker-spec.json is no JSON', 'another'];
    expect(rowOf(record({ problems }), LIMITS, FOREVER).reason).toBe('why · worker-spec.json is no JSON');
  });

  it.each<[Reading['howEnded'], 'failed' | 'timed_out' | null]>([
    ['failed', 'failed'],
    ['timed_out', 'timed_out'],
    ['finished', null],
    ['ended', null],
    ['gone', null],
    [undefined, null],
  ])('that has stopped tells whether it failed: %s', (howEnded, failure) => {
    const stopped = { verdict: verdict('stopped', 'unknown') };
    expect(rowOf(record({ howEnded }, stopped), LIMITS, FOREVER).failure).toBe(failure);
    // What a session worked on may have failed while the session goes on; and what a person ended has not failed.
    expect(rowOf(record({ howEnded }), LIMITS, FOREVER).failure).toBeNull();
    expect(rowOf(record({ howEnded }, { ...stopped, ended: ago(1_000) }), LIMITS, FOREVER).failure).toBeNull();
  });

  it('is made once, and anew when something changed', () => {
    const known = record({});
    const row = rowOf(known, LIMITS, FOREVER);
    expect(rowOf(known, LIMITS, FOREVER)).toBe(row);
    const report = reportOf(known, LIMITS, FOREVER);
    expect(reportOf(known, LIMITS, FOREVER)).toBe(report);
    known.row = null;
    known.snoozed = true;
    expect(reportOf(known, LIMITS, FOREVER)).toMatchObject({ snoozed: true });
  });
});

describe('the evidence', () => {
  const evidence = (given: Partial<Reading>, over: Partial<WorkerRecord> = {}) =>
    reportOf(record(given, over), LIMITS, FOREVER).evidence;

  it('is one line for each fact with its age, and what is wrong is marked', () => {
    const lines = evidence({
      ...beat(9_000),
      clockSkew: 'The heartbeat is 2 min in the future',
      traces: [
        { kind: 'inbox', text: '2 tasks', moment: ago(60_000), fault: false },
        { kind: 'outbox', text: 'permission denied', moment: null, fault: true },
      ],
      command: { label: 'make', started: ago(5_000) },
      request: ago(3_000),
      specWritten: ago(500_000),
      problems: ['worker-spec.json names a path outside'],
    });
    expect(lines.map(({ kind, text, ageMs, level }) => [kind, text, ageMs, level])).toEqual([
      ['heartbeat', 'without a status', 9_000, 'info'],
      ['clock_skew', 'The heartbeat is 2 min in the future', null, 'warn'],
      ['inbox', '2 tasks', 60_000, 'info'],
      ['outbox', 'permission denied', null, 'fault'],
      ['command', '“make” is running', 5_000, 'info'],
      ['request', 'a model request is open', 3_000, 'info'],
      ['process', 'no process is named', null, 'info'],
      ['spec', 'worker-spec.json', 500_000, 'info'],
      ['spec', 'worker-spec.json names a path outside', null, 'fault'],
      ['first_seen', 'by idlewatch', 600_000, 'info'],
    ]);
  });

  it.each<[NonNullable<Reading['heartbeat']>['fault'], string]>([
    [{ kind: 'missing' }, 'missing'],
    [{ kind: 'unreadable', detail: 'it is a FIFO' }, 'cannot be read: it is a FIFO'],
    [{ kind: 'invalid_json', detail: 'it ends early' }, 'invalid JSON: it ends early'],
    [{ kind: 'no_timestamp', detail: 'ts is 7' }, 'no timestamp: ts is 7'],
  ])('of a heartbeat with a fault: %j', (fault, text) => {
    expect(evidence(beat(null, fault))[0]).toMatchObject({ kind: 'heartbeat', text, level: 'fault' });
  });

  it('a worker that keeps no heartbeat has no line of it', () => {
    expect(evidence({ heartbeat: null }).map(({ kind }) => kind)).toEqual(['process', 'first_seen']);
  });

  it.each<[string, ProcessKnown, string, string]>([
    ['verified', ALIVE, '600 alive, verified: it works in the worker directory', 'info'],
    [
      'not verified',
      { ...ALIVE, identity: null, shown: ALIVE.shown && { ...ALIVE.shown, verified: false, why: 'it is root’s' } },
      '600 alive, not verified: it is root’s',
      'warn',
    ],
    ['gone', { ...ALIVE, liveness: 'gone' }, '600 gone', 'warn'],
    [
      'another program’s by now',
      {
        ...ALIVE,
        liveness: 'gone',
        shown: ALIVE.shown && { ...ALIVE.shown, verified: false, why: 'its pid was given on' },
      },
      '600 gone: its pid was given on',
      'warn',
    ],
  ])('of a process that is %s', (_, process, text, level) => {
    expect(evidence({}, { process }).find(({ kind }) => kind === 'process')).toMatchObject({ text, level });
  });
});
