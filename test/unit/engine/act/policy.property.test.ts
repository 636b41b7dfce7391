import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPolicy } from '../../../../src/engine/act/policy';
import type {
  KillPlan,
  KillReceipt,
  MonitorEvent,
  Snapshot,
  WorkerReport,
  WorkerRow,
} from '../../../../src/shared/model';
import { defaultSettings, type Settings } from '../../../../src/shared/settings';
import { SteppedClock } from '../../../fakes/stepped-clock';
import { snapshotOf, workerRow } from '../../../fixtures/snapshot';

const CHECK_MS = 30_000;
const NAMES = ['a', 'b', 'c', 'd'];

/** What may happen, in any order. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 70_000 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('stall' as const), who: fc.constantFrom(...NAMES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recover' as const), who: fc.constantFrom(...NAMES) }) },
  // Its file has changed, and nobody has looked yet: only a fresh reading tells.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recover unseen' as const), who: fc.constantFrom(...NAMES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('snooze' as const), who: fc.constantFrom(...NAMES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('keep alive' as const), who: fc.constantFrom(...NAMES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), ms: fc.integer({ min: -1e7, max: 1e7 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('nap' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'pause' as const, 'overload' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('rule' as const, 'close' as const, 'configure' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A made-up monitor whose workers do what the steps say, and what was read and ended. */
function world() {
  const clock = new SteppedClock({ readCostMs: 0.001 });
  const rows = new Map<string, WorkerRow>(NAMES.map((id) => [id, workerRow({ id, name: id, state: 'ready' })]));
  const truth = new Map<string, 'ready' | 'stalled'>(NAMES.map((id) => [id, 'ready']));
  const readings = new Map<string, number[]>(NAMES.map((id) => [id, []]));
  const listeners = new Set<(event: MonitorEvent) => void>();
  const state = { hold: false, paused: false, load: 1 };
  const settings: Settings = {
    ...defaultSettings(),
    endingPolicy: { 'worker-directory': { action: 'kill', afterSecs: 0, killGraceMs: 0 } },
    policyCheckIntervalMs: CHECK_MS,
    breakerPercent: 75,
    breakerQuietMs: 100_000,
  };
  const kills: { id: string; wrong: string | null }[] = [];

  function tell(kind: MonitorEvent['kind'], id: string | null): void {
    for (const listener of listeners)
      listener({ id: 1, at: clock.wallMs(), kind, workerId: id, workerName: id, text: '' });
  }
  /** As a look at the worker's files would. */
  function judge(id: string): void {
    const row = rows.get(id)!;
    const is = truth.get(id)!;
    if (is !== 'stalled') readings.set(id, []);
    const at = clock.wallMs();
    if (row.state === is) {
      rows.set(id, { ...row, judgedAt: at });
      return;
    }
    const health = is === 'stalled' ? 'stalled' : 'healthy';
    rows.set(id, { ...row, state: is, health, canEnd: is === 'stalled', since: at, judgedAt: at, snoozed: false });
    tell(is === 'stalled' ? 'stalled' : 'recovered', id);
  }
  function wrongWith(id: string): string | null {
    const row = rows.get(id)!;
    const [first, ...others] = readings.get(id)!;
    if (truth.get(id) !== 'stalled') return 'it is well';
    if (row.snoozed || settings.keepAlive.includes(id)) return 'a person said to leave it alone';
    if (state.hold || state.paused || state.load > 4) return 'nothing may be done now';
    if (policy.status().breaker) return 'the circuit breaker is open';
    if (settings.endingPolicy['worker-directory']?.action !== 'kill') return 'its rule does not say so';
    if (first === undefined || !others.some((at) => at - first >= CHECK_MS)) return 'it was not read twice';
    return null;
  }

  const policy = createPolicy({
    monitor: {
      snapshot: () => {
        const hold = state.hold ? { reason: 'woken', untilAt: 0 } : null;
        return { ...snapshotOf([...rows.values()]), hold, paused: state.paused } as Snapshot;
      },
      onEvent(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      lookNow(id) {
        if (truth.get(id) === 'stalled') readings.get(id)!.push(clock.monotonicMs());
        judge(id);
        return rows.get(id) as WorkerReport;
      },
      noteEvent: () => undefined,
      noteTimedOut: () => undefined,
      notePolicy: () => undefined,
      suggest: () => undefined,
    },
    killer: {
      plan: (id) => ({ planId: id, workerId: id, refused: null, sharedWith: [], processes: [] }) as unknown as KillPlan,
      async execute(id) {
        kills.push({ id, wrong: wrongWith(id) });
        truth.set(id, 'ready');
        judge(id);
        return { ok: true, receipt: { ended: true, summary: '' } as KillReceipt };
      },
    },
    clock,
    settings: () => settings,
    load: { loadPerCore: () => state.load },
    audit: { append: async () => void (await setImmediate()) },
    tell: () => undefined,
    log: {
      warn(message) {
        throw new Error(message);
      },
    },
  });
  policy.start();

  async function take(taken: Step): Promise<void> {
    switch (taken.do) {
      case 'pass':
        for (let left = taken.ms; left > 0; left -= 10_000) {
          clock.step(Math.min(left, 10_000));
          await setImmediate();
        }
        return;
      case 'stall':
      case 'recover':
        truth.set(taken.who, taken.do === 'stall' ? 'stalled' : 'ready');
        judge(taken.who);
        return;
      case 'recover unseen':
        truth.set(taken.who, 'ready');
        return;
      case 'snooze':
        rows.set(taken.who, { ...rows.get(taken.who)!, snoozed: !rows.get(taken.who)!.snoozed });
        return;
      case 'keep alive':
        settings.keepAlive = settings.keepAlive.includes(taken.who) ? [] : [taken.who];
        return;
      case 'clock':
        clock.jumpWall(taken.ms);
        return;
      case 'nap':
      case 'hold':
        state.hold = taken.do === 'hold' && !state.hold;
        if (state.hold || taken.do === 'nap') tell('held', null);
        for (const id of NAMES) readings.set(id, []);
        return;
      case 'pause':
        state.paused = !state.paused;
        return;
      case 'overload':
        state.load = state.load > 4 ? 1 : 9;
        return;
      case 'rule': {
        const rule = settings.endingPolicy['worker-directory']!;
        settings.endingPolicy = {
          'worker-directory': { ...rule, action: rule.action === 'kill' ? 'notify' : 'kill' },
        };
        return;
      }
      case 'close':
        policy.closeBreaker('test');
        return;
      case 'configure':
        policy.configure();
        return;
    }
  }
  return { take, kills, stop: () => policy.stop() };
}

let ended = 0;

test('whatever happens, nothing is ended but what two readings a check apart showed stalled, and nothing forbids it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { take, kills, stop } = world();
      for (const each of steps) await take(each);
      await stop();
      expect(kills.filter(({ wrong }) => wrong !== null)).toEqual([]);
      ended += kills.length;
    }),
    { numRuns: 300 },
  );
  // Else the test says nothing.
  expect(ended).toBeGreaterThan(20);
}, 60_000);
