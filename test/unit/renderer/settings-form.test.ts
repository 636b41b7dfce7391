import { describe, expect, it } from 'vitest';
import {
  fieldKind,
  fromDraft,
  settingGroups,
  settingsPatch,
  spokenLength,
  toDraft,
} from '../../../src/renderer/logic/settings-form';
import { defaultSettings, SETTING_KEYS } from '../../../src/shared/settings';

describe('the settings page', () => {
  it('shows every setting of the schema once', () => {
    const shown = settingGroups().flatMap(({ keys }) => keys);
    expect(shown.toSorted()).toEqual(SETTING_KEYS.toSorted());
  });

  it('has a field for every kind of value', () => {
    expect(fieldKind('notifyStalled')).toBe('switch');
    expect(fieldKind('workerDirs')).toBe('list');
    expect(fieldKind('killGraceMs')).toBe('number');
    expect(fieldKind('IDLE_MEMORY_THRESHOLD_MB')).toBe('number');
  });

  it('every default survives its field', () => {
    const defaults = defaultSettings();
    for (const key of SETTING_KEYS) expect(fromDraft(key, toDraft(defaults[key])), key).toEqual(defaults[key]);
  });

  it('saves only what changed', () => {
    const inForce = { ...defaultSettings(), killGraceMs: 8_000 };
    expect(settingsPatch(inForce, {})).toEqual({});
    expect(settingsPatch(inForce, { killGraceMs: '8000', heartbeat_stale_secs: '90' })).toEqual({
      heartbeat_stale_secs: 90,
    });
  });

  it('a field back at its default gives the key up', () => {
    const inForce = { ...defaultSettings(), killGraceMs: 8_000, IDLE_MEMORY_THRESHOLD_MB: 150, workerDirs: ['/a'] };
    expect(settingsPatch(inForce, { killGraceMs: '5000', IDLE_MEMORY_THRESHOLD_MB: ' ', workerDirs: '\n' })).toEqual({
      killGraceMs: null,
      IDLE_MEMORY_THRESHOLD_MB: null,
      workerDirs: null,
    });
  });

  it('hands on what is no number, so that the refusal names it', () => {
    const patch = settingsPatch(defaultSettings(), { killGraceMs: 'soon', sweepIntervalMs: '' });
    expect(patch).toEqual({ killGraceMs: 'soon', sweepIntervalMs: '' });
  });

  it('reads lists line by line', () => {
    expect(fromDraft('workerDirs', ' /a \n\n/b with space\n')).toEqual(['/a', '/b with space']);
  });

  it.each([
    ['sweepIntervalMs', '600000', '10 min'],
    ['command_timeout_secs', '300', '5 min'],
    ['heartbeat_missing_secs', '30', null],
    ['killGraceMs', '500', null],
    ['killGraceMs', '1500', null],
    ['killGraceMs', 'soon', null],
    ['killGraceMs', '', null],
    ['memoryPressurePercent', '90', null],
  ] as const)('%s of %s is said as %s', (key, draft, spoken) => expect(spokenLength(key, draft)).toBe(spoken));
});
