import { describe, expect, it } from 'vitest';
import {
  createAppMemoryJudge,
  createProcessMemoryJudge,
  MemoryGrowth,
  type MemoryLimits,
} from '../../../../src/engine/observe/memory';

const MB = 1024 * 1024;
const APP: MemoryLimits = { thresholdMb: null, growthWindowMs: 60_000, pressurePercent: 90 };

/** `[monotonic ms, MB]` in order. */
type Samples = [number, number | null][];

function appAfter(samples: Samples, pressurePercent: number | null = 50, limits: MemoryLimits = APP) {
  const judge = createAppMemoryJudge(limits);
  for (const [atMs, mb] of samples) {
    const bytes = mb === null ? null : mb * MB;
    judge.note(atMs, { heldBytes: bytes, growthBytes: bytes, pressurePercent });
  }
  return judge.verdict;
}

describe('growth of the workers’ memory', () => {
  it.each<[string, Samples, boolean]>([
    ['one sample tells nothing', [[0, 5000]], false],
    [
      'steady',
      [
        [0, 500],
        [30_000, 500],
      ],
      false,
    ],
    [
      'by exactly 10 %',
      [
        [0, 500],
        [30_000, 550],
      ],
      false,
    ],
    [
      'by more than 10 % and 16 MB',
      [
        [0, 500],
        [30_000, 551],
      ],
      true,
    ],
    [
      'by 11 %, but only 11 MB',
      [
        [0, 100],
        [30_000, 111],
      ],
      false,
    ],
    [
      'by exactly 16 MB',
      [
        [0, 100],
        [30_000, 116],
      ],
      false,
    ],
    [
      'by a little over 16 MB',
      [
        [0, 100],
        [30_000, 116.1],
      ],
      true,
    ],
    [
      'by 17 MB, but only 2 %',
      [
        [0, 1000],
        [30_000, 1017],
      ],
      false,
    ],
    [
      'shrinking',
      [
        [0, 500],
        [30_000, 300],
      ],
      false,
    ],
    [
      'up and back again',
      [
        [0, 500],
        [20_000, 900],
        [30_000, 510],
      ],
      false,
    ],
    [
      'in small steps within the window',
      [
        [0, 500],
        [20_000, 520],
        [40_000, 540],
        [60_000, 560],
      ],
      true,
    ],
    [
      'the oldest sample of the window still counts',
      [
        [0, 500],
        [60_000, 600],
      ],
      true,
    ],
    [
      'one that has left the window does not',
      [
        [0, 500],
        [1, 595],
        [60_001, 600],
      ],
      false,
    ],
    [
      'slower than the window',
      [
        [0, 500],
        [50_000, 540],
        [100_000, 580],
        [150_000, 620],
      ],
      false,
    ],
    [
      'nobody in between: what comes then begins anew',
      [
        [0, 500],
        [10_000, null],
        [20_000, 900],
      ],
      false,
    ],
  ])('%s', (_, samples, growing) => {
    expect(appAfter(samples).growing).toBe(growing);
  });

  it('is told with its share and the time it really took', () => {
    expect(
      appAfter([
        [0, 500],
        [25_000, 610],
      ]).why,
    ).toBe('the workers’ memory grew by 22 % in 25 s');
    expect(appAfter([[0, 500]]).why).toBeNull();
  });

  it('sees the whole of a long window, however often it is asked', () => {
    const growth = new MemoryGrowth(86_400_000, 0);
    for (let second = 0; second <= 86_400; second += 5) growth.note(second * 1000, 1000 + second / 100);
    expect(growth.growth?.spanMs).toBe(86_400_000);
    expect(growth.growth?.share).toBeCloseTo(0.864, 3);
  });

  it('follows a window that is set anew', () => {
    const judge = createAppMemoryJudge(APP);
    const note = (atMs: number, mb: number) =>
      judge.note(atMs, { heldBytes: mb * MB, growthBytes: mb * MB, pressurePercent: null });
    note(0, 500);
    expect(note(30_000, 600).growing).toBe(true);
    judge.setLimits({ ...APP, growthWindowMs: 10_000 });
    expect(note(31_000, 600).growing).toBe(false);
  });
});

describe('thresholds in the app', () => {
  it.each<[string, number | null, number | null, Partial<MemoryLimits>, string | null]>([
    ['no threshold is set', 1_000_000, 50, {}, null],
    ['at the threshold', 800, 50, { thresholdMb: 800 }, null],
    ['over the threshold', 801, 50, { thresholdMb: 800 }, 'the workers’ memory is 801 MB, over 800 MB'],
    ['nothing to measure', null, 50, { thresholdMb: 800 }, null],
    ['at the pressure', 10, 90, {}, null],
    ['over the pressure', 10, 90.6, {}, 'the machine uses 91 % of its memory, over 90 %'],
    ['pressure unknown', 10, null, {}, null],
  ])('%s', (_, mb, pressure, limits, why) => {
    const verdict = appAfter([[0, mb]], pressure, { ...APP, ...limits });
    expect(verdict).toEqual({ growing: false, overThreshold: why !== null, why });
  });
});

describe('new limits', () => {
  const LIMITS = { thresholdMb: null, growthWindowMs: 60_000, pressurePercent: 90 };
  it.each<[string, Partial<MemoryLimits>, string | null]>([
    ['a threshold that is set', { thresholdMb: 1_000 }, 'the workers’ memory is 2.0 GB, over 1000 MB'],
    ['a lower pressure', { pressurePercent: 50 }, 'the machine uses 70 % of its memory, over 50 %'],
    ['none that matter', { thresholdMb: 3_000, pressurePercent: 70 }, null],
  ])('judge the last figures at once: %s', (_, limits, why) => {
    const judge = createAppMemoryJudge(LIMITS);
    judge.note(0, { heldBytes: 2 * 1024 ** 3, growthBytes: null, pressurePercent: 70 });
    expect(judge.verdict.why).toBeNull();
    judge.setLimits({ ...LIMITS, ...limits });
    expect(judge.verdict).toEqual({ growing: false, overThreshold: why !== null, why });
    judge.setLimits(LIMITS);
    expect(judge.verdict).toEqual({ growing: false, overThreshold: false, why: null });
  });
});

describe('as a library', () => {
  const figures = (rssMb: number, heapMb: number) => ({
    heldBytes: rssMb * MB,
    growthBytes: heapMb * MB,
    pressurePercent: 99,
  });

  it.each([
    ['150 MB resident are allowed', 150, false],
    ['more are not', 150.1, true],
  ])('%s', (_, rssMb, over) => {
    expect(createProcessMemoryJudge().note(0, figures(rssMb, 10)).overThreshold).toBe(over);
  });

  it('a heap that grew by more than 10 % counts, however small; the machine’s pressure does not', () => {
    const judge = createProcessMemoryJudge();
    expect(judge.note(0, figures(100, 10))).toEqual({ growing: false, overThreshold: false, why: null });
    expect(judge.note(30_000, figures(100, 11)).growing).toBe(false);
    expect(judge.note(31_000, figures(100, 11.1)).why).toBe('this process’s memory grew by 11 % in 31 s');
    expect(judge.note(95_000, figures(100, 11.1)).growing).toBe(false);
  });

  it('takes limits of its own', () => {
    expect(createProcessMemoryJudge({ thresholdMb: 50 }).note(0, figures(60, 1)).why).toBe(
      'this process’s memory is 60 MB, over 50 MB',
    );
  });
});
