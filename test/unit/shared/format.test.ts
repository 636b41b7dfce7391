import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatClock, formatDuration, harmless, plural } from '../../../src/shared/format';

const [S, MIN, H, D] = [1_000, 60_000, 3_600_000, 86_400_000];

test.each([
  [-5 * S, '0 s'],
  [0, '0 s'],
  [999, '0 s'],
  [9.4 * S, '9 s'],
  [MIN - 1, '59 s'],
  [MIN, '1 min'],
  [2 * MIN + 10 * S, '2 min 10 s'],
  [H - 1, '59 min 59 s'],
  [H, '1 h'],
  [H + 59 * S, '1 h'],
  [3 * H + 5 * MIN, '3 h 5 min'],
  [D - 1, '23 h 59 min'],
  [D, '1 d'],
  [2 * D + 4 * H, '2 d 4 h'],
  [36_500 * D, '36500 d'],
])('%d ms lasts %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  [-1, '0:00'],
  [9 * S, '0:09'],
  [2 * MIN + 10 * S, '2:10'],
  [H - 1, '59:59'],
  [H + 2 * MIN + 10 * S, '1:02:10'],
  [30 * H, '30:00:00'],
])('%d ms in a column is %s', (ms, text) => expect(formatClock(ms)).toBe(text));

test.each([
  [-1, '0 B'],
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1 KB'],
  [612 * 1024 ** 2, '612 MB'],
  [1.1 * 1024 ** 3, '1.1 GB'],
  [11.6 * 1024 ** 3, '12 GB'],
  [3 * 1024 ** 4, '3.0 TB'],
  [3_000 * 1024 ** 4, '3000 TB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test('one is one, and none and many are many', () => {
  expect([0, 1, 2].map((count) => plural(count, 'worker is', 'workers are'))).toEqual([
    '0 workers are',
    '1 worker is',
    '2 workers are',
  ]);
});

describe('harmless', () => {
  test.each([
    ['plain text, ümläuts, 日本', 'plain text, ümläuts, 日本'],
    ['<b onclick="x">&amp;', '<b onclick="x">&amp;'],
    ['🤖 👩‍💻', '🤖 👩‍💻'],
    ['a\u0000\t\n\r\u001b[2J', 'a␀␉␊␍␛[2J'],
    ['\u007f\u0085\u009b', '␡��'],
    ['\u202a\u202e\u2066\u2069\u200e\u200f\u061c', '�������'],
    ['\u200b\u2060\ufeff\u2028\u2029', '�����'],
    ['\ud83e and \udd16', '� and �'],
    ['', ''],
  ])('%j is shown as %s', (text, shown) => expect(harmless(text)).toBe(shown));

  test('cuts what is too long, and says so', () => {
    expect(harmless('x'.repeat(200))).toBe('x'.repeat(200));
    expect(harmless('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`);
    expect(harmless('abcdef', 3)).toBe('abc…');
    expect(harmless('ab🤖', 3)).toBe('ab�…');
  });

  test('leaves nothing of any text that moves a cursor, turns text round or is half a character', () => {
    const text = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50, size: 'max' });
    fc.assert(
      fc.property(text, (codes) => {
        const shown = harmless(String.fromCharCode(...codes), 40);
        expect(shown.length).toBeLessThanOrEqual(41);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
        expect(harmless(shown, 100)).toBe(shown);
      }),
    );
  });
});
