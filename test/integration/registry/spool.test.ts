import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reconcile } from '../../../src/engine/act/reconcile';
import { createRunSpool } from '../../../src/host/registry/spool';
import { databaseIn, isAlive, newRun, openedRegistry, ownDirectory, rawDatabase } from './state';

function openedSpool(folder: string) {
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  return { ...createRunSpool(folder, log), log, warnings, files: join(folder, 'spool') };
}

describe('the spool', () => {
  it('keeps a final state as one whole file for its owner alone, the newest of a run', () => {
    const folder = join(ownDirectory(), 'state');
    const spool = openedSpool(folder);
    expect(spool.waiting()).toEqual([]);
    const change = { state: 'failed', exitCode: 3, signal: null, reason: 'r', outputBytes: 7 } as const;
    spool.put('one', { state: 'succeeded' });
    spool.put('one', change);
    expect(readdirSync(spool.files)).toEqual(['one.json']);
    expect(statSync(join(spool.files, 'one.json')).mode & 0o777).toBe(0o600);
    for (const made of [folder, spool.files]) expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(openedSpool(folder).waiting()).toEqual([{ id: 'one', change }]);
    spool.drop('one');
    spool.drop('one');
    expect(spool.waiting()).toEqual([]);
  });

  it.each([
    ['half of a file', '{"state":"fai'],
    ['another state', '{"state":"resting"}'],
    ['no object', '5'],
  ])('leaves %s where it is, and tells', (_what, text) => {
    const spool = openedSpool(ownDirectory());
    spool.put('whole', { state: 'failed' });
    writeFileSync(join(spool.files, 'odd.json'), text);
    writeFileSync(join(spool.files, 'whole.json.77.tmp'), '{"sta'); // What a crash leaves.
    expect(spool.waiting()).toEqual([{ id: 'whole', change: { state: 'failed' } }]);
    expect(spool.warnings).toHaveLength(1);
    expect(spool.warnings[0]).toContain(join(spool.files, 'odd.json'));
    expect(readFileSync(join(spool.files, 'odd.json'), 'utf8')).toBe(text);
  });

  it('takes no name that leads elsewhere', () => {
    const spool = openedSpool(ownDirectory());
    for (const id of ['../one', '.', '', 'a/b']) {
      expect(() => spool.put(id, { state: 'failed' })).toThrow('cannot be the id of a run');
    }
  });
});

describe('reconciling', () => {
  it('brings what waits into the registry, and gives back the lease', async () => {
    const folder = ownDirectory();
    const { runs } = openedRegistry(folder);
    const spool = openedSpool(folder);
    runs.begin(newRun('one', { key: 'k' }), isAlive);
    runs.begin(newRun('ended'), isAlive);
    await runs.change('ended', () => ({ state: 'killed' }));
    spool.put('one', { state: 'timed_out', reason: 'timed out after 5 s' });
    spool.put('ended', { state: 'succeeded' });
    spool.put('unknown', { state: 'succeeded' });
    await reconcile(runs, spool, spool.log);
    expect(runs.get('one')).toMatchObject({ state: 'timed_out', reason: 'timed out after 5 s' });
    expect(runs.get('ended')?.state).toBe('killed');
    expect(runs.lease('k')).toBeNull();
    expect(spool.waiting()).toEqual([]);
    expect(spool.warnings).toEqual([
      'Run unknown is not in the registry any more. Its kept end (succeeded) is dropped.',
    ]);
  });

  it('keeps what the registry does not take, tells, and brings it in the next time', async () => {
    const folder = ownDirectory();
    const { runs } = openedRegistry(folder);
    const spool = openedSpool(folder);
    runs.begin(newRun('one'), isAlive);
    spool.put('one', { state: 'failed' });
    const other = rawDatabase(databaseIn(folder));
    other.exec('BEGIN IMMEDIATE');
    await reconcile(runs, spool, spool.log);
    expect(spool.warnings).toEqual([
      `The end of run one is still kept in the spool: ${databaseIn(folder)} is locked by another program`,
    ]);
    other.exec('ROLLBACK');
    await reconcile(runs, spool, spool.log);
    expect(runs.get('one')?.state).toBe('failed');
    expect(spool.waiting()).toEqual([]);
  });

  it('tells where the spool itself cannot be read', async () => {
    const folder = ownDirectory();
    const spool = openedSpool(folder);
    writeFileSync(spool.files, 'no folder');
    await reconcile(openedRegistry(folder).runs, spool, spool.log);
    expect(spool.warnings).toHaveLength(1);
    expect(spool.warnings[0]).toMatch(/^Kept ends of runs cannot be read: ENOTDIR/);
  });
});
