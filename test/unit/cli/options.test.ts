import { expect, test } from 'vitest';
import { UsageError } from '../../../src/cli/command';
import { COMMAND_GROUPS, COMMANDS } from '../../../src/cli/commands';
import { status } from '../../../src/cli/commands/status';
import { commandHelp, commandsHelp } from '../../../src/cli/help';
import { readRequest } from '../../../src/cli/options';
import { optionName, SETTING_KEYS } from '../../../src/shared/settings';

const read = (...args: string[]) => readRequest(args, COMMANDS);

function given(...args: string[]) {
  const request = read(...args);
  if (request.ask !== 'run') throw new Error(`asks for ${request.ask}`);
  return request.given;
}

test('what is repeatable is kept in its order', () => {
  const { all, has } = given('status', '--worker-dir', 'run', '--json', '--worker-dir=/var/run2');
  expect(all('worker-dir')).toEqual(['run', '/var/run2']);
  expect(has('json')).toBe(true);
});

test('settings are read by their type', () => {
  const { settings } = given(
    'status',
    ...['--heartbeat-missing-secs', '12.5', '--notify-stalled', 'false', '--idle-memory-threshold-mb', 'none'],
    ...['--worker-dirs', '/a:/b'],
  );
  expect(settings).toEqual({
    heartbeat_missing_secs: 12.5,
    notifyStalled: false,
    IDLE_MEMORY_THRESHOLD_MB: null,
    workerDirs: ['/a', '/b'],
  });
});

test('a second word where a command takes one', () => {
  expect(given('snooze', 'coder', '1h')).toMatchObject({ operand: 'coder', second: '1h' });
  expect(given('snooze', 'coder')).toMatchObject({ operand: 'coder', second: null });
});

test('help and version need no command', () => {
  expect(read('--help')).toEqual({ ask: 'help', command: null });
  expect(read('status', '-h')).toEqual({ ask: 'help', command: status });
  expect(read('--version')).toEqual({ ask: 'version', command: null });
  expect(read('help')).toEqual({ ask: 'help', command: null });
});

test('what stands behind run is left as it is, options too', () => {
  const request = read('run', '--json', '--', 'sh', '--help', '-c', 'x');
  expect(request).toMatchObject({ ask: 'verbatim', args: ['--json', '--', 'sh', '--help', '-c', 'x'] });
});

test('help names every command', () => {
  const text = commandsHelp(COMMAND_GROUPS);
  for (const { name, summary } of COMMANDS)
    expect(text).toMatch(new RegExp(`^  ${name} +${summary.replace(/[.?*+()|]/g, '\\$&')}$`, 'm'));
});

test.each([
  [[], /no command was given; known are status, /],
  [['stats'], /unknown command "stats"; known are status, /],
  [['status', 'run'], /unexpected "run".*--worker-dir run/],
  [
    ['wait', 'coder'],
    /unexpected "coder"; a worker is given as --worker coder, a directory is given as --worker-dir coder/,
  ],
  [
    ['status', '--worker-dirr', 'x'],
    /unknown option --worker-dirr; known are --worker-dir, --workbench-dir, --json, .*--kill-grace-ms/,
  ],
  [['status', '-x'], /unknown option -x; known are/],
  [['status', '--worker-dir'], /--worker-dir/],
  [['status', '--worker-dir='], /--worker-dir is empty/],
  [['status', '--json=yes'], /--json/],
  [['status', '--json', '--json'], /--json is given twice/],
  [['status', '--kill-grace-ms', '1', '--kill-grace-ms', '2'], /--kill-grace-ms is given twice/],
  [
    ['status', '--kill-grace-ms', 'soon'],
    /--kill-grace-ms is "soon"; allowed is a whole number from 0 to 600000 \(ms\)/,
  ],
  [['status', '--kill-grace-ms', '1.5'], /--kill-grace-ms is "1.5"; allowed/],
  [['status', '--heartbeat-missing-secs', '0'], /--heartbeat-missing-secs is "0"; allowed is a number from 1 to/],
  [['kill'], /kill needs ID/],
  [['kill', 'a', 'b'], /unexpected "b"; kill takes one ID/],
  [['snooze'], /snooze needs ID/],
  [['snooze', 'a', '2h'], /LENGTH is "2h"; allowed is off, 15min, 1h, change/],
  [['snooze', 'a', ''], /LENGTH is ""; allowed is off, /],
  [['snooze', 'a', '1h', 'b'], /unexpected "b"; snooze takes one ID and one LENGTH/],
  [['policy'], /policy needs WHAT, one of status, close, backtest/],
  [['policy', 'open'], /WHAT is "open"; allowed is status, close, backtest/],
  [['--json', 'run', 'true'], /--json stands before run/],
  [['status', '--notify-stalled', 'perhaps'], /--notify-stalled is "perhaps"; allowed is true or false/],
])('%j is refused', (args, message) => {
  expect(() => read(...args)).toThrow(UsageError);
  expect(() => read(...args)).toThrow(message);
});

test('help names every setting with its default', () => {
  const text = commandHelp(status);
  for (const key of SETTING_KEYS) expect(text).toContain(`--${optionName(key)} VALUE`);
  expect(text).toMatch(/--heartbeat-missing-secs VALUE\n.*\n.*from 1 to 86400 \(s\); default 30/);
});
