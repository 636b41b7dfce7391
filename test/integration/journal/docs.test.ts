import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createClock } from '../../../src/host/clock';
import { openJournal } from '../../../src/host/journal';
import { aSilence } from '../../fixtures/silence';
import { anEvent, inFile, ownDirectory, someFigures } from './state';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/history.md'), 'utf8');
const queries = [...page.matchAll(/([^\n]+):\n\n```sql\n([\s\S]*?)```/g)].map(([, what = '', sql = '']) => [what, sql]);

/** A state folder in which one of everything has just been written down. */
function filledFolder(): string {
  const folder = ownDirectory();
  const journal = openJournal(folder, { warn: (message) => expect.unreachable(message) }, createClock());
  const at = Date.now();
  journal.event(anEvent(1, { at, kind: 'stalled' }));
  journal.event(anEvent(2, { at, kind: 'kill_ended' }));
  journal.event(anEvent(3, { at, kind: 'config_changed', data: { askedBy: 'window', changed: [] } }));
  journal.figures(someFigures(at));
  journal.silence(aSilence({ endedAt: at, end: 'life' }));
  journal.close();
  return folder;
}

it.each(queries)('docs/history.md: %s', (_what, sql) => {
  const rows = inFile(filledFolder(), (file) => file.prepare(sql).all());
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(Object.values(row)).not.toContain(null);
});

it('docs/history.md shows how to look into each table', () => {
  for (const table of ['events', 'figures', 'silences']) {
    expect(queries.some(([, sql]) => sql?.includes(`FROM ${table}`))).toBe(true);
  }
});
