import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSyncInstance, SqliteModule } from '@photostructure/sqlite';
import { onTestFinished } from 'vitest';
import type { Journal } from '../../../src/engine/journal';
import { openJournal } from '../../../src/host/journal';
import type { Figures, KeepingStatus, LoggedEvent } from '../../../src/shared/model';
import { SteppedClock } from '../../fakes/stepped-clock';

const { DatabaseSync } = createRequire(import.meta.url)('@photostructure/sqlite') as SqliteModule;

/** The wall clock of tests begins at a quarter past an hour. */
export const NOW = Date.UTC(2026, 0, 15, 12, 15);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A directory of the test's own, removed after it. */
export function ownDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'idlewatch-journal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface OpenedJournal extends Journal {
  clock: SteppedClock;
  /** What it told: as kept, of its status, as warnings. */
  kept: LoggedEvent[];
  statuses: KeepingStatus[];
  warnings: string[];
}

/** A journal whose time stands still until the test steps it. */
export function openedJournal(folder: string, clock = new SteppedClock({ wallStartMs: NOW })): OpenedJournal {
  const warnings: string[] = [];
  const journal = openJournal(folder, { warn: (message) => void warnings.push(message) }, clock);
  const kept: LoggedEvent[] = [];
  const statuses: KeepingStatus[] = [];
  journal.onKept((events) => void kept.push(...events));
  journal.onStatus((status) => void statuses.push(status));
  onTestFinished(journal.close);
  return { ...journal, clock, kept, statuses, warnings };
}

export const fileIn = (folder: string): string => join(folder, 'history.db');

/** Do something to a journal's file past the journal. */
export function inFile<T>(folder: string, run: (database: DatabaseSyncInstance) => T): T {
  const database = new DatabaseSync(fileIn(folder), { timeout: 5_000 });
  try {
    return run(database);
  } finally {
    database.close();
  }
}

/** A connection past the journal, closed after the test. */
export function heldFile(folder: string): DatabaseSyncInstance {
  const database = new DatabaseSync(fileIn(folder), { timeout: 5_000 });
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

export function anEvent(id: number, given: Partial<LoggedEvent> = {}): LoggedEvent {
  return { id, at: NOW, kind: 'stalled', workerId: 'w:1', workerName: 'one', text: `number ${id}`, ...given };
}

export function someFigures(at: number, given: Partial<Figures> = {}): Figures {
  return {
    at,
    instantRate: 1,
    trafficRate: 1,
    idleTimeoutMs: 30_000,
    sinceTrafficMs: 1_000,
    memoryUsedBytes: 1_000,
    workersRssBytes: 100,
    busy: 0,
    waiting: 0,
    wrong: 0,
    ...given,
  };
}

/** Every so many milliseconds from one time to before another. */
export function times(fromAt: number, untilAt: number, stepMs: number): number[] {
  return Array.from({ length: Math.ceil((untilAt - fromAt) / stepMs) }, (_, index) => fromAt + index * stepMs);
}

export const idsOf = (events: LoggedEvent[]): number[] => events.map(({ id }) => id);
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
