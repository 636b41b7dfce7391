import { expect, test } from 'vitest';
import { createIdleManager, createIdleStateService, type IdleManagerOptions } from '../../../src/index';
import { SteppedClock } from '../../fakes/stepped-clock';

const MEGABYTE = 1024 * 1024;

function managerOf(options: IdleManagerOptions = {}) {
  const clock = new SteppedClock();
  const held = { rssBytes: 100 * MEGABYTE, heapBytes: 50 * MEGABYTE };
  const manager = createIdleManager({ clock, memory: { read: () => ({ ...held }) }, environment: {}, ...options });
  return { clock, held, manager };
}

test('is idle after the idle timeout without traffic', () => {
  const { clock, manager } = managerOf();
  clock.step(30_000);
  expect(manager.isIdle()).toBe(false);
  clock.step(1);
  expect(manager.isIdle()).toBe(true);
  manager.noteTraffic({ count: 3 });
  expect(manager.isIdle()).toBe(false);
  expect(manager.getStats()).toMatchObject({ trafficCount: 3, sinceTrafficMs: 0, memo: { openCalls: 0 } });
});

test('is not idle while its process holds more than 150 MB, or what was said', () => {
  const { clock, held, manager } = managerOf();
  clock.step(31_000);
  held.rssBytes = 151 * MEGABYTE;
  expect(manager.isIdle()).toBe(false);
  expect(manager.getStats().reason).toContain('over 150 MB');
  const roomy = managerOf({ IDLE_MEMORY_THRESHOLD_MB: 200 });
  roomy.held.rssBytes = 151 * MEGABYTE;
  roomy.clock.step(31_000);
  expect(roomy.manager.isIdle()).toBe(true);
  const any = managerOf({ IDLE_MEMORY_THRESHOLD_MB: null });
  any.held.rssBytes = 10_000 * MEGABYTE;
  any.clock.step(31_000);
  expect(any.manager.isIdle()).toBe(true);
});

test('is not idle while its heap grows by more than 10 % within the window', () => {
  const { clock, held, manager } = managerOf({ MEMORY_GROWTH_WINDOW_MS: 10_000 });
  clock.step(31_000);
  expect(manager.isIdle()).toBe(true);
  clock.step(5_000);
  held.heapBytes *= 1.11;
  expect(manager.isIdle()).toBe(false);
  expect(manager.getStats().reason).toContain('grew by 11 %');
  clock.step(10_001);
  expect(manager.isIdle()).toBe(true);
});

test('takes options before the environment, and the environment before defaults', () => {
  const environment = {
    INITIAL_IDLE_TIMEOUT_MS: '20000',
    IDLE_MEMORY_THRESHOLD_MB: 'none',
    heartbeat_missing_secs: '?',
  };
  expect(managerOf({ environment }).manager.getStats().idleTimeoutMs).toBe(20_000);
  const both = managerOf({ environment, INITIAL_IDLE_TIMEOUT_MS: 15_000 });
  expect(both.manager.getStats().idleTimeoutMs).toBe(15_000);
  both.held.rssBytes = 10_000 * MEGABYTE;
  both.clock.step(31_000);
  expect(both.manager.isIdle()).toBe(true);
});

test('refuses what is wrong, and says what is allowed', () => {
  expect(() => managerOf({ OPENAI_CACHE_TTL_MS: -1 })).toThrow(
    new RangeError('options: OPENAI_CACHE_TTL_MS is -1; allowed is a whole number from 0 to 86400000 (ms)'),
  );
  expect(() => managerOf({ environment: { OPENAI_BATCH_WINDOW_MS: 'soon' } })).toThrow(
    /environment: OPENAI_BATCH_WINDOW_MS is "soon"; allowed is/,
  );
  expect(() => managerOf({ INITIAL_IDLE_TIMEOUT_MS: 5_000 })).toThrow(/the idle timeouts are 10000, 5000, 120000/);
});

test('after destroying nothing is idle and nothing is counted', () => {
  const { clock, manager } = managerOf();
  clock.step(31_000);
  manager.destroy();
  manager.noteTraffic();
  expect(manager.isIdle()).toBe(false);
  expect(manager.getStats().trafficCount).toBe(0);
});

test('the state service checks at its interval and records changes alone', () => {
  const { clock, manager } = managerOf();
  const recorded: string[] = [];
  const service = createIdleStateService({
    manager,
    clock,
    environment: { IDLE_CHECK_INTERVAL_MS: '1000' },
    record: (state) => void recorded.push(state),
  });
  expect(service.getSnapshot().state).toBeNull();
  service.startMonitoring();
  service.startMonitoring();
  expect(clock.timerCount).toBe(1);
  clock.step(31_000);
  service.noteUserPing();
  expect(recorded).toEqual(['idle', 'running']);
  expect(service.getSnapshot()).toMatchObject({ state: 'running', trafficCount: 1 });
  service.stopMonitoring();
  expect(clock.timerCount).toBe(0);
  expect(() => createIdleStateService({ manager, IDLE_CHECK_INTERVAL_MS: 1, environment: {} })).toThrow(RangeError);
});

test('a recorder that fails is told to the log, and the checks go on', async () => {
  const { clock, manager } = managerOf();
  const warnings: string[] = [];
  const service = createIdleStateService({
    manager,
    clock,
    environment: {},
    record: () => Promise.reject(new Error('disk full')),
    log: { warn: (message) => void warnings.push(message) },
  });
  service.startMonitoring();
  clock.step(35_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual(['An idle transition could not be recorded: disk full']);
  service.noteUserPing();
  expect(service.getSnapshot().state).toBe('running');
  service.stopMonitoring();
});

test('without a memory of its own it reads this process’s', () => {
  const manager = createIdleManager({ environment: {}, IDLE_MEMORY_THRESHOLD_MB: 1 });
  expect(manager.getStats().reason).toMatch(/^this process’s memory is .* over 1 MB$/);
});
