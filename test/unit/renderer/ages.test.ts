import { describe, expect, it } from 'vitest';
import { ageNow, engineNow, shortAge } from '../../../src/renderer/logic/ages';

describe('ages between two deltas', () => {
  const received = { takenAt: 1_000_000, receivedAt: 500, paused: false };

  it('go on with the window’s clock from when the picture came', () => {
    expect(engineNow(received, 500)).toBe(1_000_000);
    expect(engineNow(received, 3_500)).toBe(1_003_000);
    expect(ageNow(4_000, 1_000_000, engineNow(received, 3_500))).toBe(7_000);
  });

  it('count from when a worker was judged, which may be before the picture', () => {
    expect(ageNow(4_000, 990_000, engineNow(received, 500))).toBe(14_000);
  });

  it('never run backwards: a tick older than the picture counts as the picture', () => {
    expect(engineNow(received, 400)).toBe(1_000_000);
    expect(ageNow(4_000, 1_000_500, 1_000_000)).toBe(4_000);
  });

  it('stand still while watching is paused', () => {
    expect(engineNow({ ...received, paused: true }, 60_500)).toBe(1_000_000);
  });

  it('stay unknown where they are unknown', () => {
    expect(ageNow(null, 1_000_000, 2_000_000)).toBeNull();
  });

  it.each([
    [0, '0.0 s'],
    [449, '0.4 s'],
    [9_990, '9.9 s'],
    [10_000, '10 s'],
    [59_999, '59 s'],
    [61_000, '1 min'],
    [7_300_000, '2 h'],
  ])('%d ms reads %s', (ms, words) => expect(shortAge(ms)).toBe(words));
});
