import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { JOURNAL_LAYOUT } from '../../../src/host/journal/schema';
import { STATEMENTS } from '../../../src/host/journal/statements';
import { Writer } from '../../../src/host/journal/writer';
import { openEmpty } from '../../../src/host/sqlite/connection';
import { type Database, openDatabase } from '../../../src/host/sqlite/database';
import type { LoggedEvent, Silence } from '../../../src/shared/model';
import { SteppedClock } from '../../fakes/stepped-clock';
import { aSilence } from '../../fixtures/silence';
import { anEvent, fileIn, idsOf, inFile, NOW, openedJournal, ownDirectory, someFigures, upTo } from './state';

describe('the event log', () => {
  it('keeps events as they were, and reads them back by id', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    const events = [
      anEvent(1, { data: { was: 'a', is: [1, null, 'ü\u0000'] } }),
      anEvent(2, { kind: 'config_changed', workerId: null, workerName: null, text: 'port: 1 → 2\n"quoted"' }),
      anEvent(3, { kind: 'busy' }),
    ];
    for (const event of events) journal.event(event);
    journal.clock.step(100);
    expect(journal.eventsAfter(0, 10)).toEqual(events);
    expect(journal.eventsAfter(1, 1)).toEqual([events[1]]);
    expect(journal.latestEvents(2)).toEqual(events.slice(1));
    expect(openedJournal(folder).lastEventId()).toBe(3);
    expect(journal.since()).toBe(NOW);
  });

  it('tells events as kept once another program can read them, in one batch', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    const batches: number[] = [];
    journal.onKept((events) => {
      batches.push(events.length);
      expect(idsOf(openedJournal(folder).eventsAfter(0, 1_000))).toEqual(expect.arrayContaining(idsOf(events)));
    });
    for (const id of upTo(20)) journal.event(anEvent(id));
    expect(journal.kept).toEqual([]);
    journal.clock.step(60);
    expect(batches).toEqual([20]);
    expect(idsOf(journal.kept)).toEqual(upTo(20));
  });

  it('are on the disk for good where they tell something; what comes all day is left to the system', () => {
    const FULL = 2;
    const NORMAL = 1;
    const log = { warn: (message: string) => expect.unreachable(message) };
    const clock = new SteppedClock({ wallStartMs: NOW });
    const database = openDatabase(ownDirectory(), JOURNAL_LAYOUT, log);
    onTestFinished(database.close);
    const seen: number[] = [];
    const write: Database['write'] = (run, durability) =>
      database.write((file) => {
        seen.push(file.statement('PRAGMA synchronous').get()?.synchronous);
        return run(file);
      }, durability);
    const writer = new Writer({ ...database, write }, clock, log);
    const written = (...kinds: LoggedEvent['kind'][]) => {
      for (const kind of kinds) writer.event(anEvent(1, { kind }));
      clock.step(2_100);
      return seen.splice(0);
    };
    expect(written('busy', 'ready')).toEqual([NORMAL]);
    expect(written('busy', 'stalled')).toEqual([FULL]);
    writer.figures(someFigures(NOW));
    expect(seen).toEqual([NORMAL]);
  });

  it('writes what ten thousand workers tell at once in bounded batches, and loses none of it', () => {
    const journal = openedJournal(ownDirectory());
    const batches: number[] = [];
    journal.onKept((events) => void batches.push(events.length));
    for (const id of upTo(25_000)) journal.event(anEvent(id, { kind: 'busy' }));
    journal.clock.step(60_000);
    expect(Math.max(...batches)).toBeLessThanOrEqual(250);
    expect(idsOf(journal.kept)).toEqual(upTo(25_000));
    expect(idsOf(journal.eventsAfter(0, 100_000))).toEqual(upTo(25_000));
    expect(journal.statuses).toEqual([]);
  });

  it('orders by id, whatever the clock says', () => {
    const journal = openedJournal(ownDirectory());
    for (const [index, at] of [NOW, NOW - 5_000, NOW + 5_000, NOW - 60_000].entries()) {
      journal.event(anEvent(index + 1, { at }));
    }
    journal.clock.step(100);
    expect(idsOf(journal.eventsAfter(0, 10))).toEqual([1, 2, 3, 4]);
    expect(idsOf(journal.latestEvents(2))).toEqual([3, 4]);
  });

  it('keeps an event whose data cannot be written, and says so in its place', () => {
    const journal = openedJournal(ownDirectory());
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    journal.event(anEvent(1, { data: circle }));
    journal.event(anEvent(2, { data: { text: 'x'.repeat(300_000) } }));
    journal.event(anEvent(3, { at: NOW + 0.5 }));
    journal.clock.step(100);
    expect(journal.eventsAfter(0, 10)).toMatchObject([
      { id: 1, data: { leftOut: expect.stringContaining('circular') } },
      { id: 2, data: { leftOut: expect.stringContaining('more than 262144 are not kept') } },
      { id: 3 },
    ]);
  });

  it('knows what is told of a kill by its plan, also where what belongs to it was too long', () => {
    const journal = openedJournal(ownDirectory());
    expect([journal.killsOfPlan('p'), journal.firstEventAt()]).toEqual([[], null]);
    journal.event(anEvent(1, { kind: 'kill_intent', at: NOW + 5, data: { planId: 'p', text: 'x'.repeat(300_000) } }));
    journal.event(anEvent(2, { kind: 'kill_failed', at: NOW + 3, data: { planId: 'p' } }));
    journal.event(anEvent(3, { kind: 'kill_ended', at: NOW + 9, data: { planId: 'q' } }));
    journal.event(anEvent(4, { kind: 'reap', at: NOW + 9, data: { planId: 'p' } }));
    journal.clock.step(100);
    expect(journal.killsOfPlan('p').sort()).toEqual(['kill_failed', 'kill_intent']);
    expect([journal.killsOfPlan('q'), journal.killsOfPlan('r')]).toEqual([['kill_ended'], []]);
    expect(journal.firstEventAt()).toBe(NOW + 3);
  });

  it('keeps on writing while a listener fails', () => {
    const journal = openedJournal(ownDirectory());
    journal.onKept(() => {
      throw new Error('no');
    });
    for (const id of upTo(2)) {
      journal.event(anEvent(id));
      journal.clock.step(100);
    }
    expect(idsOf(journal.eventsAfter(0, 10))).toEqual([1, 2]);
  });

  it('writes what waits when it is closed, and takes nothing afterwards', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    for (const id of upTo(2_000)) journal.event(anEvent(id));
    journal.close();
    expect(idsOf(journal.kept)).toEqual(upTo(2_000));
    journal.event(anEvent(2_001));
    journal.figures(someFigures(NOW));
    journal.clock.step(60_000);
    expect(journal.clock.timerCount).toBe(0);
    expect(readdirSync(folder)).toEqual(['history.db']);
    expect(openedJournal(folder).lastEventId()).toBe(2_000);
  });
});

describe('ids', () => {
  it('go on where the log has been emptied, and where its file was lost', () => {
    const folder = ownDirectory();
    const first = openedJournal(folder);
    for (const id of upTo(7)) first.event(anEvent(id));
    first.close();
    inFile(folder, (file) => file.exec('DELETE FROM events'));
    const second = openedJournal(folder);
    expect(second.lastEventId()).toBe(7);
    rmSync(folder, { recursive: true });
    second.figures(someFigures(NOW));
    expect(openedJournal(folder).lastEventId()).toBe(7);
    second.event(anEvent(8));
    second.clock.step(100);
    expect(idsOf(openedJournal(folder).eventsAfter(0, 10))).toEqual([8]);
  });

  it('stay unique and in order where two programs write', () => {
    const folder = ownDirectory();
    const one = openedJournal(folder);
    const two = openedJournal(folder);
    for (const id of upTo(30)) {
      one.event(anEvent(id, { text: `one ${id}` }));
      two.event(anEvent(id, { text: `two ${id}` }));
      one.clock.step(100);
      two.clock.step(100);
    }
    const events = one.eventsAfter(0, 100);
    expect(idsOf(events)).toEqual(upTo(60));
    expect(new Set(events.map(({ text }) => text)).size).toBe(60);
    expect([...one.kept, ...two.kept].sort((a, b) => a.id - b.id)).toEqual(events);
    expect([one.status(), two.status()]).toEqual(Array(2).fill({ failing: null, waiting: 0 }));
  });
});

describe('figures and silences', () => {
  it('are in the file when the call returns', () => {
    const folder = ownDirectory();
    const journal = openedJournal(folder);
    journal.figures(someFigures(NOW, { busy: 3 }));
    expect(openedJournal(folder).points(NOW, NOW + 5_000, 10)).toMatchObject([{ at: NOW, busyMax: 3 }]);
  });

  it('come out whole where a rate came out wrong', () => {
    const journal = openedJournal(ownDirectory());
    journal.figures(someFigures(NOW, { instantRate: Number.NaN, trafficRate: Number.POSITIVE_INFINITY }));
    expect(journal.points(NOW, NOW + 5_000, 10)).toMatchObject([{ instantRate: 0, trafficRate: 0 }]);
    expect(journal.status().failing).toBeNull();
  });

  it('are found from their end on', () => {
    const journal = openedJournal(ownDirectory());
    const silence = (endedAt: number): Silence =>
      aSilence({
        ...{ endedAt, silentFrom: endedAt - 70_000, lengthMs: 70_000, clock: 'command', commandMs: 9_000 },
        ...{ intervalMs: 5_000, ownLimitMs: 7_000, excusedUntil: endedAt - 60_000, couldEnd: false },
      });
    for (const endedAt of [NOW, NOW + 2_000, NOW + 1_000]) journal.silence(silence(endedAt));
    journal.clock.step(100);
    expect(journal.silences(NOW + 1_000)).toEqual([silence(NOW + 1_000), silence(NOW + 2_000)]);
    expect(journal.silences(0)).toHaveLength(3);
  });
});

describe('its file', () => {
  it('is not made by asking', () => {
    const folder = join(ownDirectory(), 'state');
    const journal = openedJournal(folder);
    journal.start(() => ({ historyDays: 90, historyMaxMB: 256 }));
    journal.clock.step(60_000);
    expect([journal.lastEventId(), journal.since(), journal.eventsAfter(0, 9), journal.points(0, NOW, 9)]).toEqual([
      ...[0, null],
      ...[[], []],
    ]);
    expect(existsSync(folder)).toBe(false);
  });

  it('is for its owner alone', () => {
    const folder = join(ownDirectory(), 'state');
    openedJournal(folder).figures(someFigures(NOW));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    expect(existsSync(fileIn(folder))).toBe(true);
  });

  it.each(Object.entries(STATEMENTS))('is not gone through whole for %s', (_name, sql) => {
    const empty = openEmpty(JOURNAL_LAYOUT);
    const named = [...new Set(sql.match(/:\w+/g) ?? [])].map((name) => [name.slice(1), null]);
    const plan = empty
      .statement(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(sql.includes('?') ? [1] : [Object.fromEntries(named)]))
      .map(({ detail }) => detail as string);
    // The newest come from its end, and `sqlite_sequence` has one row.
    const isShort = (step: string) =>
      step === 'SCAN sqlite_sequence' || (sql === STATEMENTS.latestEvents && step === 'SCAN events');
    expect(plan.filter((step) => step.startsWith('SCAN') && !isShort(step))).toEqual([]);
    empty.close();
  });
});
