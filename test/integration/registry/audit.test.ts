import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openRegistry } from '../../../src/host/registry';
import { auditEntries, databaseIn, openedRegistry, ownDirectory } from './state';

it('keeps entries as they are, in the order in which they were given at once, for its owner alone', async () => {
  const folder = join(ownDirectory(), 'state');
  const { audit } = openedRegistry(folder);
  const entries = Array.from({ length: 50 }, (_, index) => ({
    at: index + 0.5,
    kind: `kind ${index}`,
    text: 'two\nlines',
  }));
  await Promise.all(entries.map((entry) => audit.append(entry)));
  expect(auditEntries(folder)).toEqual(entries);
  expect(audit.entries(2)).toEqual(entries.slice(-2));
  expect(statSync(databaseIn(folder)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('drops the oldest entries beyond a number of them', async () => {
  const folder = ownDirectory();
  const audit = limitedAudit(folder, { entries: 10, bytes: 2 ** 30 });
  for (let at = 1; at <= 25; at += 1) await audit.append({ at, kind: 'k' });
  expect(auditEntries(folder).map(({ at }) => at)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
});

it('drops the oldest entries where the file grows too large, never the one just given', async () => {
  const folder = ownDirectory();
  const bytes = 512 * 1024;
  const audit = limitedAudit(folder, { entries: 20_000, bytes });
  for (let at = 1; at <= 100; at += 1) await audit.append({ at, kind: 'k', text: 'x'.repeat(20_000) });
  const kept = auditEntries(folder).map(({ at }) => at);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 101 - kept.length + index));
  expect(kept.length).toBeGreaterThan(10);
  await audit.append({ at: 101, kind: 'huge', text: 'x'.repeat(2 * bytes) });
  expect(auditEntries(folder).at(-1)?.kind).toBe('huge');
  // The room of what was dropped is used again.
  expect(statSync(databaseIn(folder)).size).toBeLessThan(4 * bytes);
});

it('does not call a kill unfinished that its own program has begun', async () => {
  const folder = ownDirectory();
  const { audit } = openedRegistry(folder);
  await audit.append({
    at: 1,
    kind: 'kill_intent',
    planId: 'p',
    workerName: 'w',
    askedBy: 'window',
    processes: [{ pid: 4 }],
  });
  expect(audit.unfinishedKills()).toEqual([]);
});

function limitedAudit(folder: string, limits: { entries: number; bytes: number }) {
  const { audit, close } = openRegistry(folder, { warn: () => undefined }, limits);
  onTestFinished(close);
  return audit;
}
