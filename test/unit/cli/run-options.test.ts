import { describe, expect, it } from 'vitest';
import { readRunOptions, runHelp } from '../../../src/cli/run-options';

describe('idlewatch run reads its options', () => {
  it('and leaves what stands behind -- alone', () => {
    expect(readRunOptions(['--name', 'nightly', '--', 'sh', '--', '--name', '-h'])).toEqual({
      name: 'nightly',
      key: null,
      timeoutMs: null,
      idleTimeoutMs: null,
      killGraceMs: null,
      maxLogBytes: 10_000_000,
      command: ['sh', '--', '--name', '-h'],
    });
  });

  it('and names a run after its program', () => {
    expect(readRunOptions(['--', '/usr/bin/env', 'x'])?.name).toBe('env');
  });

  it('and knows seconds and sizes', () => {
    const args = [
      '--key',
      'k',
      '--timeout',
      '90',
      '--idle-timeout=0.5',
      '--grace',
      '0',
      '--max-output',
      '1.5GB',
      '--',
      'x',
    ];
    expect(readRunOptions(args)).toMatchObject({
      key: 'k',
      timeoutMs: 90_000,
      idleTimeoutMs: 500,
      killGraceMs: 0,
      maxLogBytes: 1_500_000_000,
    });
  });

  it.each([
    ['4000B', 4_000],
    ['500kB', 500_000],
    ['500KB', 500_000],
    ['10MB', 10_000_000],
    ['2 GB', 2_000_000_000],
  ])('%s is %i bytes', (text, bytes) => {
    expect(readRunOptions(['--max-output', text, '--', 'x'])?.maxLogBytes).toBe(bytes);
  });

  it.each([
    [[], 'no command was given'],
    [['--'], 'no command was given'],
    [['sleep', '5'], 'unexpected "sleep"; the command stands behind --'],
    [['--verbose', '--', 'x'], 'unknown option --verbose; known are --name'],
    [['--key', 'a', '--key', 'b', '--', 'x'], '--key is given twice'],
    [['--key', '', '--', 'x'], '--key is ""; allowed are 1 to 200 characters'],
    [['--name', 'a\nb', '--', 'x'], '--name is "a\\nb"; allowed are 1 to 200 characters'],
    [['--timeout', '0', '--', 'x'], '--timeout is "0"; allowed is a number of seconds from 0.1 to 31536000'],
    [['--timeout=-5', '--', 'x'], '--timeout is "-5"'],
    [['--timeout', '1e9', '--', 'x'], '--timeout is "1e9"'],
    [['--idle-timeout', 'NaN', '--', 'x'], '--idle-timeout is "NaN"'],
    [['--grace', '601', '--', 'x'], '--grace is "601"; allowed is a number of seconds from 0 to 600'],
    [['--max-output', '10', '--', 'x'], '--max-output is "10"; allowed is a size from 4kB to 1000GB'],
    [['--max-output', '3kB', '--', 'x'], '--max-output is "3kB"'],
    [['--max-output', '10mb', '--', 'x'], '--max-output is "10mb"'],
  ])('%j is refused with what is allowed', (args, message) => {
    expect(() => readRunOptions(args)).toThrow(message);
  });

  it('and is asked for help before the command alone', () => {
    expect(readRunOptions(['--help'])).toBeNull();
    expect(readRunOptions(['--', 'x', '--help'])?.command).toEqual(['x', '--help']);
    expect(runHelp()).toMatch(/124 {2}it was ended/);
  });
});
