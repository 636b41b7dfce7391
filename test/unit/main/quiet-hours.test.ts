import { expect, test } from 'vitest';
import { isQuiet } from '../../../src/main/quiet-hours';

test.each<[string | null, string, boolean]>([
  [null, '03:00', false],
  ['22:00-07:00', '21:59', false],
  ['22:00-07:00', '22:00', true],
  ['22:00-07:00', '00:00', true],
  ['22:00-07:00', '06:59', true],
  ['22:00-07:00', '07:00', false],
  ['12:30-13:15', '12:29', false],
  ['12:30-13:15', '12:30', true],
  ['12:30-13:15', '13:14', true],
  ['12:30-13:15', '13:15', false],
  ['00:00-23:59', '23:58', true],
  ['00:00-00:00', '12:00', false],
])('of %s, at %s: %s', (hours, time, quiet) => {
  expect(isQuiet(hours, new Date(`2026-01-31T${time}:30`))).toBe(quiet);
});
