import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backtest } from '../../../src/server/backtest';
import { backtestBasis, backtestVerdict } from '../../../src/shared/backtest-words';
import { type BacktestReport, type Silence, SOURCE_KINDS } from '../../../src/shared/model';
import { defaultSettings, type Settings } from '../../../src/shared/settings';
import { aSilence } from '../../fixtures/silence';

const DAY_MS = 86_400_000;
const T0 = 1_790_000_000_000;
const inForce = defaultSettings();
const span = { since: T0, until: T0 + 10 * DAY_MS, inForce };

const silence = (over: Partial<Silence> = {}) => aSilence({ silentFrom: T0 + 1_000, ...over });

/** Settings that end these kinds, at once unless told otherwise; the policy looks every 10 s. */
function ending(over: Partial<Settings> = {}, source: Silence['source'] = 'worker-directory', afterSecs = 0): Settings {
  const endingPolicy = { [source]: { action: 'kill' as const, afterSecs, killGraceMs: 1_000 } };
  return { ...inForce, policyCheckIntervalMs: 10_000, endingPolicy, ...over };
}

const counts = ({ mistaken, right, undecided }: BacktestReport) => [mistaken.length, right.length, undecided.length];
const fate = (over: Partial<Silence>, settings = ending()) => counts(backtest([silence(over)], settings, span));

describe('a backtest', () => {
  it('tells who would have been ended, when, and what became of it', () => {
    const report = backtest([silence()], ending({}, 'worker-directory', 300), span);
    expect(report).toMatchObject({
      silences: 1,
      asIf: false,
      kinds: [{ source: 'worker-directory', afterMs: 300_000 }],
    });
    expect(report.mistaken).toEqual([
      {
        ...{ workerId: 'worker-directory:/w', workerName: 'w', source: 'worker-directory', silentFrom: T0 + 1_000 },
        ...{ wouldEndAt: T0 + 341_000, outcome: 'life', outcomeAt: T0 + 401_000 },
        text: 'No sign of life for 6 min 40 s: would have been ended after 5 min 40 s, and went on by itself 1 min later',
      },
    ]);
    expect(counts(report)).toEqual([1, 0, 0]);
  });

  it.each([
    ['life', [1, 0, 0]],
    ['finished', [1, 0, 0]],
    ['failed', [0, 1, 0]],
    ['gone', [0, 1, 0]],
    ['ended', [0, 1, 0]],
    ['unknown', [0, 0, 1]],
  ] as const)('takes an end by %s as it is', (end, expected) => {
    expect(fate({ end })).toEqual(expected);
  });

  it('needs the threshold, the time after it and two readings', () => {
    const settings = ending({ heartbeat_missing_secs: 30 }, 'worker-directory', 60);
    expect(fate({ lengthMs: 100_000 }, settings)).toEqual([0, 0, 0]);
    expect(fate({ lengthMs: 100_001 }, settings)).toEqual([1, 0, 0]);
  });

  it('judges each clock by its own setting', () => {
    const over = (clock: Silence['clock'], more: Partial<Silence> = {}) => ({ clock, lengthMs: 200_000, ...more });
    expect(fate(over('missing'), ending({ heartbeat_missing_secs: 250, heartbeat_stale_secs: 250 }))).toEqual([
      0, 0, 0,
    ]);
    expect(fate(over('missing'), ending({ heartbeat_missing_secs: 250 })), 'stale is less').toEqual([1, 0, 0]);
    expect(fate(over('stale'), ending({ heartbeat_stale_secs: 189 }))).toEqual([1, 0, 0]);
    expect(fate(over('stale'), ending({ heartbeat_stale_secs: 190 }))).toEqual([0, 0, 0]);
    const session = { source: 'codex' as const };
    expect(fate(over('stale', session), ending({ session_stale_secs: 189 }, 'codex'))).toEqual([1, 0, 0]);
    expect(fate(over('stale', session), ending({ session_stale_secs: 300 }, 'codex'))).toEqual([0, 0, 0]);
    const ran = over('command', { commandMs: 120_000 });
    expect(fate(ran, ending({ command_timeout_secs: 300 }))).toEqual([1, 0, 0]);
    expect(fate(ran, ending({ command_timeout_secs: 311 }))).toEqual([0, 0, 0]);
    expect(fate(ran, ending({ command_timeout_secs: 130, heartbeat_stale_secs: 190 }))).toEqual([0, 0, 0]);
  });

  it('knows run times by their kind', () => {
    const hour = 3_600_000;
    const bench = { source: 'workbench' as const, clock: 'run_time' as const, lengthMs: hour, thresholdMs: hour };
    expect(fate(bench, ending({ workbenchMaxRuntimeSecs: 3_600 }, 'workbench'))).toEqual([0, 0, 0]);
    expect(fate(bench, ending({ workbenchMaxRuntimeSecs: 1_800 }, 'workbench'))).toEqual([1, 0, 0]);
    expect(fate({ ...bench, ownLimitMs: 600_000 }, ending({}, 'workbench'))).toEqual([1, 0, 0]);
    const session = { ...bench, source: 'opencode' as const };
    expect(fate(session, ending({ sessionMaxRunMinutes: null }, 'opencode'))).toEqual([0, 0, 0]);
    expect(fate(session, ending({ sessionMaxRunMinutes: 30 }, 'opencode'))).toEqual([1, 0, 0]);
    const run = { ...bench, source: 'supervised-run' as const, thresholdMs: 600_000, ownLimitMs: 600_000 };
    expect(fate(run, ending({}, 'supervised-run'))).toEqual([1, 0, 0]);
  });

  it('waits for what a heartbeat asked for', () => {
    expect(fate({ intervalMs: 60_000, lengthMs: 159_000 })).toEqual([0, 0, 0]);
    expect(fate({ intervalMs: 60_000, lengthMs: 161_000 })).toEqual([1, 0, 0]);
    expect(fate({ excusedUntil: T0 + 391_500 })).toEqual([0, 0, 0]);
    expect(fate({ excusedUntil: T0 + 200_000 })).toEqual([1, 0, 0]);
  });

  it('leaves out other kinds, whom a person keeps alive, and of whom nothing could have been ended', () => {
    expect(fate({ source: 'codex' })).toEqual([0, 0, 0]);
    expect(fate({}, ending({ keepAlive: ['worker-directory:/w'] }))).toEqual([0, 0, 0]);
    const report = backtest([silence({ couldEnd: false })], ending(), span);
    expect(counts(report)).toEqual([0, 0, 0]);
    expect(report.limits.join()).toContain('1 silence was of workers of which nothing was known');
  });

  it('ends a worker once in one stretch of quiet; in doubt it was a mistake, and what is known outweighs what is not', () => {
    const both = (...ends: Silence['end'][]) =>
      ends.map((end, n) => silence({ clock: n ? 'stale' : 'missing', silentFrom: T0 + n * 50_000, end }));
    expect(counts(backtest(both('life', 'gone'), ending(), span))).toEqual([1, 0, 0]);
    expect(counts(backtest(both('unknown', 'gone'), ending(), span))).toEqual([0, 1, 0]);
    const apart = [silence(), silence({ silentFrom: T0 + 2_000_000 })];
    const { mistaken } = backtest(apart, ending(), span);
    expect(
      mistaken.map(({ silentFrom }) => silentFrom),
      'newest first',
    ).toEqual([T0 + 2_000_000, T0 + 1_000]);
  });

  it('looks no further back than it was asked to', () => {
    expect(counts(backtest([silence()], ending(), { ...span, since: T0 + DAY_MS }))).toEqual([0, 0, 0]);
  });

  it('where no kind is set to be ended, tells of all as if they were, by their own rules', () => {
    const settings = {
      ...inForce,
      endingPolicy: { codex: { action: 'suggest' as const, afterSecs: 60, killGraceMs: 0 } },
    };
    const report = backtest([silence({ source: 'codex', clock: 'stale', lengthMs: 500_000 })], settings, span);
    expect(report.asIf).toBe(true);
    expect(report.kinds).toContainEqual({ source: 'codex', afterMs: 60_000 });
    expect(report.kinds).toContainEqual({ source: 'workbench', afterMs: 300_000 });
    expect(report.kinds.map(({ source }) => source)).not.toContain('task-list');
    expect(counts(report)).toEqual([1, 0, 0]);
    expect(backtestBasis(report, (source) => source)).toMatch(/^No kind is set to be ended; as if every one were/);
  });
});

describe('what it cannot tell', () => {
  const limits = (silences: Silence[], settings: Settings, over: Partial<typeof span> = {}) =>
    backtest(silences, settings, { ...span, ...over }).limits.join('\n');

  it('is everything where nothing is recorded', () => {
    const report = backtest([], ending(), { ...span, since: null as never });
    expect(backtestVerdict(report)).toBe('Nothing is recorded yet, so nobody can tell what this would have done.');
    expect(report.limits).toEqual([]);
  });

  it('is what is rare, where the record is short', () => {
    expect(limits([], ending(), { until: T0 + 7_200_000 })).toContain('Only 2 h is recorded');
    expect(limits([], ending())).not.toContain('Only');
  });

  it('is silences too short to have been recorded, by the threshold that was in force', () => {
    const short = ending({ heartbeat_missing_secs: 5, policyCheckIntervalMs: 1_000 });
    expect(limits([], short)).toContain(
      '“Heartbeat missing after”: only what lasted for over 20 s is recorded, and after 6 s a worker would have been ended',
    );
    expect(limits([], ending({ heartbeat_missing_secs: 10 }))).not.toContain('Heartbeat missing after');
    expect(limits([silence({ thresholdMs: 90_000 })], ending({ heartbeat_missing_secs: 20 }))).toContain('over 1 min');
    expect(limits([silence({ thresholdMs: 90_000, intervalMs: 36_000 })], ending())).not.toContain('is recorded, and');
    expect(limits([], ending({}, 'codex'))).not.toContain('“Heartbeat');
  });

  it('is run times of sessions, where none was limited', () => {
    expect(limits([], ending({ sessionMaxRunMinutes: 60 }, 'codex'))).toContain('“Session run time” had no limit');
    expect(limits([], ending({}, 'codex'))).not.toContain('Session run time');
  });

  it('is whether somebody ended what would have come back', () => {
    expect(limits([silence({ end: 'ended' })], ending())).toContain('Whether the 1 that somebody ended');
  });
});

const anySilence = fc
  .record({
    worker: fc.integer({ min: 0, max: 4 }),
    source: fc.constantFrom(...SOURCE_KINDS),
    clock: fc.constantFrom('missing', 'stale', 'command', 'run_time'),
    fromMs: fc.integer({ min: 0, max: DAY_MS }),
    lengthMs: fc.integer({ min: 1, max: 4_000_000 }),
    intervalMs: fc.option(fc.integer({ min: 1, max: 600_000 })),
    commandMs: fc.integer({ min: -100_000, max: 1_000_000 }),
    ownLimitMs: fc.option(fc.integer({ min: 1_000, max: 3_600_000 })),
    excusedMs: fc.option(fc.integer({ min: 0, max: 3_000_000 }), { freq: 1 }),
    couldEnd: fc.nat(9).map((n) => n > 0),
    end: fc.constantFrom('life', 'finished', 'failed', 'gone', 'ended', 'unknown'),
  })
  .map(({ worker, fromMs, excusedMs, ...rest }) => {
    const silentFrom = T0 + fromMs;
    const excusedUntil = excusedMs === null ? null : silentFrom + excusedMs;
    const endedAt = silentFrom + rest.lengthMs;
    return silence({ ...rest, workerId: `${rest.source}:${worker}`, silentFrom, endedAt, excusedUntil } as Silence);
  });

const THRESHOLDS = {
  heartbeat_missing_secs: [1, 800],
  heartbeat_stale_secs: [1, 800],
  command_timeout_secs: [1, 800],
  session_stale_secs: [1, 800],
  workbenchMaxRuntimeSecs: [1, 3_600],
  sessionMaxRunMinutes: [1, 100],
  policyCheckIntervalMs: [1_000, 60_000],
} as const;
type Threshold = keyof typeof THRESHOLDS;

/** Settings that end every kind, and the same with some thresholds raised. */
const anyRaise = fc
  .record({
    base: fc.record(
      Object.fromEntries(Object.entries(THRESHOLDS).map(([key, [min, max]]) => [key, fc.integer({ min, max })])),
    ),
    raise: fc.dictionary(
      fc.constantFrom(...(Object.keys(THRESHOLDS) as Threshold[])),
      fc.integer({ min: 1, max: 4_000 }),
    ),
    after: fc.integer({ min: 0, max: 300 }),
    longer: fc.integer({ min: 0, max: 1_000 }),
  })
  .map(({ base, raise, after, longer }) => {
    const rules = (afterSecs: number) =>
      Object.fromEntries(SOURCE_KINDS.map((kind) => [kind, { action: 'kill', afterSecs, killGraceMs: 0 }]));
    const low = { ...inForce, ...base, endingPolicy: rules(after) } as Settings;
    const raised = Object.entries(raise).map(([key, by]) => [key, Number(low[key as Threshold]) + by]);
    return { low, high: { ...low, ...Object.fromEntries(raised), endingPolicy: rules(after + longer) } as Settings };
  });

const all = ({ mistaken, right, undecided }: BacktestReport) => [...mistaken, ...right, ...undecided];
const workers = (cases: { workerId: string }[]) => new Set(cases.map(({ workerId }) => workerId));

describe('whatever is recorded', () => {
  const silences = fc.array(anySilence, { maxLength: 30 });

  it('raising thresholds adds no end and no mistake', () => {
    let [ends, fewer] = [0, 0];
    fc.assert(
      fc.property(silences, anyRaise, (recorded, { low, high }) => {
        const [before, after] = [backtest(recorded, low, span), backtest(recorded, high, span)];
        ends += all(before).length;
        fewer += all(before).length - all(after).length;
        for (const { workerId, wouldEndAt, outcomeAt } of all(after)) {
          // Of overlapping silences the worst is told, which need not be the one that would have ended it first.
          const earlier = all(before).some((it) => it.workerId === workerId && it.silentFrom <= outcomeAt);
          expect(earlier, `${workerId} at ${wouldEndAt}`).toBe(true);
        }
        for (const worker of workers(after.mistaken)) expect(workers(before.mistaken)).toContain(worker);
      }),
      { numRuns: 500 },
    );
    expect(ends).toBeGreaterThan(500);
    expect(fewer).toBeGreaterThan(100);
  });

  it('every end is within its silence, nobody is ended twice at once, and no order of the record changes anything', () => {
    fc.assert(
      fc.property(silences, anyRaise, (recorded, { low }) => {
        const report = backtest(recorded, low, span);
        for (const { silentFrom, wouldEndAt, outcomeAt, source } of all(report)) {
          expect(wouldEndAt).toBeGreaterThan(silentFrom);
          expect(wouldEndAt).toBeLessThanOrEqual(outcomeAt);
          expect(report.kinds.map((kind) => kind.source)).toContain(source);
        }
        for (const [n, a] of all(report).entries()) {
          for (const b of all(report).slice(n + 1)) {
            const overlap = a.silentFrom < b.outcomeAt && b.silentFrom < a.outcomeAt;
            expect(a.workerId === b.workerId && overlap).toBe(false);
          }
        }
        expect(workers(all(backtest(recorded.toReversed(), low, span)))).toEqual(workers(all(report)));
      }),
      { numRuns: 300 },
    );
  });
});
