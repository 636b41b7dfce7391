import { expect, test } from 'vitest';
import { helpText, readRequest, UsageError } from '../../../src/cli/options';
import { optionName, SETTING_KEYS } from '../../../src/shared/settings';

const read = (...args: string[]) => readRequest(args, '/home/me');

test('directories are made absolute, in their order', () => {
  expect(read('status', '--worker-dir', 'run', '--json', '--worker-dir=/var/run2')).toEqual({
    command: 'status',
    workerDirs: ['/home/me/run', '/var/run2'],
    json: true,
    settings: {},
  });
});

test('settings are read by their type', () => {
  const request = read(
    'status',
    ...['--heartbeat-missing-secs', '12.5', '--notify-stalled', 'false', '--idle-memory-threshold-mb', 'none'],
    ...['--worker-dirs', '/a:/b'],
  );
  expect(request).toMatchObject({
    settings: {
      heartbeat_missing_secs: 12.5,
      notifyStalled: false,
      IDLE_MEMORY_THRESHOLD_MB: null,
      workerDirs: ['/a', '/b'],
    },
  });
});

test('help and version need no command', () => {
  expect(read('--help')).toEqual({ command: 'help' });
  expect(read('status', '-h')).toEqual({ command: 'help' });
  expect(read('--version')).toEqual({ command: 'version' });
});

test.each([
  [[], /no command was given; known is status/],
  [['stats'], /unknown command "stats"; known is status/],
  [['status', 'run'], /unexpected "run".*--worker-dir run/],
  [['status', '--worker-dirr', 'x'], /unknown option --worker-dirr; known are --worker-dir, --json, .*--kill-grace-ms/],
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
  [['status', '--notify-stalled', 'perhaps'], /--notify-stalled is "perhaps"; allowed is true or false/],
])('%j is refused', (args, message) => {
  expect(() => read(...args)).toThrow(UsageError);
  expect(() => read(...args)).toThrow(message);
});

test('help names every setting with its default', () => {
  const text = helpText();
  for (const key of SETTING_KEYS) expect(text).toContain(`--${optionName(key)} VALUE`);
  expect(text).toMatch(/--heartbeat-missing-secs VALUE\n.*\n.*from 1 to 86400 \(s\); default 30/);
});
