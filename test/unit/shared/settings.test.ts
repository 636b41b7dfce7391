import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowedValues,
  defaultSettings,
  isSettingKey,
  mergeSettings,
  optionName,
  parseLayer,
  SETTING_KEYS,
  type SettingKey,
  settingFromText,
  settingWords,
} from '../../../src/shared/settings';

const DEFAULTS = defaultSettings();
const KINDS = 'worker-directory, workbench, supervised-run, opencode, claude-code, codex, agent-registry';

function merged(layer: unknown) {
  const result = mergeSettings(DEFAULTS, layer, 'settings.json');
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('; '));
  return result.settings;
}

function messages(layer: unknown): string[] {
  const result = mergeSettings(DEFAULTS, layer, 'settings.json');
  return result.ok ? [] : result.errors.map(({ message }) => message);
}

describe('the settings', () => {
  test('have the values everyone relies on before anyone changed one', () => {
    expect(DEFAULTS).toMatchObject({
      ...{ workerDirs: [], heartbeat_missing_secs: 30, heartbeat_stale_secs: 60, command_timeout_secs: 300 },
      ...{ startupGraceMs: 30_000, wakeGraceMs: 30_000, clockSkewToleranceMs: 5_000, requestSilenceMs: 120_000 },
      ...{ INITIAL_IDLE_TIMEOUT_MS: 30_000, MIN_IDLE_TIMEOUT_MS: 10_000, MAX_IDLE_TIMEOUT_MS: 120_000 },
      ...{ EWMA_DECAY: 0.85, IDLE_CHECK_INTERVAL_MS: 5_000, IDLE_MEMORY_THRESHOLD_MB: null },
      ...{ MEMORY_GROWTH_WINDOW_MS: 60_000, killGraceMs: 5_000 },
    });
  });

  test('all have a title, a group, a description, words for what is allowed, and an option of their own', () => {
    expect(new Set(SETTING_KEYS.map(optionName)).size).toBe(SETTING_KEYS.length);
    for (const key of SETTING_KEYS) {
      const { title, group, description } = settingWords(key);
      expect([title, group, description].every(Boolean)).toBe(true);
      expect(allowedValues(key)).toMatch(
        /^(a whole number|a number|true or false|a list of (paths|addresses|worker|models|\{path: a path; )|show or end|an object with |an address |two times of day )/,
      );
      expect(optionName(key)).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
  });

  test.each([
    ['heartbeat_missing_secs', 'heartbeat-missing-secs'],
    ['killGraceMs', 'kill-grace-ms'],
    ['EWMA_DECAY', 'ewma-decay'],
    ['workerDirs', 'worker-dirs'],
    ['IDLE_MEMORY_THRESHOLD_MB', 'idle-memory-threshold-mb'],
  ] as const)('%s is the option --%s', (key, option) => expect(optionName(key)).toBe(option));

  test.each([
    ['killGraceMs', 'a whole number from 0 to 600000 (ms)'],
    ['heartbeat_missing_secs', 'a number from 1 to 86400 (s)'],
    ['EWMA_DECAY', 'a number between 0 and 1'],
    ['notifyStalled', 'true or false'],
    ['workerDirs', 'a list of paths'],
    ['IDLE_MEMORY_THRESHOLD_MB', 'a number from 1 to 16777216 or null (MB)'],
    ['orphanedRuns', 'show or end'],
    ['keepAlive', 'a list of worker ids'],
    ['workbenchDirs', 'a list of paths'],
    [
      'endingPolicy',
      `an object with ${KINDS} or task-list, each of them {action: monitor, notify, suggest or kill; ` +
        'afterSecs: a number from 0 to 86400 (s); killGraceMs: a whole number from 0 to 600000 (ms)}',
    ],
    ['opencodeServers', 'a list of addresses'],
    ['sessionMaxRunMinutes', 'a number from 1 to 525600 or null (min)'],
    ['idleTimeoutMinutesByKind', `an object with ${KINDS} or task-list, each of them a number from 1 to 525600 (min)`],
    ['mutedSources', `a list of ${KINDS} and task-list`],
    ['quietHours', 'two times of day such as 22:00-07:00 or null'],
    [
      'taskLists',
      'a list of {path: a path; table: a name or null; columns: {id: a name; title: a name; state: a name; ' +
        'lastActivity: a name}; intermediate: a list of texts; final: a list of texts; ' +
        'stuckAfterMinutes: a number from 1 to 525600 or null (min)}',
    ],
  ] as const)('%s allows %s', (key, allowed) => expect(allowedValues(key)).toBe(allowed));
});

describe('a layer', () => {
  test('lies over what is below it, key by key', () => {
    const once = merged({ killGraceMs: 1, EWMA_DECAY: 0.5 });
    expect(once).toEqual({ ...DEFAULTS, killGraceMs: 1, EWMA_DECAY: 0.5 });
    const twice = mergeSettings(once, { EWMA_DECAY: 0.6 }, 'option');
    expect(twice).toEqual({ ok: true, settings: { ...DEFAULTS, killGraceMs: 1, EWMA_DECAY: 0.6 } });
    expect(merged({})).toEqual(DEFAULTS);
  });

  test.each([null, 5, 'text', true, []])('of %j is no object of settings', (layer) => {
    expect(messages(layer)).toEqual([`settings.json: ${JSON.stringify(layer)} is not an object of settings`]);
  });

  test.each([
    [{ killGraceMs: -1 }, 'settings.json: killGraceMs is -1; allowed is a whole number from 0 to 600000 (ms)'],
    [{ killGraceMs: 1.5 }, 'settings.json: killGraceMs is 1.5; allowed is a whole number from 0 to 600000 (ms)'],
    [{ killGraceMs: '5' }, 'settings.json: killGraceMs is "5"; allowed is a whole number from 0 to 600000 (ms)'],
    [{ EWMA_DECAY: 1 }, 'settings.json: EWMA_DECAY is 1; allowed is a number between 0 and 1'],
    [{ workerDirs: 'here' }, 'settings.json: workerDirs is "here"; allowed is a list of paths'],
    [{ workerDirs: [''] }, 'settings.json: workerDirs is [""]; allowed is a list of paths'],
    [{ notifyStalled: 1 }, 'settings.json: notifyStalled is 1; allowed is true or false'],
    [{ orphanedRuns: 'kill' }, 'settings.json: orphanedRuns is "kill"; allowed is show or end'],
    [{ keepAlive: 'me' }, 'settings.json: keepAlive is "me"; allowed is a list of worker ids'],
    [{ keepAlive: [1] }, 'settings.json: keepAlive is [1]; allowed is a list of worker ids'],
    [
      { endingPolicy: { workbench: { action: 'kill', afterSecs: -1 } } },
      'settings.json: endingPolicy.workbench.afterSecs is -1; allowed is a number from 0 to 86400 (s)',
    ],
    [
      { endingPolicy: { workbench: { killGraceMs: 0.5 } } },
      'settings.json: endingPolicy.workbench.killGraceMs is 0.5; allowed is a whole number from 0 to 600000 (ms)',
    ],
    [
      { endingPolicy: { 'worker-directory': { action: 'end' } } },
      'settings.json: endingPolicy.worker-directory.action is "end"; allowed is monitor, notify, suggest or kill',
    ],
    [
      { endingPolicy: { workbench: { action: 'kill', when: 'now' } } },
      'settings.json: endingPolicy.workbench has "when"; known are action, afterSecs and killGraceMs',
    ],
    [{ endingPolicy: { workers: {} } }, `settings.json: endingPolicy has "workers"; known are ${KINDS} and task-list`],
    [
      { endingPolicy: { workbench: 'kill' } },
      expect.stringMatching(/^settings.json: endingPolicy.workbench is "kill"; allowed is {action: monitor, .*}$/),
    ],
    [
      { endingPolicy: 'kill' },
      expect.stringMatching(/^settings.json: endingPolicy is "kill"; allowed is an object with /),
    ],
    [
      { quietHours: '22:00' },
      'settings.json: quietHours is "22:00"; allowed is two times of day such as 22:00-07:00 or null',
    ],
    [{ quietHours: '24:00-07:00' }, expect.stringMatching(/^settings.json: quietHours is "24:00-07:00"; allowed is /)],
    [{ mutedSources: ['all'] }, `settings.json: mutedSources is ["all"]; allowed is a list of ${KINDS} and task-list`],
    [
      { opencodeServers: ['ftp://127.0.0.1'] },
      'settings.json: opencodeServers is ["ftp://127.0.0.1"]; allowed is a list of addresses',
    ],
    [
      { idleTimeoutMinutesByKind: { codex: 0 } },
      'settings.json: idleTimeoutMinutesByKind.codex is 0; allowed is a number from 1 to 525600',
    ],
    [{ taskLists: [{}] }, 'settings.json: taskLists[0].path is missing; allowed is a path'],
    [
      { taskLists: [{ path: '/a' }, { path: '/b', columns: { id: '' } }] },
      'settings.json: taskLists[1].columns.id is ""; allowed is a name',
    ],
    [
      { taskLists: [{ path: '/a', stuckAfterMinutes: 0 }] },
      'settings.json: taskLists[0].stuckAfterMinutes is 0; allowed is a number from 1 to 525600 or null (min)',
    ],
    [
      { taskLists: [{ path: '/a', final: [1] }] },
      'settings.json: taskLists[0].final is [1]; allowed is a list of texts',
    ],
    [
      { taskLists: [{ path: '/a', tables: 1 }] },
      'settings.json: taskLists[0] has "tables"; known are path, table, columns, intermediate, final and stuckAfterMinutes',
    ],
    [{ endingPolicy: null }, expect.stringMatching(/^settings.json: endingPolicy is null; allowed is an object with /)],
  ])('%j is refused, and the message names the key, the value and what is allowed', (layer, message) => {
    expect(messages(layer)).toEqual([message]);
  });

  test('with a rule for one kind of worker fills in what it does not say', () => {
    expect(merged({ endingPolicy: { workbench: { action: 'kill' } } }).endingPolicy).toEqual({
      workbench: { action: 'kill', afterSecs: 300, killGraceMs: 10_000 },
    });
  });

  test('with a task list fills in columns, states and threshold', () => {
    expect(merged({ taskLists: [{ path: '/a', columns: { id: 'key' } }] }).taskLists).toEqual([
      {
        ...{ path: '/a', table: null, stuckAfterMinutes: null },
        columns: { id: 'key', title: 'title', state: 'state', lastActivity: 'last_activity' },
        intermediate: ['planning', 'in_progress', 'ai_review'],
        final: ['done', 'completed', 'cancelled', 'failed'],
      },
    ]);
  });

  test('that names what is no setting is refused, be it the name of something every object has', () => {
    expect(messages({ colour: 1 })).toEqual([
      expect.stringMatching(/^settings.json: "colour" is not a setting; known are /),
    ]);
    for (const key of ['constructor', 'toString']) expect(messages({ [key]: 1 })).toHaveLength(1);
    expect(messages(JSON.parse('{"__proto__":{"killGraceMs":1}}'))).toHaveLength(1);
    expect(isSettingKey('hasOwnProperty')).toBe(false);
  });

  test('with one wrong value is refused whole, with every error named', () => {
    expect(messages({ killGraceMs: -1, EWMA_DECAY: 2, notifyStalled: false })).toHaveLength(2);
    const { values, errors } = parseLayer({ killGraceMs: -1, notifyStalled: false }, 'environment');
    expect(values).toEqual({ notifyStalled: false });
    expect(errors).toMatchObject([{ key: 'killGraceMs', from: 'environment' }]);
  });

  test('that puts the idle timeouts out of order is refused, also together with what is below it', () => {
    const order =
      /^settings.json: the idle timeouts are .*; allowed is MIN_IDLE_TIMEOUT_MS ≤ INITIAL_IDLE_TIMEOUT_MS ≤ MAX/;
    expect(messages({ MIN_IDLE_TIMEOUT_MS: 40_000 })).toEqual([expect.stringMatching(order)]);
    expect(messages({ MAX_IDLE_TIMEOUT_MS: 20_000 })).toEqual([expect.stringMatching(order)]);
    expect(messages({ MIN_IDLE_TIMEOUT_MS: 40_000, INITIAL_IDLE_TIMEOUT_MS: 40_000 })).toEqual([]);
  });

  test('never throws, and what it gives is always allowed, whatever was written', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.integer(), fc.double(), fc.boolean(), fc.string());
    const layer = fc.dictionary(fc.oneof(fc.constantFrom<string>(...SETTING_KEYS), fc.string()), value, { maxKeys: 4 });
    fc.assert(
      fc.property(layer, (written) => {
        const result = mergeSettings(DEFAULTS, written, 'settings.json');
        if (result.ok) expect(mergeSettings(DEFAULTS, result.settings, 'again').ok).toBe(true);
        else for (const { message } of result.errors) expect(message).toMatch(/^settings.json: .+/);
      }),
    );
  });
});

describe('a setting written as text', () => {
  test.each<[SettingKey, string, unknown]>([
    ['killGraceMs', '5000', 5_000],
    ['killGraceMs', ' 5000 ', 5_000],
    ['killGraceMs', 'soon', 'soon'],
    ['killGraceMs', '', ''],
    ['killGraceMs', 'Infinity', 'Infinity'],
    ['EWMA_DECAY', '0.5', 0.5],
    ['notifyStalled', 'true', true],
    ['notifyStalled', 'false', false],
    ['notifyStalled', 'yes', 'yes'],
    ['workerDirs', '/a:/b', ['/a', '/b']],
    ['workerDirs', '', []],
    ['workerDirs', '["/a:b"]', ['/a:b']],
    ['workerDirs', '[broken', '[broken'],
    ['IDLE_MEMORY_THRESHOLD_MB', 'none', null],
    ['IDLE_MEMORY_THRESHOLD_MB', '512', 512],
    ['killGraceMs', 'none', 'none'],
    ['orphanedRuns', 'end', 'end'],
    ['orphanedRuns', 'never', 'never'],
    ['keepAlive', 'worker-directory:/a,workbench:/b', ['worker-directory:/a', 'workbench:/b']],
    ['keepAlive', '["worker-directory:/a,b"]', ['worker-directory:/a,b']],
    ['endingPolicy', ' {"workbench": {"action": "kill"}} ', { workbench: { action: 'kill' } }],
    ['endingPolicy', 'kill', 'kill'],
    ['taskLists', ' [{"path": "/a,b:c"}] ', [{ path: '/a,b:c' }]],
    ['taskLists', '/a', '/a'],
    ['opencodeServers', 'http://127.0.0.1:4096,http://h:1', ['http://127.0.0.1:4096', 'http://h:1']],
    ['idleTimeoutMinutesByKind', '{"codex": 5}', { codex: 5 }],
    ['mutedSources', 'codex,opencode', ['codex', 'opencode']],
    ['quietHours', '22:00-07:00', '22:00-07:00'],
    ['quietHours', 'none', null],
    ['sessionMaxRunMinutes', 'none', null],
  ])('%s of %j is %j', (key, text, value) => expect(settingFromText(key, text)).toEqual(value));

  test('of every allowed number is that number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600_000 }), (ms) => {
        expect(merged({ killGraceMs: settingFromText('killGraceMs', `${ms}`) }).killGraceMs).toBe(ms);
      }),
    );
  });
});

test('a refused address does not tell its password', () => {
  const { errors } = parseLayer({ opencodeServers: ['ftp://me:secret@host'] }, 'option');
  expect(errors[0]?.message).toContain('//…@host');
  expect(errors[0]?.message).not.toContain('secret');
});
