import { describe, expect, it } from 'vitest';
import {
  type BacktestShown,
  endedSooner,
  needsConsent,
  obstacleTo,
  settingsAfter,
} from '../../../src/renderer/logic/backtest-gate';
import type { BacktestCase, BacktestReport } from '../../../src/shared/model';
import { defaultSettings, type PolicyRule, type Settings } from '../../../src/shared/settings';

const rule = (action: PolicyRule['action'], afterSecs = 300): PolicyRule => ({ action, afterSecs, killGraceMs: 1_000 });
const settings = (endingPolicy: Settings['endingPolicy'], over: Partial<Settings> = {}): Settings => ({
  ...defaultSettings(),
  endingPolicy,
  ...over,
});

describe('settings that end workers sooner', () => {
  const sooner = (before: Settings, after: Settings) => endedSooner(before, after);

  it('are those that end a kind which nothing ended before', () => {
    expect(sooner(settings({}), settings({ codex: rule('kill') }))).toEqual(['codex']);
    expect(sooner(settings({ codex: rule('suggest') }), settings({ codex: rule('kill') }))).toEqual(['codex']);
    expect(
      sooner(settings({ codex: rule('kill') }), settings({ codex: rule('kill'), workbench: rule('kill') })),
    ).toEqual(['workbench']);
  });

  it('are those that wait for less', () => {
    const before = settings({ codex: rule('kill', 300) }, { session_stale_secs: 300, sessionMaxRunMinutes: null });
    expect(sooner(before, { ...before, endingPolicy: { codex: rule('kill', 299) } })).toEqual(['codex']);
    expect(sooner(before, { ...before, session_stale_secs: 200 })).toEqual(['codex']);
    expect(sooner(before, { ...before, sessionMaxRunMinutes: 600 }), 'a limit where there was none').toEqual(['codex']);
  });

  it('are none that change nothing of it, wait for longer, or only tell', () => {
    const before = settings({ codex: rule('kill', 300) }, { sessionMaxRunMinutes: 10 });
    expect(sooner(before, before)).toEqual([]);
    expect(sooner(before, { ...before, killGraceMs: 1 })).toEqual([]);
    expect(sooner(before, { ...before, session_stale_secs: 900, sessionMaxRunMinutes: null })).toEqual([]);
    expect(sooner(before, { ...before, endingPolicy: { codex: rule('kill', 301) } })).toEqual([]);
    expect(sooner(before, { ...before, endingPolicy: {} })).toEqual([]);
    expect(sooner(settings({}), settings({ codex: rule('suggest') }, { heartbeat_missing_secs: 5 }))).toEqual([]);
  });
});

it('a patch is read as the settings it makes; a wrong one makes none', () => {
  const inForce = settings({ codex: rule('kill') }, { killGraceMs: 9 });
  expect(settingsAfter(inForce, { endingPolicy: null })?.endingPolicy).toEqual({});
  expect(settingsAfter(inForce, { killGraceMs: 7 })).toEqual({ ...inForce, killGraceMs: 7 });
  expect(settingsAfter(inForce, { endingPolicy: { codex: { action: 'kill', afterSecs: 'soon' } } })).toBeNull();
});

describe('saving', () => {
  const report = (mistaken: number): BacktestShown => ({
    state: 'shown',
    report: { mistaken: Array.from({ length: mistaken }, () => ({}) as BacktestCase) } as BacktestReport,
  });
  const failed: BacktestShown = { state: 'failed', reason: 'history.db cannot be read' };

  it('waits until it was shown what would have been', () => {
    expect(obstacleTo({ state: 'looking' }, false)).toMatch(/^Not saved yet/);
    expect(obstacleTo({ state: 'looking' }, true)).toMatch(/^Not saved yet/);
    expect(obstacleTo(report(0), false)).toBeNull();
  });

  it('takes a plain word where somebody would have been ended wrongly, or nobody can tell', () => {
    expect([report(0), report(1), failed, { state: 'looking' } as const].map(needsConsent)).toEqual([
      ...[false, true, true, false],
    ]);
    expect(obstacleTo(report(2), false)).toMatch(/tick that workers may be ended/);
    expect(obstacleTo(failed, false)).toMatch(/tick that workers may be ended/);
    expect([obstacleTo(report(2), true), obstacleTo(failed, true)]).toEqual([null, null]);
  });
});
