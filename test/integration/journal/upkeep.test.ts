import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HistoryLimits } from '../../../src/engine/journal';
import { SteppedClock } from '../../fakes/stepped-clock';
import { aSilence } from '../../fixtures/silence';
import {
  anEvent,
  DAY,
  fileIn,
  HOUR,
  heldFile,
  idsOf,
  inFile,
  MINUTE,
  NOW,
  type OpenedJournal,
  openedJournal,
  ownDirectory,
  someFigures,
  times,
  upTo,
} from './state';

const LIMITS: HistoryLimits = { historyDays: 90, historyMaxMB: 256 };
const MB = 1024 * 1024;

/** Long enough for all slices of one time. */
function keepUp(journal: OpenedJournal, limits: () => HistoryLimits = () => LIMITS): void {
  journal.start(limits);
  journal.clock.step(9 * MINUTE);
}

const rowsOf = (folder: string, spanMs: number): { at: number; samples: number }[] =>
  inFile(folder, (file) =>
    file.prepare('SELECT at, samples FROM figures WHERE span_ms = ? ORDER BY at').all(spanMs),
  ) as {
    at: number;
    samples: number;
  }[];

describe('figures', () => {
  it('are kept by 5 s for a day, by the minute for a week, by 15 minutes for as long as the settings say', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    const recorded = times(NOW - 100 * DAY, NOW, 31 * MINUTE + 2_000);
    for (const at of recorded) journal.figures(someFigures(at));
    keepUp(journal);
    const now = NOW + 10_000; // When the first upkeep began.
    const [fine, minutes, quarters] = [5_000, MINUTE, 15 * MINUTE].map((spanMs) => rowsOf(folder, spanMs));
    expect(fine![0]!.at).toBeGreaterThanOrEqual(now - DAY - MINUTE);
    expect(fine![0]!.at).toBeLessThan(now - DAY + 32 * MINUTE);
    expect(minutes![0]!.at).toBeGreaterThanOrEqual(now - 7 * DAY - 15 * MINUTE);
    expect(minutes![0]!.at).toBeLessThan(now - 7 * DAY + 32 * MINUTE);
    expect(quarters![0]!.at).toBeGreaterThanOrEqual(now - 90 * DAY - 15 * MINUTE);
    expect(quarters![0]!.at).toBeLessThan(now - 90 * DAY + 32 * MINUTE);
    const since = quarters![0]!.at;
    expect(quarters!.reduce((sum, { samples }) => sum + samples, 0)).toBe(recorded.filter((at) => at >= since).length);
    expect(journal.since()).toBe(since);
  });

  it('are all still seen where the finer ones end, and none twice', () => {
    const journal = openedJournal(ownDirectory());
    const border = NOW - DAY;
    const recorded = times(border - 20 * MINUTE, border + 20 * MINUTE, 5_000).map((at) =>
      someFigures(at, { busy: at % MINUTE }),
    );
    for (const figures of recorded) journal.figures(figures);
    keepUp(journal);
    const points = journal.points(border - 20 * MINUTE, border + 20 * MINUTE, 1_000);
    expect(new Set(points.map(({ spanMs }) => spanMs))).toEqual(new Set([5_000, MINUTE]));
    for (const { at, busy } of recorded) {
      const seen = points.filter((point) => at >= point.at && at < point.at + point.spanMs);
      expect(seen).toHaveLength(1);
      expect(seen[0]!.busyMax).toBeGreaterThanOrEqual(busy);
    }
  });

  it('show the same peaks before and after the finer ones are gone', () => {
    const journal = openedJournal(ownDirectory());
    const peakAt = NOW - 8 * DAY;
    const around = times(peakAt - HOUR, peakAt + HOUR, 30_000);
    for (const at of around) journal.figures(someFigures(at));
    journal.figures(someFigures(peakAt + 1_000, { instantRate: 99, busy: 12 }));
    const peakOf = () => journal.points(peakAt - HOUR, peakAt + HOUR, 400).filter(({ busyMax }) => busyMax === 12);
    expect(peakOf()).toMatchObject([{ spanMs: 5_000, instantRateMax: 99 }]);
    keepUp(journal);
    expect(peakOf()).toMatchObject([{ spanMs: 15 * MINUTE, instantRateMax: 99 }]);
    expect(peakOf()[0]!.instantRate).toBeCloseTo((30 + 99) / 31, 9);
  });
});

describe('what is too old', () => {
  it('goes, and the rest stays; a changed setting counts from the next time on', () => {
    const journal = openedJournal(ownDirectory());
    for (const id of upTo(100)) journal.event(anEvent(id, { at: NOW - (100 - id) * DAY }));
    for (const id of upTo(100)) {
      const endedAt = NOW - (100 - id) * DAY;
      journal.silence(aSilence({ lengthMs: 1, silentFrom: endedAt - 1, endedAt }));
    }
    journal.clock.step(500);
    let historyDays = 90;
    keepUp(journal, () => ({ ...LIMITS, historyDays }));
    expect(idsOf(journal.eventsAfter(0, 200))).toEqual(upTo(100).slice(10));
    expect(journal.silences(0)).toHaveLength(90);
    historyDays = 7;
    journal.clock.step(10 * MINUTE);
    expect(idsOf(journal.eventsAfter(0, 200))).toEqual(upTo(100).slice(93));
    expect(journal.silences(0)).toHaveLength(7);
    expect(journal.lastEventId()).toBe(100);
  });

  it('goes in slices: no write drops more than some hundred rows', () => {
    const journal = openedJournal(ownDirectory());
    for (const id of upTo(4_000)) journal.event(anEvent(id, { at: NOW - 95 * DAY, kind: 'busy' }));
    journal.event(anEvent(4_001));
    journal.clock.step(5_000);
    journal.start(() => LIMITS);
    const left = () => journal.eventsAfter(0, 10_000).length;
    let slices = 0;
    for (let before = left(); before > 1; slices += 1) {
      journal.clock.step(slices === 0 ? 10_000 : 20);
      const now = left();
      expect(before - now).toBeLessThanOrEqual(500);
      before = now;
      expect(slices).toBeLessThan(200);
    }
    expect(slices).toBeGreaterThanOrEqual(8);
  });

  it('stays while the clock stands long before all of it', () => {
    const clock = new SteppedClock({ wallStartMs: NOW });
    const journal = openedJournal(ownDirectory(), clock);
    journal.event(anEvent(1));
    journal.figures(someFigures(NOW));
    clock.step(1_000);
    clock.jumpWall(-NOW);
    keepUp(journal, () => ({ historyDays: 1, historyMaxMB: 8 }));
    expect(journal.eventsAfter(0, 10)).toHaveLength(1);
    expect(journal.since()).toBe(NOW);
  });
});

describe('what is too much', () => {
  /** An event for each minute, one kilobyte each. */
  function fill(journal: OpenedJournal, megabytes: number): number {
    const count = megabytes * 1_000;
    for (const id of upTo(count)) {
      journal.event(anEvent(id, { at: NOW - (count - id) * MINUTE, kind: 'busy', text: 'x'.repeat(1_000) }));
    }
    for (const at of times(NOW - count * MINUTE, NOW, 15 * MINUTE)) journal.figures(someFigures(at));
    journal.clock.step(60_000);
    return count;
  }

  it('goes, the oldest first, until file and journal are within the limit, and gives its space back', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    const count = fill(journal, 12);
    const other = heldFile(folder);
    expect(statSync(fileIn(folder)).size).toBeGreaterThan(10 * MB);
    keepUp(journal, () => ({ ...LIMITS, historyMaxMB: 8 }));
    const size = () => statSync(fileIn(folder)).size + statSync(`${fileIn(folder)}-wal`).size;
    expect(size()).toBeLessThanOrEqual(8 * MB);
    const left = idsOf(journal.eventsAfter(0, count));
    expect(left.length).toBeGreaterThan(2_000);
    expect(left).toEqual(upTo(count).slice(-left.length));
    const oldest = NOW - left.length * MINUTE;
    expect(journal.since()).toBeGreaterThan(oldest - 20 * MINUTE);
    expect(journal.points(oldest, NOW, 400).length).toBeGreaterThan(100);
    expect(other.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  });

  it('goes also where all of it came in the last moment, or part of it at a wrong time', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    journal.figures(someFigures(NOW - 1_000));
    journal.event(anEvent(1, { at: 0 }));
    for (const id of upTo(12_000)) {
      journal.event(anEvent(id + 1, { at: NOW - 20 + Math.floor(id / 600), text: 'x'.repeat(1_000) }));
    }
    journal.clock.step(60_000);
    keepUp(journal, () => ({ ...LIMITS, historyMaxMB: 8 }));
    expect(statSync(fileIn(folder)).size).toBeLessThanOrEqual(8 * MB);
    expect(journal.lastEventId()).toBe(12_001);
    expect(journal.status().failing).toBeNull();
  });
});
