import { describe, expect, it } from 'vitest';
import {
  endInWords,
  isPlausibleTime,
  parseExitCode,
  parseWorkbenchName,
  sessionNameOf,
} from '../../../../../src/engine/sources/workbench/parse';

describe('the name of a workbench', () => {
  it.each([
    ['fix-ci-1700000000', 'fix-ci', 1_700_000_000_000],
    ['fix-ci-1700000000_4711', 'fix-ci', 1_700_000_000_000],
    ['a.b:c-1700000000', 'a.b:c', 1_700_000_000_000],
    ['a-1-2', 'a-1', 2_000],
    ['--1700000000', '-', 1_700_000_000_000],
    ['ünïcode工-9', 'ünïcode工', 9_000],
  ])('%s is a run of %s', (name, slug, triggeredAt) => {
    expect(parseWorkbenchName(name)).toEqual({ slug, triggeredAt });
  });

  it.each([
    'fix-ci',
    '-1700000000',
    '1700000000',
    'fix-ci-',
    'fix-ci-17x',
    'fix-ci-1700000000_',
    'fix-ci-1700000000_1_2',
    'fix-ci-1700000000.bak',
    'fix-ci-1700000000 ',
    'fix-ci--',
    'fix_1700000000',
    'fix ci-1700000000',
    '.trash-1700000000',
    'fix-ci-１７',
    'fix-ci-1234567890123',
    'new\nline-1700000000',
    'back\\slash-1700000000',
    'esc\u001b[2J-1700000000',
    'broken\ufffd-1700000000',
  ])('%j is none', (name) => {
    expect(parseWorkbenchName(name)).toBeNull();
  });

  it('holds a time only where its number is large enough to be one', () => {
    expect(isPlausibleTime({ slug: 'app', triggeredAt: 2_000 })).toBe(false);
    expect(isPlausibleTime({ slug: 'app', triggeredAt: 1_700_000_000_000 })).toBe(true);
  });
});

describe('what tells of a run', () => {
  it('is a session whose name tmux writes without dots and colons', () => {
    expect(sessionNameOf('a.b:c-1700000000_4711')).toBe('moadim-a_b_c-1700000000_4711');
  });

  it.each([
    ['0', 0],
    ['137\n', 137],
    ['killed', 'killed'],
    ['', null],
    ['1 2', null],
    ['-1', null],
    ['4711', null],
    ['killed by me', null],
  ])('is an exit code: %j says %s', (text, code) => {
    expect(parseExitCode(text)).toBe(code);
  });

  it('is said in words', () => {
    expect([0, 3, 'killed' as const, null].map(endInWords)).toEqual([
      'Finished',
      'Finished with exit code 3',
      'Was ended before it had finished',
      'Its session has ended',
    ]);
  });
});
