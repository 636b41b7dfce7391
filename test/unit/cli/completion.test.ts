import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands';
import { offeredCommands } from '../../../src/cli/completion/model';
import { workerWords } from '../../../src/cli/completion/workers';
import { optionName, SETTING_KEYS } from '../../../src/shared/settings';
import { workerRow } from '../../fixtures/snapshot';

const offered = Object.fromEntries(offeredCommands(COMMANDS).map((each) => [each.name, each]));
const flags = (name: string) => offered[name]?.options.map(({ flag }) => flag);

test('every command is offered, with every option it takes', () => {
  expect(Object.keys(offered)).toEqual(COMMANDS.map(({ name }) => name));
  expect(flags('status')).toEqual([
    ...['--worker-dir', '--workbench-dir', '--json'],
    ...SETTING_KEYS.map((key) => `--${optionName(key)}`),
    '--help',
  ]);
  expect(flags('run')).toContain('--idle-timeout');
});

test('values are offered where they are known', () => {
  const value = (name: string, flag: string) => offered[name]?.options.find((each) => each.flag === flag)?.value;
  expect(value('bar', '--format')?.values).toEqual(['waybar', 'xbar', 'tmux', 'plain']);
  expect(value('wait', '--worker')?.completed).toBe('worker');
  expect(value('status', '--worker-dir')?.completed).toBe('directory');
  expect(value('status', '--notify-stalled')?.values).toEqual(['true', 'false']);
  expect(value('status', '--json')).toBeNull();
  expect(offered.kill?.operand?.completed).toBe('worker');
});

test('a worker is typed by its name where that is enough, and never by one that cannot be typed', () => {
  const rows = [
    workerRow({ name: 'over', state: 'stopped' }),
    workerRow({ name: 'twin', id: 'a:1' }),
    workerRow({ name: 'twin', id: 'a:2', state: 'busy' }),
    workerRow({ name: 'two words' }),
    workerRow({ name: 'new\nline' }),
    workerRow({ name: '--yes' }),
  ];
  expect(workerWords(rows)).toEqual(['a:1\tready', 'a:2\tbusy', 'two words\tready', 'over\tstopped']);
});
