import { describe, expect, it } from 'vitest';
import { type MinutesDraft, minutesFaults } from '../../../src/renderer/logic/kinds-form';
import { fromPolicyDraft, type PolicyDraft, policyFaults } from '../../../src/renderer/logic/policy-form';
import {
  type Draft,
  draftOf,
  fieldKind,
  fromDraft,
  hintOf,
  settingGroups,
  settingsPatch,
  spokenLength,
} from '../../../src/renderer/logic/settings-form';
import { newTaskListDraft, type TaskListDraft, taskListFaults } from '../../../src/renderer/logic/task-list-form';
import { SOURCE_KINDS } from '../../../src/shared/model';
import { defaultSettings, SETTING_KEYS, type Settings } from '../../../src/shared/settings';

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
    expect(fieldKind('orphanedRuns')).toBe('choice');
    expect(fieldKind('endingPolicy')).toBe('policy');
    expect(fieldKind('keepAlive')).toBe('workers');
    expect(fieldKind('opencodeServers')).toBe('list');
    expect(fieldKind('sessionMaxRunMinutes')).toBe('number');
    expect(fieldKind('mutedSources')).toBe('kinds');
    expect(fieldKind('idleTimeoutMinutesByKind')).toBe('minutesByKind');
    expect(fieldKind('taskLists')).toBe('taskLists');
    expect(fieldKind('quietHours')).toBe('hours');
    expect(fieldKind('IDLEWATCH_UPSTREAM')).toBe('text');
    expect(fieldKind('gatewayRequestsPerMinute')).toBe('number');
  });

  it('every default survives its field', () => {
    const defaults = defaultSettings();
    for (const key of SETTING_KEYS) expect(fromDraft(key, draftOf(key, defaults)), key).toEqual(defaults[key]);
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

  it('saves no value where that is not the default, and gives the key up where it is', () => {
    const inForce = { ...defaultSettings(), gatewayRequestsPerMinute: 5, IDLEWATCH_UPSTREAM: 'http://127.0.0.1:9/v1' };
    expect(settingsPatch(inForce, { gatewayRequestsPerMinute: ' ' })).toEqual({ gatewayRequestsPerMinute: null });
    expect(settingsPatch(inForce, { gatewayRequestsPerMinute: '600' })).toEqual({ gatewayRequestsPerMinute: 600 });
    expect(settingsPatch(inForce, { IDLEWATCH_UPSTREAM: ' ' })).toEqual({ IDLEWATCH_UPSTREAM: null });
    expect(settingsPatch(inForce, { IDLEWATCH_UPSTREAM: ' http://127.0.0.1:9/v1 ' })).toEqual({});
  });

  it('hands on what is no number, so that the refusal names it', () => {
    const patch = settingsPatch(defaultSettings(), { killGraceMs: 'soon', sweepIntervalMs: '' });
    expect(patch).toEqual({ killGraceMs: 'soon', sweepIntervalMs: '' });
  });

  it('reads lists line by line', () => {
    expect(fromDraft('workerDirs', ' /a \n\n/b with space\n')).toEqual(['/a', '/b with space']);
  });

  it('takes numbers as the hints write them, and as other countries do', () => {
    expect(fromDraft('killGraceMs', '60,000')).toBe(60_000);
    expect(fromDraft('leftoversMaxMB', '16 777 216')).toBe(16_777_216);
    expect(fromDraft('EWMA_DECAY', '0,85')).toBe(0.85);
    expect(fromDraft('overloadLoadPerCore', '4,5')).toBe(4.5);
  });

  it.each([
    ['killGraceMs', 'Default 5,000; a whole number from 0 to 600,000 (ms).'],
    ['leftoversMaxMB', 'Default none; a number from 1 to 16,777,216 (MB).'],
    ['apiPort', 'Default 4747; a whole number from 0 to 65535.'],
    ['gatewayRequestsPerMinute', 'Default 600; a whole number from 1 to 1,000,000, or none.'],
    ['IDLEWATCH_UPSTREAM', 'Default none; an address such as https://api.example.com/v1.'],
    ['historyDays', 'Default 90; a whole number from 1 to 3,650 (days).'],
    ['EWMA_DECAY', 'Default 0.85; a number between 0 and 1.'],
    ['orphanedRuns', 'Default: Show it and offer its end.'],
    ['reapAutomatically', 'Default: off.'],
    ['workerDirs', 'Default: none.'],
    ['taskLists', 'Default: none.'],
    ['quietHours', 'Default: none.'],
    ['sessionMaxRunMinutes', 'Default none; a number from 1 to 525,600 (min).'],
  ] as const)('the hint of %s is: %s', (key, hint) => expect(hintOf(key)).toBe(hint));

  it.each([
    ['sweepIntervalMs', '600000', '10 min'],
    ['command_timeout_secs', '300', '5 min'],
    ['heartbeat_missing_secs', '30', null],
    ['killGraceMs', '500', null],
    ['killGraceMs', '1500', null],
    ['killGraceMs', 'soon', null],
    ['killGraceMs', '', null],
    ['memoryPressurePercent', '90', null],
    ['IDLE_SESSION_TIMEOUT_MINUTES', '60', '1 h'],
    ['IDLE_SESSION_TIMEOUT_MINUTES', '45', null],
  ] as const)('%s of %s is said as %s', (key, draft, spoken) => expect(spokenLength(key, draft)).toBe(spoken));
});

describe('the policy’s table', () => {
  const table = (policy: Settings['endingPolicy']) =>
    draftOf('endingPolicy', { ...defaultSettings(), endingPolicy: policy });
  const rule = { action: 'kill', afterSecs: 600, killGraceMs: 2_000 } as const;

  it('has a line for every kind and means only what differs from the default rule', () => {
    const draft = table({ workbench: rule }) as PolicyDraft;
    expect(Object.keys(draft)).toEqual([...SOURCE_KINDS]);
    expect(draft['worker-directory']).toEqual({ action: 'monitor', afterSecs: '300', killGraceMs: '10000' });
    expect(fromPolicyDraft(draft)).toEqual({ workbench: rule });
  });

  it('is unchanged while it means what is in force, in whatever order that was written', () => {
    const inForce = { ...defaultSettings(), endingPolicy: { 'supervised-run': rule, workbench: rule } };
    const patch = (draft: Draft) => settingsPatch(inForce, { endingPolicy: draft });
    expect(patch(table({ workbench: rule, 'supervised-run': rule }))).toEqual({});
    expect(patch(table({ workbench: rule }))).toEqual({ endingPolicy: { workbench: rule } });
    expect(patch(table({}))).toEqual({ endingPolicy: null });
  });

  it('names the fields that the schema refuses', () => {
    const draft = table({ workbench: rule }) as PolicyDraft;
    expect([...policyFaults(draft)]).toEqual([]);
    const wrong = { ...draft, workbench: { ...draft.workbench, afterSecs: 'soon', killGraceMs: '-1' } };
    expect([...policyFaults(wrong)].sort()).toEqual(['workbench.afterSecs', 'workbench.killGraceMs']);
  });
});

it('workers that are kept alive are taken off by their ids', () => {
  const inForce = { ...defaultSettings(), keepAlive: ['a', 'b\nc'] };
  expect(settingsPatch(inForce, { keepAlive: ['b\nc'] })).toEqual({ keepAlive: ['b\nc'] });
  expect(settingsPatch(inForce, { keepAlive: [] })).toEqual({ keepAlive: null });
});

describe('the fields of kinds', () => {
  it('keep the order in which kinds stand everywhere', () => {
    const inForce = { ...defaultSettings(), mutedSources: ['codex', 'workbench'] as Settings['mutedSources'] };
    expect(draftOf('mutedSources', inForce)).toEqual(['workbench', 'codex']);
    expect(settingsPatch(inForce, { mutedSources: ['workbench', 'codex'] })).toEqual({});
    expect(settingsPatch(inForce, { mutedSources: [] })).toEqual({ mutedSources: null });
  });

  it('hold a number for each kind that has one of its own', () => {
    const inForce = { ...defaultSettings(), idleTimeoutMinutesByKind: { codex: 5 } };
    const draft = draftOf('idleTimeoutMinutesByKind', inForce) as MinutesDraft;
    expect(draft).toMatchObject({ codex: '5', opencode: '' });
    const patch = (change: Partial<MinutesDraft>) =>
      settingsPatch(inForce, { idleTimeoutMinutesByKind: { ...draft, ...change } });
    expect(patch({})).toEqual({});
    expect(patch({ opencode: '1,440' })).toEqual({ idleTimeoutMinutesByKind: { opencode: 1440, codex: 5 } });
    expect(patch({ codex: ' ' })).toEqual({ idleTimeoutMinutesByKind: null });
    expect([...minutesFaults({ ...draft, opencode: 'soon', codex: '0' })].sort()).toEqual(['codex', 'opencode']);
  });
});

describe('the task lists', () => {
  const list = {
    ...{ path: '/a b', table: 'tasks', stuckAfterMinutes: 30 },
    columns: { id: 'key', title: 'title', state: 'state', lastActivity: 'last_activity' },
    intermediate: ['planning', 'ai review'],
    final: ['done'],
  };
  const inForce = { ...defaultSettings(), taskLists: [list] };
  const [draft] = draftOf('taskLists', inForce) as TaskListDraft[];
  if (!draft) throw new Error('there is no draft');

  it('mean the same when nothing was edited', () => {
    expect(draft).toMatchObject({ intermediate: 'planning, ai review', stuckAfter: '30', id: 'key' });
    expect(settingsPatch(inForce, { taskLists: [draft] })).toEqual({});
    expect(settingsPatch(inForce, { taskLists: [] })).toEqual({ taskLists: null });
  });

  it('take states separated by commas, and nothing for what may be missing', () => {
    const edited = { ...draft, table: ' ', stuckAfter: '', final: ' done,, gone ' };
    expect(fromDraft('taskLists', [edited])).toEqual([
      { ...list, table: null, stuckAfterMinutes: null, final: ['done', 'gone'] },
    ]);
  });

  it('begin with the columns and states most have, and lack a path', () => {
    const added = newTaskListDraft();
    expect(added).toMatchObject({ path: '', table: '', id: 'id', lastActivity: 'last_activity', stuckAfter: '' });
    expect([...taskListFaults([draft, added])]).toEqual(['1.path']);
    expect([...taskListFaults([{ ...draft, id: '', stuckAfter: '0' }])].sort()).toEqual(['0.id', '0.stuckAfter']);
  });
});

it('quiet hours are both times or none', () => {
  const inForce = { ...defaultSettings(), quietHours: '22:00-07:00' };
  expect(settingsPatch(inForce, { quietHours: '22:00-07:00' })).toEqual({});
  expect(settingsPatch(inForce, { quietHours: '' })).toEqual({ quietHours: null });
  expect(settingsPatch(inForce, { quietHours: '-07:00' })).toEqual({ quietHours: '-07:00' });
});
