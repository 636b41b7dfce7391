import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip, padEnd, padStart, textWidth } from '../../../src/cli/text-width';

test.each([
  ['worker-3', 8],
  ['', 0],
  ['Zürich', 6],
  ['Zu\u0308rich', 6],
  ['日本語', 6],
  ['🚀 go', 5],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['–■✕◆●◐○…', 8],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test('clipping never takes more columns than there are, and leaves what fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
      const kept = clip(text, columns);
      expect(textWidth(kept)).toBeLessThanOrEqual(columns);
      if (textWidth(text) <= columns) expect(kept).toBe(text);
      else expect(kept.endsWith('…')).toBe(true);
    }),
  );
});

test('padding counts columns, not characters', () => {
  expect(padEnd('日本', 6)).toBe('日本  ');
  expect(padStart('7', 3)).toBe('  7');
  expect(padEnd('longer', 2)).toBe('longer');
});
