import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker } from '../../../../src/engine/act/breaker';
import type { WorkerState } from '../../../../src/shared/model';
import { SteppedClock } from '../../../fakes/stepped-clock';

function workers(count: number, state: WorkerState = 'ready', prefix = 'w') {
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, state }));
}

function stallAll(breaker: Breaker, ids: string[]): void {
  for (const id of ids) breaker.noteStall(id, 'stalled');
}

function ids(count: number, prefix = 'w'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

function scene({ breakerPercent = 30, breakerQuietMs = 600_000 } = {}) {
  const clock = new SteppedClock();
  const breaker = createBreaker({ clock, settings: () => ({ breakerPercent, breakerQuietMs }) });
  return { clock, breaker };
}

describe('the circuit breaker opens', () => {
  test('when more than the share turned stalled within a minute, and says how many of how many', () => {
    const { breaker, clock } = scene();
    stallAll(breaker, ids(30));
    expect(breaker.judge(workers(50))).toBe('opened');
    expect(breaker.state()).toEqual({
      openedAt: clock.wallMs(),
      reason: '30 of 50 running workers turned stalled within a minute',
    });
    expect(breaker.judge(workers(50))).toBeNull();
  });

  test.each([
    [15, 50, null],
    [16, 50, 'opened'],
    [2, 2, null],
    [3, 3, 'opened'],
    [3, 10, null],
    [3, 9, 'opened'],
  ])('%i of %i: %s', (stalled, all, change) => {
    const { breaker } = scene();
    stallAll(breaker, ids(stalled));
    expect(breaker.judge(workers(all))).toBe(change);
    expect(breaker.state() === null).toBe(change === null);
  });

  test('counting each worker once, however often it turned', () => {
    const { breaker } = scene();
    for (let i = 0; i < 10; i += 1) breaker.noteStall('w0', 'stalled');
    expect(breaker.judge(workers(5))).toBeNull();
  });

  test('not for stalls that came one by one, more than a minute apart', () => {
    const { breaker, clock } = scene();
    for (const id of ids(10)) {
      breaker.noteStall(id, 'stalled');
      expect(breaker.judge(workers(10))).toBeNull();
      clock.step(61_000);
    }
  });

  test('for stalls within 59 s, and whatever the wall clock does meanwhile', () => {
    const { breaker, clock } = scene();
    for (const id of ids(3)) {
      clock.jumpWall(3_600_000);
      clock.step(29_000);
      breaker.noteStall(id, 'stalled');
    }
    expect(breaker.judge(workers(3))).toBe('opened');
  });

  test('measured by those that could turn stalled: a thousand that stopped long ago hide no storm', () => {
    const { breaker } = scene();
    stallAll(breaker, ids(5));
    const all = [...workers(10), ...workers(1_000, 'stopped', 'old'), ...workers(100, 'dead', 'gone')];
    expect(breaker.judge(all)).toBe('opened');
    expect(breaker.state()?.reason).toBe('5 of 10 running workers turned stalled within a minute');
  });

  test('not for the deaths of workers that were ended through idlewatch', () => {
    const { breaker } = scene();
    for (const id of ids(4)) {
      breaker.noteStall(id, 'dead');
      breaker.noteEnded(id);
    }
    expect(breaker.judge(workers(4))).toBeNull();
  });

  test('also where some that stalled were then ended', () => {
    const { breaker } = scene();
    stallAll(breaker, ids(4));
    breaker.noteEnded('w0');
    breaker.noteEnded('w1');
    expect(breaker.judge(workers(4))).toBe('opened');
  });

  test('and names more as more stall, without opening again', () => {
    const { breaker } = scene();
    stallAll(breaker, ids(20));
    breaker.judge(workers(50));
    stallAll(breaker, ids(40));
    expect(breaker.judge(workers(50))).toBeNull();
    expect(breaker.state()?.reason).toBe('40 of 50 running workers turned stalled within a minute');
  });
});

describe('the circuit breaker closes', () => {
  function opened(breakerQuietMs = 600_000) {
    const made = scene({ breakerQuietMs });
    stallAll(made.breaker, ids(5));
    made.breaker.judge(workers(5));
    return made;
  }

  test('after the quiet time and not before, be the wall clock set forward', () => {
    const { breaker, clock } = opened();
    clock.jumpWall(86_400_000);
    clock.step(599_000);
    expect(breaker.judge(workers(5))).toBeNull();
    expect(breaker.closesInMs()).toBe(1_000);
    clock.step(1_000);
    expect(breaker.judge(workers(5))).toBe('closed');
    expect(breaker.state()).toBeNull();
    expect(breaker.closesInMs()).toBeNull();
  });

  test('later where another worker turned stalled meanwhile', () => {
    const { breaker, clock } = opened();
    clock.step(599_000);
    breaker.noteStall('late', 'dead');
    clock.step(599_000);
    expect(breaker.judge(workers(6))).toBeNull();
    clock.step(1_000);
    expect(breaker.judge(workers(6))).toBe('closed');
  });

  test('for good where the quiet time is shorter than a minute: what closed it does not open it again', () => {
    const { breaker, clock } = opened(1_000);
    clock.step(1_000);
    expect(breaker.judge(workers(5))).toBe('closed');
    expect(breaker.judge(workers(5))).toBeNull();
    stallAll(breaker, ids(3, 'new'));
    expect(breaker.judge([...workers(3), ...workers(3, 'ready', 'new')])).toBe('opened');
  });

  test('by hand, once', () => {
    const { breaker } = opened();
    expect(breaker.close()).toBe(true);
    expect(breaker.state()).toBeNull();
    expect(breaker.judge(workers(5))).toBeNull();
    expect(breaker.close()).toBe(false);
  });

  test('by quiet without taking the workers of the storm for well; by hand they are as any other', () => {
    const { breaker, clock } = opened();
    breaker.noteStall('late', 'stalled');
    breaker.noteRecovery('w1');
    clock.step(600_000);
    breaker.judge(workers(6));
    expect(['w0', 'w1', 'late', 'other'].map((id) => breaker.isFromStorm(id))).toEqual([true, false, true, false]);

    const other = opened();
    other.breaker.close();
    expect(other.breaker.isFromStorm('w0')).toBe(false);
  });
});
