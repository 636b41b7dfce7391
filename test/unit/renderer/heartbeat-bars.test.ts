import { describe, expect, it } from 'vitest';
import {
  BARS_SHOWN,
  barScaleMs,
  heartbeatBars,
  oldestSigns,
  thresholdRange,
} from '../../../src/renderer/logic/heartbeat-bars';
import { formatDuration } from '../../../src/shared/format';
import { makeRow } from '../../fixtures/renderer/pictures';

const NOW = 1_000_000;

describe('the heartbeat chart', () => {
  it('shows the oldest eight, oldest first', () => {
    const rows = Array.from({ length: 40 }, (_, index) =>
      makeRow({ name: `w${index}`, heartbeatAgeMs: ((index * 7) % 40) * 1_000 }),
    );
    const oldest = oldestSigns(rows);
    expect(oldest).toHaveLength(BARS_SHOWN);
    expect(oldest.map((row) => row.heartbeatAgeMs)).toEqual([39, 38, 37, 36, 35, 34, 33, 32].map((s) => s * 1_000));
  });

  it('compares ages taken at different times', () => {
    const early = makeRow({ name: 'early', heartbeatAgeMs: 1_000, judgedAt: NOW - 60_000 });
    const late = makeRow({ name: 'late', heartbeatAgeMs: 20_000, judgedAt: NOW });
    expect(oldestSigns([late, early]).map((row) => row.name)).toEqual(['early', 'late']);
  });

  it('leaves out stopped and snoozed workers, workbenches, and those without a sign of life', () => {
    const rows = [
      makeRow({ name: 'stopped', state: 'stopped', heartbeatAgeMs: 900_000 }),
      makeRow({ name: 'snoozed', state: 'dead', snoozed: true, heartbeatAgeMs: 900_000 }),
      makeRow({ name: 'bench', source: 'workbench', heartbeatAgeMs: null, lifeAgeMs: 900_000 }),
      makeRow({ name: 'silent', heartbeatAgeMs: null, lifeAgeMs: null }),
      makeRow({ name: 'lively', heartbeatAgeMs: null, lifeAgeMs: 2_000 }),
    ];
    const oldest = oldestSigns(rows);
    expect(oldest.map((row) => row.name)).toEqual(['lively']);
    expect(heartbeatBars(rows, oldest, NOW)).toMatchObject({ judged: 1, overThreshold: 0 });
  });

  it('ages go on, and a worker crosses its own threshold while no delta comes', () => {
    const silent = { heartbeatAgeMs: 28_000, lifeAgeMs: 28_000 };
    const rows = [
      makeRow({ name: 'quick', ...silent }),
      makeRow({ name: 'slow', ...silent, heartbeatMissingMs: 75_000, heartbeatStaleMs: 75_000 }),
    ];
    expect(heartbeatBars(rows, rows, NOW).overThreshold).toBe(0);
    const later = heartbeatBars(rows, rows, NOW + 3_000);
    expect(later.overThreshold).toBe(1);
    expect(later.bars[0]).toMatchObject({ ageMs: 31_000, heartbeatMissingMs: 30_000, heartbeatStaleMs: 60_000 });
  });

  it('counts nobody who shows other life or waits for a person, however old the heartbeat', () => {
    const rows = [
      makeRow({ name: 'wire events alone', state: 'busy', heartbeatAgeMs: 90_000, lifeAgeMs: 2_000 }),
      makeRow({ name: 'asks', state: 'waiting', heartbeatAgeMs: 90_000, lifeAgeMs: 90_000 }),
      makeRow({ name: 'silent', state: 'stalled', heartbeatAgeMs: 90_000, lifeAgeMs: 90_000 }),
    ];
    expect(heartbeatBars(rows, rows, NOW).overThreshold).toBe(1);
  });

  it('one worker that died long ago does not flatten the others', () => {
    const rows = [makeRow({ name: 'long dead', state: 'dead', heartbeatAgeMs: 86_400_000 }), makeRow({ name: 'well' })];
    expect(barScaleMs(heartbeatBars(rows, rows, NOW).bars)).toBe(240_000);
  });

  it('always has room for the usual thresholds', () => {
    const rows = [makeRow({ name: 'well', heartbeatAgeMs: 100 })];
    expect(barScaleMs(heartbeatBars(rows, rows, NOW).bars)).toBe(75_000);
  });

  it('says the thresholds as one figure or as a range', () => {
    expect(thresholdRange([30_000, 30_000], formatDuration)).toBe('30 s');
    expect(thresholdRange([30_000, 120_000], formatDuration)).toBe('30 s to 2 min');
    expect(thresholdRange([], formatDuration)).toBe('–');
  });
});
