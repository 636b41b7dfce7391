import { describe, expect, test } from 'vitest';
import { type InUse, idleStatusOf, idleThresholdMs } from '../../../../src/engine/observe/idle-status';
import { defaultSettings } from '../../../../src/shared/settings';

const MIN = 60_000;
const at = (minute: number) => ({ monotonicMs: minute * MIN, at: 1e12 + minute * MIN });

describe('the threshold', () => {
  const settings = { ...defaultSettings(), idleTimeoutMinutesByKind: { codex: 5, 'worker-directory': 7 } };
  test.each([
    ['claude-code', 60],
    ['opencode', 60],
    ['codex', 5],
    ['task-list', 120],
    ['worker-directory', 7],
    ['supervised-run', 120],
  ] as const)('of %s is %d minutes', (source, minutes) => {
    expect(idleThresholdMs(settings, source)).toBe(minutes * MIN);
  });
});

describe('a session or task', () => {
  const used: InUse = {
    active: at(100),
    firstSeen: at(0),
    timedOut: null,
    thresholdMs: 60 * MIN,
    isAtWork: false,
  };
  /** Status `minute` minutes after the start, without a wake-up or with one. */
  const statusAt = (minute: number, over: Partial<InUse> = {}, wokenAt = Number.NEGATIVE_INFINITY) =>
    idleStatusOf({ ...used, ...over }, { ...at(minute), windowStart: wokenAt * MIN }).status;

  test.each<[string, number, Partial<InUse>, string]>([
    ['is in use just after its last activity', 100, {}, 'active'],
    ['is in use until its threshold', 159.9, {}, 'active'],
    ['is idle from its threshold on', 160, {}, 'idle'],
    ['is in use while it works, however silently', 500, { isAtWork: true }, 'active'],
    ['without known activity counts from when it was seen first', 60, { active: null }, 'idle'],
    ['without known activity is in use until then', 59, { active: null }, 'active'],
    ['that was ended for it has timed out', 161, { timedOut: at(160) }, 'timed_out'],
    ['that was ended without known activity has timed out', 161, { active: null, timedOut: at(160) }, 'timed_out'],
    ['that lives again after that is in use', 170, { active: at(165), timedOut: at(160) }, 'active'],
    ['that lives again after that may become idle again', 230, { active: at(165), timedOut: at(160) }, 'idle'],
  ])('%s', (_, minute, over, status) => expect(statusAt(minute, over)).toBe(status));

  test('begins anew when the machine wakes up', () => {
    expect(statusAt(160, {}, 150)).toBe('active');
    expect(statusAt(210, {}, 150)).toBe('idle');
  });

  test('tells when it was active last, by the wall clock', () => {
    expect(idleStatusOf(used, { ...at(160), windowStart: 0 })).toEqual({
      ...{ status: 'idle', activeAt: at(100).at, thresholdMs: 60 * MIN, ageMs: 60 * MIN },
    });
    expect(idleStatusOf({ ...used, active: null }, { ...at(1), windowStart: 0 }).activeAt).toBeNull();
  });
});
