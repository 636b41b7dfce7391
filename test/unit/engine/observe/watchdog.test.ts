import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Facts, isOverTime, type Limits, limitsFor } from '../../../../src/engine/observe/verdict';
import { judge } from '../../../../src/engine/observe/watchdog';

const LIMITS: Limits = {
  heartbeatMissingMs: 30_000,
  heartbeatStaleMs: 60_000,
  commandTimeoutMs: 300_000,
  startupGraceMs: 30_000,
  requestSilenceMs: 120_000,
  nearMs: Number.POSITIVE_INFINITY,
};

/** A ready worker that beat one second ago and has been known for ten minutes. */
function facts(changes: Partial<Facts> = {}): Facts {
  return {
    hold: null,
    previous: null,
    unreadable: null,
    declared: null,
    asks: null,
    task: null,
    heartbeat: { ageMs: 1_000, fault: null },
    otherLife: null,
    progress: null,
    specAgeMs: 600_000,
    firstSeenAgeMs: 600_000,
    silentAtFirstSight: false,
    endedAgeMs: null,
    unclear: null,
    command: null,
    requestAgeMs: null,
    inFlight: null,
    openTasks: 0,
    runTime: null,
    orphaned: null,
    stoppedReason: null,
    intervalMs: null,
    staleMs: null,
    silentForMs: null,
    liveness: 'unknown',
    pid: null,
    goneReadings: 0,
    seenAlive: false,
    ...changes,
  };
}

const beat = (ageMs: number | null, fault: NonNullable<Facts['heartbeat']>['fault'] = null) => ({
  heartbeat: { ageMs, fault },
});
const life = (ageMs: number) => ({ otherLife: { ageMs, from: 'wire_events' as const } });
const progress = (ageMs: number) => ({ progress: { ageMs, from: 'outbox' as const } });
const atWork = (connections: number, isBelow = false) => ({ inFlight: { isMeasured: true, connections, isBelow } });
const MAKE = { command: { label: 'make', ageMs: 400_000 } };
const SESSION = { heartbeat: null, declared: 'busy' as const, staleMs: 300_000 };
const ALIVE = { liveness: 'alive' as const, pid: 77 };
const STALLED = judge(facts({ ...beat(500_000), ...ALIVE }), LIMITS);
const previous = judge(facts({ declared: 'busy', progress: { ageMs: 0, from: 'log' } }), LIMITS);

interface Row {
  name: string;
  given: Partial<Facts>;
  rule: number;
  state: string;
  health?: string;
  reason?: RegExp;
  limits?: Partial<Limits>;
}

const TABLE: Row[] = [
  {
    name: 'unreadable keeps the state it had',
    given: { previous, unreadable: 'permission denied' },
    rule: 0,
    state: 'busy',
    health: 'unknown',
    reason: /^Cannot be read: permission denied$/,
  },
  {
    name: 'unreadable from the first look on is in the state it says',
    given: { unreadable: 'expected its transcript, found none', declared: 'busy' },
    rule: 0,
    state: 'busy',
    health: 'unknown',
  },
  {
    name: 'a hold keeps the verdict it had',
    given: { previous, hold: 'slept', ...beat(9_999_999) },
    rule: 1,
    state: 'busy',
    health: 'healthy',
  },
  {
    name: 'a hold without a verdict says nothing bad',
    given: { hold: 'slept', ...beat(9_999_999) },
    rule: 1,
    state: 'starting',
    health: 'unknown',
  },
  {
    name: 'declared stopped',
    given: { declared: 'stopped', ...beat(500_000) },
    rule: 2,
    state: 'stopped',
    health: 'unknown',
  },
  {
    name: 'declared stopped with the last lines in the same moment',
    given: { declared: 'stopped', ...beat(500_000), ...life(499_500) },
    rule: 2,
    state: 'stopped',
  },
  {
    name: 'declared stopped, but alive later',
    given: { declared: 'stopped', ...beat(20_000), ...life(1_000) },
    rule: 11,
    state: 'ready',
  },
  {
    name: 'declared stopped with a process that lives',
    given: { declared: 'stopped', ...beat(500_000), liveness: 'alive', pid: 77 },
    rule: 2,
    state: 'stopped',
    reason: /process 77 is alive/,
  },
  {
    name: 'a stopped one whose end is known better',
    given: { declared: 'stopped', stoppedReason: 'Failed with exit code 3', liveness: 'alive', pid: 77 },
    rule: 2,
    state: 'stopped',
    reason: /^Failed with exit code 3; its process 77 is alive$/,
  },
  {
    name: 'orphaned outranks its process being gone',
    given: { orphaned: 'its supervisor (pid 7) is gone', declared: 'busy', liveness: 'gone', pid: 77, goneReadings: 2 },
    rule: 12,
    state: 'stalled',
    reason: /^Orphaned: its supervisor \(pid 7\) is gone$/,
  },
  {
    name: 'within its run time',
    given: { heartbeat: null, declared: 'busy', runTime: { ageMs: 2_399_999, limitMs: 3_600_000 } },
    rule: 11,
    state: 'busy',
    health: 'healthy',
  },
  {
    name: 'over two thirds of its run time',
    given: { heartbeat: null, declared: 'busy', runTime: { ageMs: 2_400_000, limitMs: 3_600_000 } },
    rule: 11,
    state: 'busy',
    health: 'late',
  },
  {
    name: 'at its run time',
    given: { heartbeat: null, declared: 'busy', liveness: 'alive', runTime: { ageMs: 3_600_000, limitMs: 3_600_000 } },
    rule: 13,
    state: 'stalled',
    reason: /^Running for 1 h \(allowed 1 h\)$/,
  },
  {
    name: 'gone before its run time is looked at',
    given: { runTime: { ageMs: 9_999_999, limitMs: 3_600_000 }, liveness: 'gone', pid: 77, goneReadings: 2 },
    rule: 3,
    state: 'dead',
  },
  {
    name: 'gone in one reading is not gone',
    given: { liveness: 'gone', pid: 77, goneReadings: 1 },
    rule: 11,
    state: 'ready',
  },
  {
    name: 'gone in two readings',
    given: { liveness: 'gone', pid: 77, goneReadings: 2 },
    rule: 3,
    state: 'dead',
    reason: /^Process 77 is gone$/,
  },
  {
    name: 'gone outranks waiting',
    given: { declared: 'waiting', liveness: 'gone', pid: 77, goneReadings: 2 },
    rule: 3,
    state: 'dead',
  },
  {
    name: 'gone outranks being left alone',
    given: { silentForMs: 60_000, liveness: 'gone', pid: 77, goneReadings: 2, ...beat(50_000) },
    rule: 3,
    state: 'dead',
  },
  {
    name: 'waiting pauses the other clocks',
    given: { declared: 'waiting', asks: 'may I?', ...beat(500_000) },
    rule: 4,
    state: 'waiting',
    health: 'healthy',
    reason: /^Asks: may I\?$/,
  },
  {
    name: 'ended by a person, and silent since',
    given: { endedAgeMs: 5_000, ...beat(40_000), liveness: 'gone', pid: 77, goneReadings: 2, seenAlive: true },
    rule: 2,
    state: 'stopped',
    health: 'unknown',
    reason: /^Ended from idlewatch$/,
  },
  {
    name: 'ended by a person, and alive again since',
    given: { endedAgeMs: 50_000, ...beat(40_000) },
    rule: 9,
    state: 'dead',
  },
  {
    name: 'silent for over an hour at first sight',
    given: { silentAtFirstSight: true, ...beat(4_000_000) },
    rule: 5,
    state: 'stopped',
    reason: /Silent before idlewatch first looked/,
  },
  {
    name: 'history with a process we never saw is no news',
    given: { silentAtFirstSight: true, ...beat(4_000_000), liveness: 'gone', pid: 77, goneReadings: 5 },
    rule: 5,
    state: 'stopped',
  },
  {
    name: 'a process we saw alive is news when it goes',
    given: {
      silentAtFirstSight: true,
      ...beat(4_000_000),
      liveness: 'gone',
      pid: 77,
      goneReadings: 2,
      seenAlive: true,
    },
    rule: 3,
    state: 'dead',
  },
  {
    name: 'no heartbeat yet, spec just written',
    given: { specAgeMs: 29_999, ...beat(null, { kind: 'missing' }) },
    rule: 6,
    state: 'starting',
    health: 'unknown',
  },
  {
    name: 'no heartbeat yet, no spec, just seen',
    given: { specAgeMs: null, firstSeenAgeMs: 5_000, ...beat(null, { kind: 'missing' }) },
    rule: 6,
    state: 'starting',
  },
  {
    name: 'an old log of the run before does not end the grace',
    given: { specAgeMs: 5_000, ...beat(null, { kind: 'missing' }), ...life(500_000) },
    rule: 6,
    state: 'starting',
  },
  {
    name: 'the grace is over',
    given: { specAgeMs: 30_000, ...beat(null, { kind: 'missing' }) },
    rule: 8,
    state: 'dead',
    reason: /^Heartbeat file missing$/,
  },
  {
    name: 'a command may be silent',
    given: { command: { label: 'npm test', ageMs: 199_999 }, ...beat(150_000) },
    rule: 7,
    state: 'busy',
    health: 'healthy',
    reason: /npm test/,
  },
  {
    name: 'a command over two thirds of its time is late',
    given: { command: { label: 'npm test', ageMs: 200_000 }, ...beat(150_000) },
    rule: 7,
    state: 'busy',
    health: 'late',
  },
  {
    name: 'a command over its time',
    given: { command: { label: 'npm test', ageMs: 300_000 } },
    rule: 7,
    state: 'stalled',
    reason: /“npm test” has been running for 5 min \(allowed 5 min\)/,
  },
  {
    name: 'a command over its time that still shows work',
    given: { command: { label: 'train', ageMs: 900_000 }, ...progress(5_000) },
    rule: 11,
    state: 'busy',
    health: 'healthy',
  },
  {
    name: 'what may await a person is not known to be well or stalled',
    given: {
      declared: 'busy',
      unclear: '“rm x” may await an approval',
      heartbeat: null,
      ...progress(900_000),
      ...ALIVE,
    },
    rule: 14,
    state: 'busy',
    health: 'unknown',
    reason: /^“rm x” may await an approval$/,
  },
  {
    name: 'gone outranks what may await a person',
    given: { declared: 'busy', unclear: 'x', heartbeat: null, liveness: 'gone', goneReadings: 2 },
    rule: 3,
    state: 'dead',
  },
  {
    name: 'a session between two turns is ready',
    given: { declared: 'ready', heartbeat: null, ...ALIVE },
    rule: 11,
    state: 'ready',
    reason: /^Ready$/,
  },
  {
    name: 'a command of a worker that is waiting',
    given: { declared: 'waiting', command: { label: 'x', ageMs: 900_000 } },
    rule: 4,
    state: 'waiting',
  },
  {
    name: 'heartbeat missing',
    given: beat(null, { kind: 'missing' }),
    rule: 8,
    state: 'dead',
    reason: /^Heartbeat file missing$/,
  },
  {
    name: 'heartbeat missing, process alive: never dead',
    given: { ...beat(null, { kind: 'missing' }), liveness: 'alive' },
    rule: 8,
    state: 'stalled',
  },
  {
    name: 'heartbeat missing, other life fresh',
    given: { ...beat(null, { kind: 'missing' }), ...life(3_000) },
    rule: 11,
    state: 'ready',
    reason: /No heartbeat, but wire events come in/,
  },
  {
    name: 'heartbeat missing, other life just too old',
    given: { ...beat(null, { kind: 'missing' }), ...life(30_000) },
    rule: 8,
    state: 'dead',
  },
  {
    name: 'heartbeat unreadable',
    given: beat(null, { kind: 'unreadable', detail: 'permission denied' }),
    rule: 8,
    state: 'dead',
    reason: /^Cannot read heartbeat: permission denied$/,
  },
  {
    name: 'heartbeat invalid',
    given: beat(4_000, { kind: 'invalid_json', detail: 'it is empty' }),
    rule: 8,
    state: 'stalled',
    reason: /^Invalid heartbeat JSON/,
  },
  {
    name: 'heartbeat without a timestamp',
    given: beat(null, { kind: 'no_timestamp', detail: 'there is no "ts"' }),
    rule: 8,
    state: 'stalled',
    reason: /^Heartbeat has no timestamp/,
  },
  { name: 'silent below the threshold', given: beat(29_999), rule: 11, state: 'ready', health: 'late' },
  {
    name: 'silent at the threshold, process unknown',
    given: beat(30_000),
    rule: 9,
    state: 'dead',
    health: 'dead',
    reason: /^No sign of life for 30 s \(allowed 30 s\)$/,
  },
  {
    name: 'silent at the threshold, process alive',
    given: { ...beat(30_000), liveness: 'alive' },
    rule: 9,
    state: 'stalled',
    health: 'stalled',
    reason: /process alive/,
  },
  {
    name: 'busy without a heartbeat but with wire events',
    given: { ...beat(500_000), ...life(2_000), ...progress(2_000), openTasks: 1 },
    rule: 11,
    state: 'busy',
    health: 'healthy',
  },
  {
    name: 'left alone by its own wish',
    given: { ...beat(500_000), silentForMs: 1 },
    rule: 11,
    state: 'ready',
    health: 'healthy',
    reason: /Asked not to be missed/,
  },
  { name: 'the wish has run out', given: { ...beat(500_000), silentForMs: 0 }, rule: 9, state: 'dead' },
  {
    name: 'an open model request',
    given: { ...beat(500_000), requestAgeMs: 119_999 },
    rule: 11,
    state: 'ready',
    reason: /model request is open/,
  },
  {
    name: 'at work with a connection open, over the silence allowed',
    given: { ...beat(500_000), ...progress(500_000), ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'ready',
    health: 'late',
    reason: /^Silent for 8 min 20 s \(allowed 30 s\), but its processes are at work with a connection open$/,
  },
  {
    name: 'at work without a connection, and beating',
    given: { ...beat(1_000), declared: 'busy', ...progress(500_000), ...ALIVE, ...atWork(0) },
    rule: 11,
    state: 'busy',
    health: 'late',
    reason: /^Without progress for 8 min 20 s \(allowed 1 min\), but its processes are at work$/,
  },
  {
    name: 'a session at work over the silence allowed to it',
    given: { ...SESSION, ...progress(420_000), ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'busy',
    health: 'late',
    reason: /^Silent for 7 min \(allowed 5 min\), but its processes are at work with a connection open$/,
  },
  {
    name: 'at work, and asked not to be missed',
    given: { ...SESSION, ...progress(420_000), silentForMs: 1_000, ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'busy',
    health: 'healthy',
    reason: /^Asked not to be missed/,
  },
  {
    name: 'at work, and a model request is open',
    given: { ...SESSION, ...progress(5_000_000), requestAgeMs: 1_000, ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'busy',
    health: 'healthy',
    reason: /model request is open/,
  },
  {
    name: 'a session at work for three times the silence allowed to it',
    given: { ...SESSION, ...progress(900_000), ...ALIVE, ...atWork(1) },
    rule: 10,
    state: 'stalled',
  },
  {
    name: 'a session at work for a little less than that',
    given: { ...SESSION, ...progress(899_999), ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'busy',
  },
  {
    name: 'at work for ten minutes, where little silence is allowed',
    given: { ...beat(1_000), declared: 'busy', ...progress(600_000), ...ALIVE, ...atWork(1) },
    rule: 10,
    state: 'stalled',
  },
  {
    name: 'at work for an hour, where a lot of silence is allowed',
    given: { ...SESSION, staleMs: 1_800_000, ...progress(3_600_000), ...ALIVE, ...atWork(1) },
    rule: 10,
    state: 'stalled',
  },
  {
    name: 'at work for a moment, with its last progress long ago',
    given: { ...beat(31_000), ...progress(5_000_000), ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'ready',
    health: 'late',
  },
  {
    name: 'a command over its time that is at work itself',
    given: { ...beat(1_000), ...MAKE, ...progress(3_599_999), ...ALIVE, ...atWork(1, true) },
    rule: 11,
    state: 'busy',
    health: 'healthy',
    reason: /^Silent, but its processes are at work$/,
  },
  {
    name: 'a command over its time, with whoever waits for it at work',
    given: { ...beat(1_000), ...MAKE, ...progress(599_999), ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'busy',
    health: 'late',
    reason:
      /^“make” has been running for 6 min 40 s \(allowed 5 min\), but its processes are at work with a connection/,
  },
  {
    name: 'a command over its time, with whoever waits for it at work for ten minutes',
    given: { ...beat(1_000), ...MAKE, ...progress(600_000), ...ALIVE, ...atWork(1) },
    rule: 7,
    state: 'stalled',
  },
  {
    name: 'a worker that keeps no heartbeat and whose processes are at work is late, in words that say so',
    given: { ...beat(null, { kind: 'missing' }), firstSeenAgeMs: 100_000, ...ALIVE, ...atWork(1) },
    ...{ rule: 11, state: 'ready', health: 'late' },
    reason: /^No heartbeat, but its processes are at work with a connection open$/,
  },
  {
    name: 'one whose heartbeat is no such thing is late too',
    given: { ...beat(null, { kind: 'invalid_json', detail: 'x' }), firstSeenAgeMs: 100_000, ...ALIVE, ...atWork(1) },
    ...{ rule: 11, state: 'ready', health: 'late' },
    reason: /^Its heartbeat cannot be read, but its processes are at work with a connection open$/,
  },
  {
    name: 'at work without any heartbeat',
    given: { ...beat(null, { kind: 'missing' }), ...life(500_000), ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'ready',
  },
  {
    name: 'a command at work for an hour without progress',
    given: { ...beat(1_000), ...MAKE, ...progress(3_600_000), ...ALIVE, ...atWork(1, true) },
    rule: 7,
    state: 'stalled',
  },
  {
    name: 'at work for ten minutes without ever having shown progress',
    given: { ...beat(600_000), ...ALIVE, ...atWork(1) },
    rule: 9,
    state: 'stalled',
  },
  {
    name: 'at work as far as was known, but its process is not seen now',
    given: { ...beat(500_000), ...atWork(1) },
    rule: 9,
    state: 'dead',
  },
  {
    name: 'perhaps at work',
    given: { ...beat(500_000), ...ALIVE, inFlight: { isMeasured: false, connections: 1, isBelow: false } },
    rule: 11,
    state: 'ready',
    reason: /being found out$/,
  },
  {
    name: 'perhaps at work, but stalled before',
    given: {
      previous: STALLED,
      ...beat(500_000),
      ...ALIVE,
      inFlight: { isMeasured: false, connections: 1, isBelow: false },
    },
    rule: 9,
    state: 'stalled',
  },
  {
    name: 'at work again after having been stalled',
    given: { previous: STALLED, ...beat(500_000), ...ALIVE, ...atWork(1) },
    rule: 11,
    state: 'ready',
  },
  {
    name: 'at work, but over its run time',
    given: { heartbeat: null, declared: 'busy', runTime: { ageMs: 5_000, limitMs: 4_000 }, ...ALIVE, ...atWork(1) },
    rule: 13,
    state: 'stalled',
  },
  { name: 'a model request gone silent', given: { ...beat(500_000), requestAgeMs: 120_000 }, rule: 9, state: 'dead' },
  {
    name: 'busy without progress',
    given: { declared: 'busy', ...progress(60_000) },
    rule: 10,
    state: 'stalled',
    reason: /^Busy without progress for 1 min \(allowed 1 min\)$/,
  },
  {
    name: 'busy with progress just young enough',
    given: { declared: 'busy', ...progress(59_999) },
    rule: 11,
    state: 'busy',
    health: 'late',
  },
  {
    name: 'ready without progress is no news',
    given: { declared: 'ready', openTasks: 3, ...progress(500_000) },
    rule: 11,
    state: 'ready',
    health: 'healthy',
  },
  {
    name: 'a task without a result makes it busy',
    given: { openTasks: 1, ...progress(60_000) },
    rule: 10,
    state: 'stalled',
  },
  {
    name: 'a bare busy heartbeat is not judged by progress',
    given: { declared: 'busy' },
    rule: 11,
    state: 'busy',
    health: 'healthy',
  },
  {
    name: 'missing above stale: silence over stale',
    given: beat(60_000),
    limits: { heartbeatMissingMs: 90_000 },
    rule: 10,
    state: 'stalled',
    reason: /stale after 1 min/,
  },
  {
    name: 'interval_ms raises missing',
    given: { intervalMs: 30_000, ...beat(74_999) },
    rule: 11,
    state: 'ready',
    health: 'late',
  },
  {
    name: 'interval_ms raises missing to 2.5 intervals',
    given: { intervalMs: 30_000, ...beat(75_000) },
    rule: 9,
    state: 'dead',
  },
  {
    name: 'interval_ms raises stale',
    given: { intervalMs: 40_000, declared: 'busy', ...progress(99_999) },
    rule: 11,
    state: 'busy',
  },
  {
    name: 'a session may be silent for longer',
    given: { heartbeat: null, declared: 'busy', staleMs: 300_000, ...progress(299_999) },
    rule: 11,
    state: 'busy',
    health: 'late',
  },
  {
    name: 'a session silent for too long',
    given: { heartbeat: null, declared: 'busy', staleMs: 300_000, ...progress(300_000) },
    rule: 10,
    state: 'stalled',
    reason: /^Busy without progress for 5 min \(allowed 5 min\)$/,
  },
  { name: 'a short interval lowers nothing', given: { intervalMs: 1_000, ...beat(20_000) }, rule: 11, state: 'ready' },
  { name: 'just under two thirds', given: beat(19_999), rule: 11, state: 'ready', health: 'healthy' },
  { name: 'two thirds', given: beat(20_000), rule: 11, state: 'ready', health: 'late' },
  { name: 'declared starting', given: { declared: 'starting' }, rule: 11, state: 'starting', health: 'healthy' },
  {
    name: 'a source without heartbeats is judged by its other life',
    given: { heartbeat: null, ...life(30_000) },
    rule: 9,
    state: 'dead',
  },
  {
    name: 'nothing known at all is nothing bad',
    given: { heartbeat: null },
    rule: 11,
    state: 'ready',
    health: 'healthy',
  },
];

describe('the watchdog', () => {
  it.each(TABLE)('$name', ({ given, rule, state, health, reason, limits }) => {
    const verdict = judge(facts(given), { ...LIMITS, ...limits });
    expect({ rule: verdict.rule, state: verdict.state }).toEqual({ rule, state });
    if (health) expect(verdict.health).toBe(health);
    if (reason) expect(verdict.reason).toMatch(reason);
  });

  it('looks again when the next threshold nears, and not before', () => {
    expect(judge(facts(), LIMITS).nextLookMs).toBe(19_000);
    expect(judge(facts(beat(20_000)), LIMITS).nextLookMs).toBe(10_000);
    expect(judge(facts({ declared: 'busy', ...progress(45_000) }), LIMITS).nextLookMs).toBe(15_000);
    expect(judge(facts({ liveness: 'gone', goneReadings: 1 }), LIMITS).nextLookMs).toBe(1_000);
    expect(judge(facts({ declared: 'stopped' }), LIMITS).nextLookMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('looks again only near the threshold where it is told to, never before two thirds of it', () => {
    expect(judge(facts(), { ...LIMITS, nearMs: 5_000 }).nextLookMs).toBe(24_000);
    expect(judge(facts(beat(25_000)), { ...LIMITS, nearMs: 5_000 }).nextLookMs).toBe(5_000);
    expect(judge(facts(), { ...LIMITS, nearMs: 20_000 }).nextLookMs).toBe(19_000);
  });

  it('leaves limits alone without an interval', () => {
    expect(limitsFor({ intervalMs: null, staleMs: null }, LIMITS)).toBe(LIMITS);
  });

  const age = fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: null });
  const anyFacts = fc.record({
    beatAge: age,
    lifeAge: age,
    progressAge: age,
    commandAge: age,
    requestAge: age,
    silentFor: fc.option(fc.integer({ min: -10_000, max: 3_600_000 }), { nil: null }),
    declared: fc.constantFrom('starting', 'ready', 'busy', 'waiting', 'stopped', null),
    liveness: fc.constantFrom('alive', 'gone', 'unknown'),
    goneReadings: fc.integer({ min: 0, max: 3 }),
    inFlight: fc.constantFrom(null, { isMeasured: true, connections: 1, isBelow: false }),
    openTasks: fc.integer({ min: 0, max: 3 }),
    intervalMs: fc.option(fc.integer({ min: 1, max: 120_000 }), { nil: null }),
    silentAtFirstSight: fc.boolean(),
    fault: fc.constantFrom('missing', 'unreadable', 'invalid_json', 'no_timestamp', null),
  });

  function build(given: typeof anyFacts extends fc.Arbitrary<infer T> ? T : never, laterMs = 0): Facts {
    const older = (ms: number | null) => (ms === null ? null : ms + laterMs);
    const from = <T extends string>(ms: number | null, kind: T) =>
      ms === null ? null : { ageMs: ms + laterMs, from: kind };
    return facts({
      ...beat(older(given.beatAge), given.fault && { kind: given.fault, detail: 'x' }),
      otherLife: from(given.lifeAge, 'log'),
      progress: from(given.progressAge, 'log'),
      command: given.commandAge === null ? null : { label: 'c', ageMs: given.commandAge + laterMs },
      requestAgeMs: older(given.requestAge),
      silentForMs: given.silentFor === null ? null : given.silentFor - laterMs,
      specAgeMs: 600_000 + laterMs,
      firstSeenAgeMs: 600_000 + laterMs,
      declared: given.declared as Facts['declared'],
      liveness: given.liveness as Facts['liveness'],
      goneReadings: given.liveness === 'gone' ? given.goneReadings : 0,
      pid: 77,
      inFlight: given.inFlight,
      openTasks: given.openTasks,
      intervalMs: given.intervalMs,
      silentAtFirstSight: given.silentAtFirstSight,
    });
  }

  it('never calls a process dead that is known to be alive', () => {
    fc.assert(fc.property(anyFacts, (given) => judge(build({ ...given, liveness: 'alive' }), LIMITS).state !== 'dead'));
  });

  it('never lets work that does not show change what is not a matter of silence', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const shown = judge(build({ ...given, inFlight: null }), LIMITS);
        const excused = judge(
          build({ ...given, inFlight: { isMeasured: true, connections: 1, isBelow: false } }),
          LIMITS,
        );
        if (!isOverTime(shown)) expect(excused.state).toBe(shown.state);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps its verdict until the time it named: no threshold is missed between two looks', () => {
    fc.assert(
      fc.property(anyFacts, fc.integer({ min: 0, max: 1_000_000 }), (given, wait) => {
        const now = judge(build(given), LIMITS);
        const early = Math.min(Math.floor(wait), Math.ceil(Math.min(now.nextLookMs, 2_000_000)) - 1);
        if (early <= 0) return;
        const then = judge(build(given, early), LIMITS);
        expect({ state: then.state, health: then.health }).toEqual({ state: now.state, health: now.health });
      }),
      { numRuns: 3_000 },
    );
  });
});
