import { describe, expect, it } from 'vitest';
import { stretchWords, timeAxis } from '../../../src/renderer/logic/time-axis';

const HOUR_MS = 3_600_000;
/** Here, wherever the tests run. */
const local = (text: string) => new Date(`2026-01-${text}`).getTime();
const endingAt = (end: number, lengthMs: number): [number, number] => [end - lengthMs, end];
const words = ({ labels }: ReturnType<typeof timeAxis>) => labels.map((label) => label.words);

describe('the times along a chart', () => {
  it('of an hour are its quarters', () => {
    const axis = timeAxis('1h', endingAt(local('14T10:20:30'), HOUR_MS));
    expect(words(axis)).toEqual(['09:30', '09:45', '10:00', '10:15']);
    expect(axis.lines).toEqual(axis.labels.map(({ at }) => at));
    expect(axis.lines[0]).toBe(local('14T09:30:00'));
  });

  it('of a day are midnight, six, noon and eighteen', () => {
    expect(words(timeAxis('24h', endingAt(local('14T10:20:30'), 24 * HOUR_MS)))).toEqual([
      '12:00',
      '18:00',
      '00:00',
      '06:00',
    ]);
  });

  it('keep their line where their words have no room', () => {
    const axis = timeAxis('24h', endingAt(local('14T12:10:00'), 24 * HOUR_MS));
    expect(axis.lines).toHaveLength(4);
    expect(words(axis)).toEqual(['18:00', '00:00', '06:00']);
  });

  it('of seven days are the days, each named in its middle, those of which most is out of sight not', () => {
    const domain = endingAt(local('14T10:00:00'), 7 * 24 * HOUR_MS);
    const axis = timeAxis('7d', domain);
    expect(axis.lines).toHaveLength(7);
    expect(axis.lines.every((at) => new Date(at).getHours() === 0)).toBe(true);
    expect(words(axis)).toEqual(['Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue']);
    expect(axis.labels[1]?.at).toBe(local('08T12:00:00'));
    expect(axis.labels[0]?.at).toBe((domain[0] + local('08T00:00:00')) / 2);
  });
});

describe('when a stretch was', () => {
  const now = local('14T10:20:30');

  it.each([
    ['14T10:15:20', 10_000, '10:15:20'],
    ['14T10:15:00', 240_000, '10:15–10:19'],
    ['13T23:30:00', 1_800_000, 'Tue 23:30–00:00'],
    ['13T23:59:50', 10_000, 'Tue 23:59:50'],
  ])('%s for %d ms is said as %s', (at, spanMs, said) => {
    expect(stretchWords({ at: local(at), spanMs }, now)).toBe(said);
  });
});
