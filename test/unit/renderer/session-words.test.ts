import { describe, expect, it } from 'vitest';
import { idleTag, idleWords, snoozedWords } from '../../../src/renderer/logic/session-words';
import { formatCost, formatTokens, usageWords } from '../../../src/renderer/logic/usage';

const NOW = new Date(2026, 0, 14, 14, 0).getTime();
const HOUR_MS = 3_600_000;

describe('idle status', () => {
  const idle = { activeAt: NOW - 72 * 60_000, thresholdMs: HOUR_MS };

  it('is marked only where a session or task is no longer in use', () => {
    expect(idleTag({ ...idle, status: 'active' })).toBeNull();
    expect(idleTag({ ...idle, status: 'idle' })).toBe('idle');
    expect(idleTag({ ...idle, status: 'timed_out' })).toBe('timed out');
  });

  it('is told with the silence and its threshold', () => {
    expect(idleWords({ ...idle, status: 'idle' }, NOW)).toBe('idle, no activity for 1 h 12 min (threshold 1 h)');
    expect(idleWords({ status: 'active', activeAt: NOW - 4_000, thresholdMs: HOUR_MS }, NOW)).toBe(
      'active, last activity 4 s ago (idle after 1 h)',
    );
    expect(idleWords({ ...idle, status: 'timed_out' }, NOW)).toBe('timed out: ended after 1 h without activity');
    expect(idleWords({ status: 'active', activeAt: null, thresholdMs: HOUR_MS }, NOW)).toBe(
      'active, no activity known (idle after 1 h)',
    );
  });
});

describe('a snooze', () => {
  it('says until when', () => {
    expect(snoozedWords({ snoozedUntil: null }, NOW)).toBe('snoozed until it changes');
    expect(snoozedWords({ snoozedUntil: NOW + 15 * 60_000 }, NOW)).toBe('snoozed until 14:15');
    expect(snoozedWords({ snoozedUntil: NOW + 11 * HOUR_MS }, NOW)).toBe('snoozed until 15 Jan 01:00');
  });
});

describe('tokens and cost', () => {
  it.each([
    [0, '0'],
    [950, '950'],
    [1_000, '1.0k'],
    [9_949, '9.9k'],
    [9_950, '10k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [1_240_000, '1.2M'],
    [41_000_000_000, '41B'],
  ])('%i tokens are %s', (tokens, words) => {
    expect(formatTokens(tokens)).toBe(words);
  });

  it.each([
    [0, '$0'],
    [0.0001, '<$0.01'],
    [0.006, '$0.01'],
    [1.239, '$1.24'],
    [99.994, '$99.99'],
    [99.995, '$100'],
    [1_234.5, '$1,235'],
  ])('%f dollars are %s', (dollars, words) => {
    expect(formatCost(dollars)).toBe(words);
  });

  it('are told as far as they are known', () => {
    expect(usageWords({ tokens: 412_345, cost: 1.24 })).toBe('412,345 tokens, $1.24');
    expect(usageWords({ tokens: null, cost: 1.24 })).toBe('$1.24');
    expect(usageWords({ tokens: null, cost: null })).toBe('');
  });
});
