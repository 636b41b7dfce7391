import { describe, expect, test } from 'vitest';
import { ownArguments, readOptions } from '../../../src/main/options';
import { optionName, SETTING_KEYS } from '../../../src/shared/settings';

describe('our part of the command line', () => {
  test.each([
    ['behind the folder', ['electron', '--no-sandbox', '/app', '--hidden'], false, ['--hidden']],
    ['nothing where there is no folder', ['electron', '--no-sandbox'], false, []],
    ['everything of a packaged app', ['/opt/idlewatch', '--hidden'], true, ['--hidden']],
  ])('is %s', (_name, argv, isPackaged, own) => {
    expect(ownArguments(argv, isPackaged)).toEqual(own);
  });
});

describe('options', () => {
  test('name directories, any number of them, relative to where the person is', () => {
    const read = readOptions(['--worker-dir', 'a', '--worker-dir=/b', '--worker-dir', '../c'], '/home/me');
    expect(read).toMatchObject({ ok: true, options: { workerDirs: ['/home/me/a', '/b', '/home/c'], hidden: false } });
  });

  test('set every setting there is', () => {
    for (const key of SETTING_KEYS) {
      const read = readOptions([`--${optionName(key)}`, '7'], '/');
      expect(read.ok && Object.keys(read.options.settings), key).toEqual([key]);
    }
  });

  test('read values by their kind', () => {
    const read = readOptions(['--kill-grace-ms=500', '--notify-stalled', 'false', '--worker-dirs', '/a:/b'], '/');
    expect(read).toMatchObject({
      options: { settings: { killGraceMs: 500, notifyStalled: false, workerDirs: ['/a', '/b'] } },
    });
  });

  test('start hidden', () => {
    expect(readOptions(['--hidden'], '/')).toMatchObject({ ok: true, options: { hidden: true } });
  });

  test.each(['--no-sandbox', '--enable-logging=stderr', '--ozone-platform=x11', '--inspect=0', '--user-data-dir=/x'])(
    'leave Chromium its own: %s',
    (argument) => {
      expect(readOptions([argument, '--hidden'], '/')).toMatchObject({ ok: true, options: { hidden: true } });
    },
  );

  test.each([
    ['--worker-dri', 'unknown option --worker-dri; known are --worker-dir PATH, --workbench-dir PATH, --hidden, '],
    ['--hidden=yes', 'unknown option --hidden=yes'],
    ['somewhere', 'unknown option somewhere'],
    ['--worker-dir', 'option --worker-dir needs a value'],
    ['--worker-dir=', 'option --worker-dir needs a value'],
    ['--kill-grace-ms', 'option --kill-grace-ms needs a value'],
  ])('are refused by name: %s', (argument, message) => {
    const read = readOptions([argument], '/');
    expect(read.ok).toBe(false);
    expect(!read.ok && read.message).toContain(message);
  });
});
