import { describe, expect, it } from 'vitest';
import { createIdleManager } from '../../../../src/engine/observe/idle-manager';
import { createIdleStateService, type IdleStateOptions } from '../../../../src/engine/observe/idle-state-service';
import { defaultSettings } from '../../../../src/shared/settings';
import { SteppedClock } from '../../../fakes/stepped-clock';

function made(more: Partial<IdleStateOptions> = {}) {
  const clock = new SteppedClock();
  const memory = { growing: false, overThreshold: false, why: null };
  const manager = createIdleManager({ ...defaultSettings(), clock, memory: () => memory });
  const recorded: [number, string, string][] = [];
  const warnings: string[] = [];
  const service = createIdleStateService({
    manager,
    clock,
    intervalMs: 5_000,
    record: (state, stats) => void recorded.push([clock.monotonicMs(), state, stats.reason]),
    log: { warn: (message) => void warnings.push(message) },
    ...more,
  });
  return { clock, manager, memory, recorded, warnings, service };
}

/** Promises that are settled already run their reactions. */
const settled = () => new Promise<void>((done) => setImmediate(done));

describe('transitions', () => {
  it('are recorded alone, at the check that sees them; the first look is none', () => {
    const { clock, manager, recorded, service } = made();
    service.startMonitoring();
    clock.step(34_999);
    expect(recorded).toEqual([]);
    clock.step(1);
    expect(recorded).toEqual([[35_000, 'idle', 'quiet for 35 s']]);
    clock.step(600_000);
    manager.noteTraffic();
    clock.step(4_999);
    expect(recorded).toHaveLength(1);
    clock.step(1);
    expect(recorded[1]).toEqual([640_000, 'running', 'traffic 5 s ago; idle after 30 s without']);
  });

  it('a ping is traffic and ends idleness at once', () => {
    const { clock, recorded, service } = made();
    service.startMonitoring();
    clock.step(41_000);
    service.noteUserPing({ count: 2 });
    expect(recorded.map(([at, state]) => [at, state])).toEqual([
      [35_000, 'idle'],
      [41_000, 'running'],
    ]);
    expect(service.getSnapshot()).toMatchObject({ state: 'running', trafficCount: 2, sinceTrafficMs: 0 });
    service.noteUserPing();
    expect(recorded).toHaveLength(2);
  });

  it('the state is not known before the first look', () => {
    const { service } = made();
    expect(service.getSnapshot().state).toBeNull();
    service.startMonitoring();
    expect(service.getSnapshot().state).toBe('running');
  });
});

describe('a failing recorder', () => {
  it.each<[string, IdleStateOptions['record']]>([
    [
      'that throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['that rejects', () => Promise.reject(new Error('disk full'))],
  ])('%s is logged, and the checks go on', async (_, record) => {
    const { clock, warnings, service } = made({ record });
    service.startMonitoring();
    clock.step(35_000);
    await settled();
    expect(warnings).toEqual(['An idle transition could not be recorded: disk full']);
    service.noteUserPing();
    clock.step(60_000);
    await settled();
    expect(warnings).toHaveLength(3); // running, idle
    expect(service.getSnapshot().state).toBe('idle');
  });
});

describe('the timer', () => {
  it('a second start makes no second one', () => {
    const { clock, service } = made();
    service.startMonitoring();
    service.startMonitoring();
    expect(clock.timerCount).toBe(1);
    clock.step(50_000);
    expect(clock.timerCount).toBe(1);
  });

  it('stopping leaves none, nothing is recorded then, and starting again goes on from what was known', () => {
    const { clock, recorded, service } = made();
    service.startMonitoring();
    clock.step(35_000);
    service.stopMonitoring();
    service.stopMonitoring();
    expect(clock.timerCount).toBe(0);
    service.noteUserPing();
    clock.step(1_000);
    expect(recorded).toHaveLength(1);
    service.startMonitoring();
    expect(recorded.map(([, state]) => state)).toEqual(['idle', 'running']);
  });

  it('a recorder may stop it', () => {
    const { clock, service } = made({ record: () => service.stopMonitoring() });
    service.startMonitoring();
    clock.step(35_000);
    expect(clock.timerCount).toBe(0);
  });

  it('a new interval holds at once and leaves no second one; the same one puts off nothing', () => {
    const { clock, recorded, service } = made();
    service.setIntervalMs(7_000);
    expect(clock.timerCount).toBe(0);
    service.startMonitoring();
    service.setIntervalMs(40_000);
    expect(clock.timerCount).toBe(1);
    clock.step(39_000);
    service.setIntervalMs(40_000);
    expect(clock.timerCount).toBe(1);
    expect(recorded).toEqual([]);
    clock.step(1_000);
    expect(recorded.map(([at]) => at)).toEqual([40_000]);
  });
});

describe('refreshing the figures', () => {
  it('comes before the verdict, and one in flight is never overlapped', async () => {
    const open: (() => void)[] = [];
    const { clock, recorded, memory, service } = made({
      refresh: () => new Promise<void>((done) => void open.push(done)),
    });
    service.startMonitoring();
    clock.step(40_000);
    expect(recorded.map(([, state]) => state)).toEqual(['idle']);
    expect(open).toHaveLength(1);
    memory.growing = true;
    open[0]?.();
    await settled();
    expect(recorded.map(([, state]) => state)).toEqual(['idle', 'running']);
    clock.step(5_000);
    expect(open).toHaveLength(2);
  });

  it('the first verdict waits for the first figures: what they show is no transition', async () => {
    const open: (() => void)[] = [];
    const { memory, manager, recorded, service } = made({
      refresh: () => new Promise<void>((done) => void open.push(done)),
    });
    manager.noteQuietSince(3_600_000);
    service.startMonitoring();
    expect(service.getSnapshot().state).toBeNull();
    memory.overThreshold = true;
    open[0]?.();
    await settled();
    expect(service.getSnapshot().state).toBe('running');
    expect(recorded).toEqual([]);
  });

  it('but not for figures that never come', () => {
    const { clock, recorded, service } = made({ refresh: () => new Promise<void>(() => undefined) });
    service.startMonitoring();
    clock.step(5_000);
    expect(service.getSnapshot().state).toBe('running');
    clock.step(30_000);
    expect(recorded.map(([, state]) => state)).toEqual(['idle']);
  });

  it('that fails is logged, and tried again at the next check', async () => {
    const { clock, warnings, service } = made({ refresh: () => Promise.reject(new Error('no memory figures')) });
    service.startMonitoring();
    await settled();
    clock.step(5_000);
    await settled();
    expect(warnings).toEqual(Array(2).fill('The idle figures could not be refreshed: no memory figures'));
  });

  it('that ends after the stop judges nothing', async () => {
    const open: (() => void)[] = [];
    const { clock, recorded, service } = made({ refresh: () => new Promise<void>((done) => void open.push(done)) });
    service.startMonitoring();
    service.stopMonitoring();
    clock.step(60_000);
    open[0]?.();
    await settled();
    expect(recorded).toEqual([]);
    expect(service.getSnapshot().state).toBeNull();
  });
});
