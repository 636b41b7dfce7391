import { expect, it } from 'vitest';
import { columnsText } from '../../../src/cli/columns';

const TITLES = ['State', 'Key', 'Run', 'What'];
const ROWS = [['running', 'one', '20261122T083039338Z', 'node server.js with many words behind it']];

const lines = (columns: number | null) =>
  columnsText(TITLES, ROWS, { color: false, columns }, ['Run', 'Key']).trimEnd().split('\n');

it('stands whole where nothing limits it', () => {
  expect(lines(null)).toEqual([
    'State    Key  Run                  What',
    'running  one  20261122T083039338Z  node server.js with many words behind it',
  ]);
});

it('cuts the last column, and leaves others out before that becomes unreadable', () => {
  const titlesAt = (columns: number) => lines(columns)[0]?.split(/ +/);
  expect(titlesAt(60)).toEqual(TITLES);
  expect(lines(60)[1]).toMatch(/^running {2}one {2}20261122T083039338Z {2}node server.js.*…$/);
  expect(titlesAt(50)).toEqual(['State', 'Key', 'What']);
  expect(titlesAt(35)).toEqual(['State', 'What']);
  for (const columns of [20, 35, 50, 60]) {
    for (const line of lines(columns)) expect(line.length).toBeLessThanOrEqual(columns);
  }
});
