import { describe, expect, it } from 'vitest';
import { createStallClock } from '../../../../src/engine/observe/stall-clock';

const TICK_MS = 2_000;
const HOUR = 3_600_000;

function made(initialGraceMs = 30_000) {
  let monotonicMs = 500_000;
  let wallMs = 1_700_000_000_000;
  let graceMs = initialGraceMs;
  const clock = { monotonicMs: () => monotonicMs, wallMs: () => wallMs, after: () => () => undefined };
  const stall = createStallClock({ clock, wakeGraceMs: () => graceMs });
  /** Both clocks go on. */
  const pass = (ms: number) => {
    monotonicMs += ms;
    wallMs += ms;
  };
  /** The wall clock alone: sleep (forward), or a clock that was set. */
  const jump = (ms: number) => {
    wallMs += ms;
  };
  const tickAfter = (ms: number) => {
    pass(ms);
    stall.tick(TICK_MS);
  };
  const setGrace = (ms: number) => {
    graceMs = ms;
  };
  stall.tick(TICK_MS);
  return { stall, clock, pass, jump, tickAfter, setGrace };
}

describe('a tick', () => {
  it.each<[string, number, number, string | null]>([
    ['in time', 2_000, 0, null],
    ['5 s late is not late yet', 7_000, 0, null],
    ['more than 5 s late', 7_001, 0, 'idlewatch itself stood still for 7 s'],
    ['after SIGSTOP', 42_000, 0, 'idlewatch itself stood still for 42 s'],
    ['clocks that disagree by 5 s', 2_000, 5_000, null],
    [
      'clocks that disagree by more',
      2_000,
      5_001,
      'the machine slept for 5 s, or its clock was set forward by that much',
    ],
    [
      'after sleep nobody told of',
      2_000,
      2 * HOUR + 300_000,
      'the machine slept for 2 h 5 min, or its clock was set forward by that much',
    ],
    ['the clock set back by 5 s', 2_000, -5_000, null],
    ['the clock set back', 2_000, -HOUR, 'the clock was set back by 1 h'],
    ['early', 0, 0, null],
  ])('%s', (_, passMs, jumpMs, reason) => {
    const { stall, clock, jump, tickAfter } = made();
    jump(jumpMs);
    tickAfter(passMs);
    expect(stall.hold()?.reason ?? null).toBe(reason);
    expect(stall.windowStart()).toBe(reason ? clock.monotonicMs() : Number.NEGATIVE_INFINITY);
  });

  it('disagreement counts from one tick to the next, so that a slowly corrected clock is none', () => {
    const { stall, jump, tickAfter } = made();
    for (let i = 0; i < 100; i++) {
      jump(100);
      tickAfter(TICK_MS);
    }
    expect(stall.hold()).toBeNull();
  });
});

describe('a hold', () => {
  it('lasts for the grace period, told on both clocks, and its window stays', () => {
    const { stall, clock, pass, tickAfter } = made();
    tickAfter(42_000);
    const start = clock.monotonicMs();
    const until = { untilMonotonicMs: start + 30_000, untilAt: clock.wallMs() + 30_000 };
    expect(stall.hold()).toMatchObject(until);
    for (let i = 0; i < 14; i++) tickAfter(TICK_MS);
    pass(1_999);
    expect(stall.hold()).toMatchObject(until);
    pass(1);
    expect(stall.hold()).toBeNull();
    expect(stall.windowStart()).toBe(start);
  });

  it('begins anew with each standstill', () => {
    const { stall, clock, jump, tickAfter } = made();
    tickAfter(42_000);
    tickAfter(TICK_MS);
    jump(-HOUR);
    tickAfter(TICK_MS);
    expect(stall.hold()).toMatchObject({
      reason: 'the clock was set back by 1 h',
      untilMonotonicMs: clock.monotonicMs() + 30_000,
    });
    expect(stall.windowStart()).toBe(clock.monotonicMs());
  });

  it('takes the grace period as it is set then; none still restarts the windows', () => {
    const { stall, clock, tickAfter, setGrace } = made();
    setGrace(0);
    tickAfter(42_000);
    expect(stall.hold()).toBeNull();
    expect(stall.windowStart()).toBe(clock.monotonicMs());
    setGrace(1_000);
    tickAfter(42_000);
    expect(stall.hold()?.untilMonotonicMs).toBe(clock.monotonicMs() + 1_000);
  });
});

describe('sleep that the system tells of', () => {
  it('holds from going to sleep on; the monotonic clock stands still meanwhile', () => {
    const { stall, clock, jump } = made();
    stall.suspend();
    expect(stall.hold()?.reason).toBe('the machine goes to sleep');
    jump(8 * HOUR);
    expect(stall.hold()).not.toBeNull();
    stall.resume();
    expect(stall.hold()).toMatchObject({
      reason: 'the machine slept for 8 h',
      untilMonotonicMs: clock.monotonicMs() + 30_000,
      untilAt: clock.wallMs() + 30_000,
    });
  });

  it('is known for what it was when a tick comes before the word of waking', () => {
    const { stall, jump, tickAfter } = made();
    stall.suspend();
    jump(2 * HOUR);
    tickAfter(1_000);
    expect(stall.hold()?.reason).toBe('the machine slept for 2 h');
    stall.resume();
    expect(stall.hold()?.reason).toBe('the machine slept for 2 h');
  });

  it('is known where the monotonic clock goes on in sleep', () => {
    const { stall, tickAfter } = made();
    stall.suspend();
    tickAfter(2 * HOUR);
    expect(stall.hold()?.reason).toBe('the machine slept for 2 h');
  });

  it('a short one holds too', () => {
    const { stall, jump } = made();
    stall.suspend();
    jump(3_000);
    stall.resume();
    expect(stall.hold()?.reason).toBe('the machine slept for 3 s');
  });

  it('the tick after waking is no second standstill', () => {
    const { stall, clock, jump, tickAfter } = made();
    stall.suspend();
    jump(HOUR);
    stall.resume();
    const start = clock.monotonicMs();
    tickAfter(TICK_MS);
    expect(stall.hold()?.reason).toBe('the machine slept for 1 h');
    expect(stall.windowStart()).toBe(start);
  });

  it('is over with the tick that saw it, though no word of waking ever comes', () => {
    const { stall, jump, tickAfter } = made();
    stall.suspend();
    jump(2 * HOUR);
    tickAfter(1_000);
    tickAfter(42_000);
    expect(stall.hold()?.reason).toBe('idlewatch itself stood still for 42 s');
  });

  it('told once is over with the waking: later standstills are others', () => {
    const { stall, pass, tickAfter } = made();
    stall.suspend();
    pass(3_000);
    stall.resume();
    pass(60_000);
    stall.resume();
    expect(stall.hold()?.reason).toBe('the machine woke up');
    tickAfter(42_000);
    expect(stall.hold()?.reason).toBe('idlewatch itself stood still for 42 s');
  });

  it.each<[string, (m: ReturnType<typeof made>) => void, string]>([
    ['with nothing to see', () => undefined, 'the machine woke up'],
    ['with a jump', ({ jump }) => jump(HOUR), 'the machine slept for 1 h, or its clock was set forward by that much'],
    [
      'with a jump that a tick has seen',
      ({ jump, tickAfter }) => {
        jump(HOUR);
        tickAfter(TICK_MS);
      },
      'the machine slept for 1 h, or its clock was set forward by that much',
    ],
  ])('waking without word of sleep, %s', (_, live, reason) => {
    const m = made();
    live(m);
    m.stall.resume();
    expect(m.stall.hold()?.reason).toBe(reason);
  });
});

describe('time in which nothing ran', () => {
  it('is what a late tick shows, as far as it lies after the moment asked for', () => {
    const { stall, clock, pass, tickAfter } = made();
    pass(0);
    const begun = clock.monotonicMs();
    tickAfter(2_000);
    expect(stall.stoodStillMs(begun)).toBe(0);
    tickAfter(HOUR + TICK_MS);
    expect(stall.stoodStillMs(begun)).toBe(HOUR);
    expect(stall.stoodStillMs(clock.monotonicMs() - 60_000)).toBe(60_000);
    expect(stall.stoodStillMs(clock.monotonicMs())).toBe(0);
    tickAfter(2 * HOUR + TICK_MS);
    expect(stall.stoodStillMs(begun)).toBe(3 * HOUR);
  });

  it('is known also where the system tells of waking first', () => {
    const { stall, clock, pass } = made();
    const begun = clock.monotonicMs();
    stall.suspend();
    pass(HOUR);
    stall.resume();
    stall.tick(TICK_MS);
    expect(stall.stoodStillMs(begun)).toBe(HOUR);
  });

  it('is none where the monotonic clock stood still itself', () => {
    const { stall, clock, jump, tickAfter } = made();
    const begun = clock.monotonicMs();
    jump(HOUR);
    tickAfter(2_000);
    expect(stall.stoodStillMs(begun)).toBe(0);
  });
});
