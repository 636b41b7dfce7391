import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asNobody } from '../support/as-nobody';
import { canMount, fillUp, smallDisks } from '../support/small-disk';
import {
  auditEntries,
  databaseIn,
  inDatabase,
  isAlive,
  newRun,
  openedRegistry,
  ownDirectory,
  rawDatabase,
} from './state';

const disks = smallDisks();
const entry = (kind: string) => ({ at: 1, kind });

/** A state folder in which a run and two hundred entries are written down, and nobody has open. */
async function filledFolder(folder = ownDirectory()): Promise<string> {
  const registry = openedRegistry(folder);
  registry.runs.begin(newRun('one'), isAlive);
  for (let count = 0; count < 200; count += 1) await registry.audit.append(entry('x'.repeat(100)));
  registry.close();
  return folder;
}

describe('a registry file that is damaged', () => {
  it.each([
    ['is no database', (file: string) => writeFileSync(file, `no database ${'x'.repeat(8_192)}`)],
    ['was cut off', (file: string) => truncateSync(file, 6_000)],
    ['has holes', overwriteMiddle],
  ])('is put aside where it %s, and a new one is begun', async (_what, damage) => {
    const folder = await filledFolder();
    const file = databaseIn(folder);
    damage(file);
    const damaged = readFileSync(file);
    const registry = openedRegistry(folder);
    expect(registry.runs.list()).toEqual([]);
    await registry.audit.append(entry('kept'));
    expect(auditEntries(folder)).toEqual([entry('kept')]);
    const aside = readdirSync(folder).filter((name) => name.startsWith('idlewatch.db.damaged-'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(folder, aside[0]!))).toEqual(damaged);
    expect(registry.warnings).toHaveLength(1);
    expect(registry.warnings[0]).toContain(`${file} is damaged (`);
    expect(registry.warnings[0]).toContain(join(folder, aside[0]!));
  });

  function overwriteMiddle(file: string): void {
    const opened = openSync(file, 'r+');
    for (let page = 1; page < 10; page += 1) writeSync(opened, Buffer.alloc(4_096, 0x5a), 0, 4_096, page * 4_096);
    closeSync(opened);
  }

  it('is named, and left, where it cannot be put aside', async () => {
    const base = ownDirectory();
    const folder = join(base, 'state');
    mkdirSync(folder);
    writeFileSync(databaseIn(folder), 'x'.repeat(8_192));
    chmodSync(databaseIn(folder), 0o666);
    chmodSync(folder, 0o555);
    const registry = openedRegistry(folder);
    expect(() => asNobody(base, () => registry.runs.list())).toThrow(
      /idlewatch\.db is damaged \(file is not a database\) and cannot be put aside: .*permission denied/,
    );
    expect(readdirSync(folder)).toEqual(['idlewatch.db']);
  });
});

describe('a registry file that is not as usual', () => {
  it('of no length is filled with our tables', () => {
    const folder = ownDirectory();
    writeFileSync(databaseIn(folder), '');
    const { runs, warnings } = openedRegistry(folder);
    expect(runs.begin(newRun('one'), isAlive).ok).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('of a newer idlewatch is left alone, and that is said', async () => {
    const folder = await filledFolder();
    inDatabase(databaseIn(folder), (database) => database.exec('PRAGMA user_version = 2'));
    const { runs, audit } = openedRegistry(folder);
    const said = 'idlewatch.db was written by a newer idlewatch (its format is 2, this one knows 1)';
    expect(() => runs.list()).toThrow(said);
    await expect(audit.append(entry('lost'))).rejects.toThrow(said);
    expect(readdirSync(folder)).toEqual(['idlewatch.db']);
  });

  it.each([
    ['a directory', (file: string) => mkdirSync(file)],
    ['a link', (file: string) => symlinkSync(`${file} elsewhere`, file)],
    ['a FIFO', (file: string) => void execFileSync('mkfifo', [file])],
  ])('is refused where it is %s', async (_what, make) => {
    const folder = ownDirectory();
    make(databaseIn(folder));
    const { runs, audit } = openedRegistry(folder);
    expect(() => runs.list()).toThrow(`${databaseIn(folder)} is not a regular file`);
    await expect(audit.append(entry('lost'))).rejects.toThrow('is not a regular file');
    expect(existsSync(`${databaseIn(folder)} elsewhere`)).toBe(false);
  });

  it('is followed where another one takes its name, or none is there any more', async () => {
    const folder = await filledFolder();
    const { runs } = openedRegistry(folder);
    expect(runs.list()).toHaveLength(1);
    renameSync(databaseIn(folder), join(folder, 'old'));
    expect(runs.list()).toEqual([]);
    runs.begin(newRun('two'), isAlive);
    expect(openedRegistry(folder).runs.list()).toMatchObject([{ id: 'two' }]);
    rmSync(folder, { recursive: true });
    expect(runs.list()).toEqual([]);
    runs.begin(newRun('three'), isAlive);
    expect(openedRegistry(folder).runs.list()).toMatchObject([{ id: 'three' }]);
  });

  it('and locked by another program: who must not wait is told at once, the rest waits', async () => {
    const folder = await filledFolder();
    const { runs, audit } = openedRegistry(folder);
    const other = rawDatabase(databaseIn(folder));
    other.exec('BEGIN IMMEDIATE');
    const before = performance.now();
    expect(() => runs.beat('one', 1)).toThrow(`${databaseIn(folder)} is locked by another program`);
    expect(performance.now() - before).toBeLessThan(1_500);
    expect(runs.list()).toHaveLength(1); // Reading goes on.
    const appended = audit.append(entry('waited'));
    const changed = runs.change('one', () => ({ reason: 'waited' }));
    setTimeout(() => other.exec('COMMIT'), 400);
    await Promise.all([appended, changed]);
    expect(auditEntries(folder).at(-1)).toEqual(entry('waited'));
    expect(runs.get('one')?.reason).toBe('waited');
  });

  it('begin waits for a lock, but not for ever', async () => {
    const folder = await filledFolder();
    const { runs } = openedRegistry(folder);
    rawDatabase(databaseIn(folder)).exec('BEGIN IMMEDIATE');
    const before = performance.now();
    expect(() => runs.begin(newRun('two'), isAlive)).toThrow('is locked by another program');
    expect(performance.now() - before).toBeGreaterThan(4_000);
    expect(performance.now() - before).toBeLessThan(9_000);
  });
});

describe('a read-only state folder', () => {
  it('can be read where the file is there, and writing says why not', async () => {
    const base = ownDirectory();
    const folder = await filledFolder(join(base, 'state'));
    chmodSync(databaseIn(folder), 0o644);
    chmodSync(folder, 0o555);
    const { runs, warnings } = openedRegistry(folder);
    asNobody(base, () => {
      expect(runs.list()).toMatchObject([{ id: 'one' }]);
      expect(() => runs.begin(newRun('two'), isAlive)).toThrow(
        `${databaseIn(folder)} cannot be written: it is read-only`,
      );
      expect(runs.list()).toHaveLength(1);
    });
    expect(warnings).toEqual([]);
    // What is written there by somebody who may is seen.
    chmodSync(folder, 0o755);
    openedRegistry(folder).runs.begin(newRun('two'), isAlive);
    expect(runs.list()).toHaveLength(2);
  });

  it('reads as empty where no file is there, and writing names what is in the way', () => {
    const base = ownDirectory();
    const folder = join(base, 'state');
    mkdirSync(folder, { mode: 0o555 });
    const { runs } = openedRegistry(folder);
    asNobody(base, () => {
      expect(runs.list()).toEqual([]);
      expect(() => runs.begin(newRun('one'), isAlive)).toThrow(/permission denied.*idlewatch\.db/);
    });
  });

  it.runIf(canMount)('is read whole also after its writer was killed, on a file system mounted read-only', async () => {
    const folder = disks.mount(ownDirectory(), '4m');
    const source = await filledFolder();
    const writer = openedRegistry(source);
    writer.runs.begin(newRun('two'), isAlive);
    cpSync(source, folder, { recursive: true }); // With the journal, as a kill leaves it.
    expect(existsSync(`${databaseIn(folder)}-wal`)).toBe(true);
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    const { runs, audit } = openedRegistry(folder);
    expect(runs.list().map(({ id }) => id)).toEqual(['two', 'one']);
    await expect(audit.append(entry('lost'))).rejects.toThrow(
      `${databaseIn(folder)} cannot be written: it is read-only`,
    );
  });
});

describe.runIf(canMount)('a full disk', () => {
  it('is named, loses nothing that was kept, and is forgotten once there is room', async () => {
    const folder = disks.mount(ownDirectory(), '512k');
    const registry = openedRegistry(folder);
    registry.runs.begin(newRun('one'), isAlive);
    await registry.audit.append(entry('kept'));
    fillUp(folder);
    const said = `${databaseIn(folder)} cannot be written: no space is left on its disk`;
    await expect(registry.audit.append({ ...entry('lost'), text: 'x'.repeat(20_000) })).rejects.toThrow(said);
    await expect(registry.runs.change('one', () => ({ reason: 'x'.repeat(20_000) }))).rejects.toThrow(said);
    expect(() => registry.runs.begin(newRun('two', { command: ['x'.repeat(20_000)] }), isAlive)).toThrow(said);
    expect(registry.runs.list()).toMatchObject([{ id: 'one', reason: null }]);
    rmSync(join(folder, 'filler'));
    await registry.audit.append(entry('kept too'));
    expect(auditEntries(folder)).toEqual([entry('kept'), entry('kept too')]);
    expect(registry.warnings).toEqual([]);
  });

  it('where nothing was written before, is named too', async () => {
    const folder = disks.mount(ownDirectory(), '256k');
    fillUp(folder);
    const { runs, audit } = openedRegistry(folder);
    const said = `${databaseIn(folder)} cannot be written: no space is left on its disk`;
    expect(() => runs.begin(newRun('one'), isAlive)).toThrow(said);
    await expect(audit.append(entry('lost'))).rejects.toThrow(said);
    expect(runs.list()).toEqual([]);
    rmSync(join(folder, 'filler'));
    expect(runs.begin(newRun('one'), isAlive).ok).toBe(true);
  });
});
