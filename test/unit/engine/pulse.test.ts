import { describe, expect, it } from 'vitest';
import type { MachineMemory } from '../../../src/engine/ports';
import { Pulse } from '../../../src/engine/pulse';
import { SERIES_KEPT } from '../../../src/shared/model';
import { defaultSettings, type Settings } from '../../../src/shared/settings';
import { SteppedClock } from '../../fakes/stepped-clock';

const MB = 1024 * 1024;
const settled = () => new Promise<void>((done) => setImmediate(done));

function made(settings: Partial<Settings> = {}) {
  const clock = new SteppedClock();
  const given: { machine: MachineMemory | Error; workersRss: number | null } = {
    machine: { totalBytes: 1_000 * MB, availableBytes: 600 * MB },
    workersRss: null,
  };
  const changes: [string, string][] = [];
  const warnings: string[] = [];
  const read = async () => {
    if (given.machine instanceof Error) throw given.machine;
    return given.machine;
  };
  const pulse = new Pulse(
    { clock, memoryProbe: { read }, log: { warn: (message) => warnings.push(message) } },
    { ...defaultSettings(), ...settings },
    { workersRss: () => given.workersRss, onChange: (state, reason) => changes.push([state, reason]) },
  );
  const step = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.step(Math.min(1_000, left));
      await settled();
    }
  };
  return { clock, given, changes, warnings, pulse, step };
}

it('tells what model requests alone keep from being idle, however many come', () => {
  const { clock, pulse } = made();
  const ask = (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.step(500);
      pulse.noteRequests(1);
    }
  };
  pulse.noteTraffic(1);
  ask(30_000);
  expect(pulse.isIdleButForRequests).toBe(false);
  for (let second = 1; second <= 300; second += 1) {
    ask(1_000);
    expect([pulse.isIdleButForRequests, pulse.idle.isIdle]).toEqual([true, false]);
  }
  pulse.noteTraffic(1);
  expect(pulse.isIdleButForRequests).toBe(false);
});

describe('memory', () => {
  it('is read at the start and at each check, and growth of the workers’ ends idleness', async () => {
    const { given, changes, pulse, step } = made();
    pulse.noteQuietSince(null);
    given.workersRss = 100 * MB;
    pulse.start();
    await settled();
    expect(pulse.memory).toEqual({
      totalBytes: 1_000 * MB,
      usedBytes: 400 * MB,
      workersRssBytes: 100 * MB,
      growing: false,
      overThreshold: false,
    });
    expect(pulse.idle.isIdle).toBe(true);
    given.workersRss = 150 * MB;
    await step(5_000);
    expect(pulse.memory).toMatchObject({ growing: true, workersRssBytes: 150 * MB });
    expect(changes).toEqual([['running', 'the workers’ memory grew by 50 % in 5 s']]);
    await step(60_000);
    expect(pulse.memory.growing, 'growth that left the window is over').toBe(false);
    expect(changes.slice(1)).toEqual([['idle', 'no traffic yet']]);
  });

  it('that cannot be read is told, and the last figures stay', async () => {
    const { given, warnings, pulse, step } = made();
    pulse.start();
    await settled();
    given.machine = new Error('no figures');
    await step(5_000);
    expect(warnings).toEqual(['The idle figures could not be refreshed: no figures']);
    expect(pulse.memory.usedBytes).toBe(400 * MB);
  });

  it('over a threshold that is set while it runs counts at once', async () => {
    const { given, pulse } = made();
    given.workersRss = 300 * MB;
    pulse.noteQuietSince(null);
    pulse.start();
    await settled();
    pulse.configure({ ...defaultSettings(), IDLE_MEMORY_THRESHOLD_MB: 200 });
    expect(pulse.idle).toMatchObject({ isIdle: false, reason: 'the workers’ memory is 300 MB, over 200 MB' });
    pulse.configure(defaultSettings());
    expect(pulse.idle.isIdle).toBe(true);
  });
});

it('traffic ends idleness at once, not at the next check', async () => {
  const { changes, pulse, step } = made();
  pulse.start();
  await step(35_000);
  expect(changes).toEqual([['idle', 'quiet for 35 s']]);
  pulse.noteTraffic(3);
  expect(changes[1]).toEqual(['running', 'traffic 0 s ago; idle after 30 s without']);
  expect(pulse.idle).toMatchObject({ isIdle: false, trafficCount: 3, sinceTrafficMs: 0 });
});

it('started, configured and started again it has one timer; stopped it has none', () => {
  const { clock, pulse } = made();
  pulse.start();
  for (let n = 1; n <= 50; n += 1) {
    pulse.configure({ ...defaultSettings(), IDLE_CHECK_INTERVAL_MS: 1_000 * n });
    pulse.start();
  }
  expect(clock.timerCount).toBe(1);
  pulse.stop();
  expect(clock.timerCount).toBe(0);
});

describe('the series', () => {
  it('has the rate since the point before, and is as long as the charts are', () => {
    const { clock, pulse } = made();
    expect(pulse.sample()).toMatchObject({ instantRate: 0, trafficRate: 0, sinceTrafficMs: null });
    pulse.noteTraffic(5);
    clock.step(2_000);
    expect(pulse.sample()).toMatchObject({ at: clock.wallMs(), instantRate: 2.5, sinceTrafficMs: 2_000 });
    clock.step(2_000);
    expect(pulse.sample().instantRate).toBe(0);
    for (let n = 0; n < SERIES_KEPT + 10; n += 1) {
      clock.step(2_000);
      pulse.sample();
    }
    expect(pulse.series).toHaveLength(SERIES_KEPT);
    expect(pulse.series.at(-1)?.at).toBe(clock.wallMs());
    expect(pulse.series[0]?.at).toBe(clock.wallMs() - (SERIES_KEPT - 1) * 2_000);
  });

  it('two points of one moment have no rate between them', () => {
    const { pulse } = made();
    pulse.sample();
    pulse.noteTraffic(5);
    expect(pulse.sample().instantRate).toBe(0);
  });
});
