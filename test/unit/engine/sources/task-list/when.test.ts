import { expect, test } from 'vitest';
import { timeIn } from '../../../../../src/engine/sources/task-list/when';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const at = (iso: string) => ({ kind: 'at', at: Date.parse(iso) });
/** The tests run in whatever zone this machine is in. */
const local = (words: string) => ({ kind: 'at', at: Date.parse(words) });

test.each<[unknown, object]>([
  [1772355600, at('2026-03-01T09:00:00Z')],
  [1772355600.5, at('2026-03-01T09:00:00.500Z')],
  [1772355600000, at('2026-03-01T09:00:00Z')],
  [1772355600000000, at('2026-03-01T09:00:00Z')],
  ['1772355600000000000', at('2026-03-01T09:00:00Z')],
  ['1772355600', at('2026-03-01T09:00:00Z')],
  [' 1772355600000 ', at('2026-03-01T09:00:00Z')],
  ['2026-03-01T09:00:00Z', at('2026-03-01T09:00:00Z')],
  ['2026-03-01t09:00z', at('2026-03-01T09:00:00Z')],
  ['2026-03-01T11:00:00+02:00', at('2026-03-01T09:00:00Z')],
  ['2026-03-01T11:00:00.123456+0200', at('2026-03-01T09:00:00.123Z')],
  ['2026-03-01 11:00:00+02', at('2026-03-01T09:00:00Z')],
  ['2026-03-01 09:00:00 UTC', at('2026-03-01T09:00:00Z')],
  ['Sun, 01 Mar 2026 09:00:00 GMT', at('2026-03-01T09:00:00Z')],
  ['2026-03-01 09:00:00', at('2026-03-01T09:00:00Z')],
  ['2026-03-01 09:00:00.123', at('2026-03-01T09:00:00.123Z')],
  ['2026-01-05T09:00:00', local('2026-01-05T09:00:00')],
  ['2026-01-05 09:00:00.123456', local('2026-01-05T09:00:00.123')],
  ['2026-02-27', at('2026-02-28T00:00:00Z')],
  ['2026-03-01', at('2026-03-01T12:00:05Z')],
  ['2026-03-09', at('2026-03-09T00:00:00Z')],
  ['2026-05-01T09:00:00Z', at('2026-05-01T09:00:00Z')],
])('%j is read as the moment it is', (value, when) => expect(timeIn(value, NOW, 5_000)).toEqual(when));

test.each([null, undefined, '', '  ', 0, '0'])('%j says nothing', (value) =>
  expect(timeIn(value, NOW, 5_000)).toEqual({ kind: 'none' }),
);

test.each([
  'soon',
  'yesterday',
  'in 3 minutes',
  '12:30',
  '2026-13-45T00:00:00Z',
  17,
  -5,
  1e30,
  true,
  {},
  ['2026-03-01'],
])('%j is no time', (value) => expect(timeIn(value, NOW, 5_000)).toEqual({ kind: 'odd' }));

test('what may be one moment or another is not taken for one that is yet to come', () => {
  const offsetMs = new Date(NOW).getTimezoneOffset() * 60_000;
  for (const words of ['2026-03-01T12:00:00', '2026-03-01 12:00:00', '2026-03-01 12:00:00.123456']) {
    const when = timeIn(words, NOW, 5_000);
    if (when.kind !== 'at') throw new Error(words);
    if (offsetMs <= 0) expect(when.at).toBeLessThanOrEqual(NOW + 5_000);
  }
});
