import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asNobody } from '../support/as-nobody';
import { canMount, fillUp, smallDisks } from '../support/small-disk';
import {
  anEvent,
  fileIn,
  heldFile,
  idsOf,
  inFile,
  NOW,
  type OpenedJournal,
  openedJournal,
  ownDirectory,
  someFigures,
  upTo,
} from './state';

const disks = smallDisks();
const WELL = { failing: null, waiting: 0 };

/** A journal whose file cannot be made: something else stands in the place of its folder. */
function blockedJournal(): OpenedJournal & { unblock(): void } {
  const folder = join(ownDirectory(), 'state');
  writeFileSync(folder, '');
  return { ...openedJournal(folder), unblock: () => rmSync(folder) };
}

/** Hand in events from one id to another, both included. */
function hand(journal: OpenedJournal, from: number, until: number, kind: 'stalled' | 'busy' = 'stalled'): void {
  for (let id = from; id <= until; id += 1) journal.event(anEvent(id, { kind }));
}

describe('while nothing can be written', () => {
  it('events are told as they come, once; all are written when it is over, and that is said', () => {
    const journal = blockedJournal();
    hand(journal, 1, 3);
    expect(journal.kept).toEqual([]);
    journal.clock.step(60);
    expect(idsOf(journal.kept)).toEqual([1, 2, 3]);
    hand(journal, 4, 5);
    expect(idsOf(journal.kept)).toEqual(upTo(5));
    expect(journal.status()).toEqual({ failing: expect.stringContaining('state'), waiting: 5 });
    expect(journal.statuses.at(-1)).toEqual(journal.status());
    journal.unblock();
    journal.clock.step(60_000);
    expect(journal.status()).toEqual(WELL);
    expect(journal.statuses.at(-1)).toEqual(WELL);
    expect(idsOf(journal.kept)).toEqual(upTo(5));
    expect(idsOf(journal.eventsAfter(0, 100))).toEqual(upTo(5));
    expect(journal.warnings).toHaveLength(2);
  });

  it('figures wait too, and go to the time they are of', () => {
    const journal = blockedJournal();
    for (let second = 0; second < 60; second += 2) journal.figures(someFigures(NOW + second * 1_000, { busy: second }));
    expect(journal.status().failing).not.toBeNull();
    journal.unblock();
    journal.clock.step(60_000);
    const points = journal.points(NOW, NOW + 60_000, 100);
    expect(points).toHaveLength(12);
    expect(points.map(({ busyMax }) => busyMax)).toEqual([4, 8, 14, 18, 24, 28, 34, 38, 44, 48, 54, 58]);
  });

  it('it is tried at longer and longer intervals', () => {
    const journal = blockedJournal();
    hand(journal, 1, 1);
    const told: number[] = [];
    journal.onStatus(() => void told.push(journal.clock.monotonicMs()));
    journal.clock.step(300_000);
    const intervals = told.slice(1).map((at, index) => at - told[index]!);
    expect(intervals.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    expect(Math.max(...intervals)).toBe(60_000);
  });

  it('no more than ten thousand wait: the oldest routine ones go first, then the oldest, and they are counted', () => {
    const journal = blockedJournal();
    hand(journal, 1, 1_000);
    hand(journal, 1_001, 2_000, 'busy');
    hand(journal, 2_001, 10_000);
    journal.clock.step(60);
    expect(journal.status().waiting).toBe(10_000);
    hand(journal, 10_001, 11_000, 'busy');
    expect(journal.status().waiting).toBeLessThanOrEqual(10_000);
    expect(journal.status().failing).toMatch(/; 1000 events found no room to wait$/);
    hand(journal, 11_001, 13_000);
    expect(journal.status().waiting).toBeLessThanOrEqual(10_000);
    expect(idsOf(journal.kept)).toEqual(upTo(13_000));
    journal.unblock();
    journal.clock.step(120_000);
    const left = idsOf(journal.eventsAfter(0, 20_000));
    expect(left).toHaveLength(10_000);
    // All routine ones are gone, and as many of the oldest as that did not make room for.
    expect(left).toEqual([...upTo(10_000).slice(2_000), ...upTo(13_000).slice(11_000)]);
    expect(journal.warnings.at(-1)).toContain('3000 events found no room to wait');
    expect(journal.status()).toEqual(WELL);
  });

  it('what was told can still be asked for', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    hand(journal, 1, 3);
    journal.clock.step(100);
    const other = heldFile(folder);
    other.exec('BEGIN IMMEDIATE');
    hand(journal, 4, 6);
    journal.clock.step(10_000);
    expect(idsOf(journal.eventsAfter(2, 10))).toEqual([3, 4, 5, 6]);
    expect(idsOf(journal.eventsAfter(2, 2))).toEqual([3, 4]);
    expect(idsOf(journal.latestEvents(4))).toEqual([3, 4, 5, 6]);
    other.exec('COMMIT');
    journal.clock.step(60_000);
    expect(idsOf(journal.eventsAfter(2, 10))).toEqual([3, 4, 5, 6]);
  });

  it('closing gives up and says how many were lost', () => {
    const journal = blockedJournal();
    hand(journal, 1, 4);
    journal.close();
    expect(journal.warnings.at(-1)).toMatch(/^4 events could not be written to .*history\.db before the end$/);
    expect(journal.clock.timerCount).toBe(0);
  });
});

describe('a file that another program holds', () => {
  it('for a moment only is no failure', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    journal.figures(someFigures(NOW));
    const other = heldFile(folder);
    other.exec('BEGIN IMMEDIATE');
    hand(journal, 1, 2);
    journal.figures(someFigures(NOW + 2_000));
    journal.clock.step(150);
    expect([journal.kept, journal.statuses]).toEqual([[], []]);
    other.exec('COMMIT');
    journal.clock.step(1_000);
    expect(idsOf(journal.kept)).toEqual([1, 2]);
    expect(journal.statuses).toEqual([]);
    expect(journal.points(NOW, NOW + 5_000, 10)).toHaveLength(1);
    expect(inFile(folder, (file) => file.prepare('SELECT samples FROM figures').all())).toEqual(
      Array(3).fill({ samples: 2 }),
    );
  });

  it('for long is named, and written once it lets go', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    hand(journal, 1, 1);
    journal.clock.step(100);
    const other = heldFile(folder);
    other.exec('BEGIN IMMEDIATE');
    hand(journal, 2, 2);
    journal.clock.step(2_000);
    expect(journal.status()).toEqual({ failing: `${fileIn(folder)} is locked by another program`, waiting: 1 });
    other.exec('COMMIT');
    journal.clock.step(60_000);
    expect(journal.status()).toEqual(WELL);
    expect(idsOf(journal.eventsAfter(0, 10))).toEqual([1, 2]);
  });
});

describe('a file that is damaged', () => {
  it.each([
    ['is no database', (file: string) => writeFileSync(file, `no database ${'x'.repeat(8_192)}`)],
    ['was cut off', (file: string) => truncateSync(file, 6_000)],
  ])('is put aside where it %s, and a new one is begun', (_what, damage) => {
    const folder = ownDirectory();
    const before = openedJournal(folder);
    hand(before, 1, 500);
    before.close();
    damage(fileIn(folder));
    const journal = openedJournal(folder);
    expect(journal.lastEventId()).toBe(0);
    hand(journal, 1, 2);
    journal.figures(someFigures(NOW));
    journal.clock.step(100);
    expect(idsOf(openedJournal(folder).eventsAfter(0, 10))).toEqual([1, 2]);
    expect(journal.status()).toEqual(WELL);
    expect(readdirSync(folder).filter((name) => name.startsWith('history.db.damaged-'))).toHaveLength(1);
    expect(journal.warnings).toEqual([expect.stringContaining(`${fileIn(folder)} is damaged (`)]);
  });
});

describe('a file that is not as usual', () => {
  it('of a newer idlewatch is left alone, and that is said', () => {
    const folder = ownDirectory();
    openedJournal(folder).figures(someFigures(NOW));
    inFile(folder, (file) => file.exec('PRAGMA user_version = 3'));
    const journal = openedJournal(folder);
    expect(journal.lastEventId()).toBe(0);
    journal.figures(someFigures(NOW));
    const said = 'history.db was written by a newer idlewatch (its format is 3, this one knows 2)';
    expect(journal.status().failing).toContain(said);
    expect(() => journal.points(0, NOW, 10)).toThrow(said);
    expect(() => journal.eventsAfter(0, 10)).toThrow(said);
  });

  it('of the version before is brought to this one, with all that is in it', () => {
    const folder = ownDirectory();
    const before = openedJournal(folder);
    hand(before, 1, 2);
    before.close();
    inFile(folder, (file) => file.exec('DROP INDEX kills_by_plan; PRAGMA user_version = 1'));
    const journal = openedJournal(folder);
    expect(idsOf(journal.eventsAfter(0, 10))).toEqual([1, 2]);
    const indexes = "SELECT name FROM sqlite_schema WHERE name = 'kills_by_plan'";
    expect(inFile(folder, (file) => file.prepare(indexes).all())).toHaveLength(1);
    expect([journal.status(), journal.warnings]).toEqual([WELL, []]);
  });

  it.each([
    ['a directory', (file: string) => mkdirSync(file)],
    ['a link', (file: string) => symlinkSync(`${file} elsewhere`, file)],
    ['a FIFO', (file: string) => void execFileSync('mkfifo', [file])],
  ])('is refused where it is %s', (_what, make) => {
    const folder = ownDirectory();
    make(fileIn(folder));
    const journal = openedJournal(folder);
    expect(journal.lastEventId()).toBe(0);
    journal.figures(someFigures(NOW));
    expect(journal.status().failing).toBe(`${fileIn(folder)} is not a regular file`);
    expect(() => journal.since()).toThrow('is not a regular file');
  });

  it('is begun anew where it, or its folder, was taken away', () => {
    const folder = join(ownDirectory(), 'state');
    const journal = openedJournal(folder);
    hand(journal, 1, 2);
    journal.clock.step(100);
    renameSync(fileIn(folder), join(folder, 'elsewhere'));
    hand(journal, 3, 3);
    journal.clock.step(100);
    expect(idsOf(journal.eventsAfter(0, 10))).toEqual([3]);
    rmSync(folder, { recursive: true });
    hand(journal, 4, 4);
    journal.clock.step(100);
    expect(idsOf(journal.eventsAfter(0, 10))).toEqual([4]);
    expect([journal.statuses, idsOf(journal.kept)]).toEqual([[], upTo(4)]);
  });

  it('goes on with the ids that stand in it where they could not be read at the start', () => {
    const folder = ownDirectory();
    const before = openedJournal(folder);
    hand(before, 1, 50);
    before.close();
    renameSync(fileIn(folder), join(folder, 'elsewhere'));
    mkdirSync(fileIn(folder));
    const journal = openedJournal(folder);
    expect(journal.lastEventId()).toBe(0);
    hand(journal, 1, 2);
    journal.clock.step(100);
    rmSync(fileIn(folder), { recursive: true });
    renameSync(join(folder, 'elsewhere'), fileIn(folder));
    journal.clock.step(60_000);
    hand(journal, 3, 3);
    journal.clock.step(100);
    expect(idsOf(journal.eventsAfter(0, 100))).toEqual(upTo(53));
    expect(idsOf(journal.kept)).toEqual([1, 2, 53]);
  });
});

describe('a folder that is read-only', () => {
  it('is named, and what is in it can be read', () => {
    const base = ownDirectory();
    const folder = join(base, 'state');
    const before = openedJournal(folder);
    hand(before, 1, 3);
    before.close();
    chmodSync(fileIn(folder), 0o644);
    chmodSync(folder, 0o555);
    const journal = openedJournal(folder);
    asNobody(base, () => {
      expect(journal.lastEventId()).toBe(3);
      hand(journal, 4, 4);
      journal.clock.step(100);
      expect(journal.status()).toEqual({
        failing: `${fileIn(folder)} cannot be written: it is read-only`,
        waiting: 1,
      });
      expect(idsOf(journal.eventsAfter(0, 10))).toEqual([1, 2, 3, 4]);
    });
    chmodSync(folder, 0o755);
    journal.clock.step(60_000);
    expect(journal.status()).toEqual(WELL);
    expect(idsOf(openedJournal(folder).eventsAfter(0, 10))).toEqual([1, 2, 3, 4]);
  });

  it('and empty is named, and written once it may be', () => {
    const base = ownDirectory();
    const folder = join(base, 'state');
    mkdirSync(folder, { mode: 0o555 });
    const journal = openedJournal(folder);
    asNobody(base, () => {
      journal.figures(someFigures(NOW));
      expect(journal.status().failing).toMatch(/permission denied.*history\.db/);
    });
    chmodSync(folder, 0o755);
    journal.clock.step(60_000);
    expect(journal.status()).toEqual(WELL);
    expect(journal.since()).toBe(NOW);
  });
});

describe.runIf(canMount)('a full disk', () => {
  it('is named, loses nothing, and is forgotten once there is room', () => {
    const folder = disks.mount(ownDirectory(), '512k');
    const journal = openedJournal(folder);
    hand(journal, 1, 2);
    journal.figures(someFigures(NOW));
    journal.clock.step(100);
    fillUp(folder);
    // What room was left in pages and journal is taken up first.
    for (let id = 3; id < 400; id += 1) {
      journal.event(anEvent(id, { text: 'x'.repeat(1_000) }));
      journal.figures(someFigures(NOW + id * 5_000));
      journal.clock.step(100);
    }
    const said = `${fileIn(folder)} cannot be written: no space is left on its disk`;
    expect(journal.status().failing).toBe(said);
    expect(journal.status().waiting).toBeGreaterThan(100);
    expect(journal.points(NOW, NOW + 5_000, 10)).toHaveLength(1);
    expect(idsOf(journal.kept)).toEqual(upTo(399));
    rmSync(join(folder, 'filler'));
    execFileSync('mount', ['-o', 'remount,size=8m', folder]);
    journal.clock.step(120_000);
    expect(journal.status()).toEqual(WELL);
    expect(idsOf(journal.eventsAfter(0, 1_000))).toEqual(upTo(399));
    expect(inFile(folder, (file) => file.prepare('SELECT sum(samples) AS samples FROM figures').get())).toEqual({
      samples: 3 * 398,
    });
    expect(inFile(folder, (file) => file.prepare('PRAGMA integrity_check').all())).toEqual([{ integrity_check: 'ok' }]);
  });

  it('is named where nothing was written before, too', () => {
    const folder = disks.mount(ownDirectory(), '256k');
    fillUp(folder);
    const journal = openedJournal(folder);
    journal.figures(someFigures(NOW));
    expect(journal.status().failing).toContain('no space is left on its disk');
    rmSync(join(folder, 'filler'));
    journal.clock.step(60_000);
    expect(journal.status()).toEqual(WELL);
    expect(journal.since()).toBe(NOW);
  });

  it('that becomes read-only is named, and what was kept is read', () => {
    const folder = disks.mount(ownDirectory(), '4m');
    const journal = openedJournal(folder);
    hand(journal, 1, 2);
    journal.clock.step(100);
    journal.close();
    const other = openedJournal(folder);
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    hand(other, 3, 3);
    other.clock.step(100);
    expect(other.status().failing).toMatch(/history\.db cannot be written: it is read-only$/);
    expect(idsOf(other.eventsAfter(0, 10))).toEqual([1, 2, 3]);
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    other.clock.step(60_000);
    expect(other.status()).toEqual(WELL);
    expect(idsOf(other.eventsAfter(0, 10))).toEqual([1, 2, 3]);
  });
});
