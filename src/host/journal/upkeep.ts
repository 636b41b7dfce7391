import type { HistoryLimits } from '../../engine/journal';
import type { Clock, Logger } from '../../engine/ports';
import type { Connection } from '../sqlite/connection';
import type { Database } from '../sqlite/database';
import { firstAt } from './reading';
import { beginOf, DAY_MS, LEVELS, WAL_BYTES } from './schema';
import { STATEMENTS } from './statements';

const FIRST_AFTER_MS = 10_000;
const EVERY_MS = 600_000;
/** Between two slices others get so many times as long as the last one took, and never less than the least. */
const REST_FACTOR = 4;
const REST_MIN_MS = 20;
/** A slice drops so many rows, or gives back so many pages: some milliseconds. */
const ROWS = 500;
const PAGES = 100;
/** So many pages stay for what comes next. */
const SPARE_PAGES = 50;
/** Where there is too much, this share of the time that is kept goes at once, or the least. */
const SHARE = 50;
const STEP_MIN_MS = 1_000;

export interface Upkeep {
  start(limits: () => HistoryLimits): void;
  stop(): void;
}

/** Drops what is too old or too much and gives its space back, slice by slice. */
export function createUpkeep(database: Database, clock: Clock, log: Logger): Upkeep {
  let cancel: (() => void) | null = null;
  let problem: string | null = null;

  function begin(limits: () => HistoryLimits): void {
    const slices = upkeep(database, limits(), clock.wallMs());
    const next = () => {
      const beganMs = clock.monotonicMs();
      const isDone = step(slices);
      const restMs = Math.max(REST_MIN_MS, REST_FACTOR * (clock.monotonicMs() - beganMs));
      cancel = isDone ? clock.after(EVERY_MS, () => begin(limits)) : clock.after(restMs, next);
    };
    next();
  }

  /** One slice. Returns whether that was all; what fails is tried again at the next time. */
  function step(slices: Iterator<void>): boolean {
    try {
      const isDone = slices.next().done ?? false;
      if (isDone) problem = null;
      return isDone;
    } catch (error) {
      const { message } = error as Error;
      if (problem !== message) log.warn(`Old history cannot be dropped for now: ${message}`);
      problem = message;
      return true;
    }
  }

  return {
    start(limits) {
      cancel?.();
      cancel = clock.after(FIRST_AFTER_MS, () => begin(limits));
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}

/** All that is to be done now; other work comes at each `yield`. */
function* upkeep(database: Database, limits: HistoryLimits, now: number): Generator<void> {
  if (database.read(firstAt) === null) return;
  yield* dropBefore(database, now - limits.historyDays * DAY_MS);
  for (const { spanMs, keptMs } of LEVELS) {
    if (keptMs !== null) yield* dropFigures(database, spanMs, now - keptMs);
  }
  yield* dropTooMuch(database, limits.historyMaxMB * 1024 * 1024 - WAL_BYTES, now);
  yield* giveBack(database);
}

/** From the oldest on, in steps that become smaller, until the rest fits. */
function* dropTooMuch(database: Database, maxBytes: number, now: number): Generator<void> {
  let before = 0;
  while (before < now && database.read(usedBytes) > maxBytes) {
    // Time in which nothing was recorded is skipped: a clock that once stood at 1970 must not make the steps long.
    before = Math.max(before, database.read(firstAt) ?? now);
    before += Math.max(Math.ceil((now - before) / SHARE), STEP_MIN_MS);
    yield* dropBefore(database, Math.min(before, now));
    yield;
  }
}

function* dropBefore(database: Database, before: number): Generator<void> {
  for (const sql of [STATEMENTS.dropEvents, STATEMENTS.dropSilences]) {
    while (change(database, (file) => file.statement(sql).run({ before, limit: ROWS }).changes) === ROWS) yield;
  }
  for (const { spanMs } of LEVELS) yield* dropFigures(database, spanMs, before);
}

/** By whole rows of the next coarser level: see points.ts. */
function* dropFigures(database: Database, spanMs: number, before: number): Generator<void> {
  const wholeMs = LEVELS.find((level) => level.spanMs > spanMs)?.spanMs ?? spanMs;
  const border = beginOf(before, wholeMs);
  for (;;) {
    const first = database.read((file) => file.statement(STATEMENTS.firstFigureAt).get({ spanMs })?.at ?? null);
    if (first === null || first >= border) return;
    const sliceEnd = Math.min(border, beginOf(first, wholeMs) + beginOf(ROWS * spanMs, wholeMs) + wholeMs);
    change(database, (file) => file.statement(STATEMENTS.dropFigures).run({ spanMs, before: sliceEnd }));
    yield;
  }
}

function* giveBack(database: Database): Generator<void> {
  const before = database.read(sparePages);
  let spare = before;
  for (let last = Number.POSITIVE_INFINITY; spare > SPARE_PAGES && spare < last; ) {
    last = spare;
    change(database, (file) => file.exec(`PRAGMA incremental_vacuum(${PAGES})`));
    spare = database.read(sparePages);
    yield;
  }
  // What was given back leaves the file when its journal is written back.
  if (spare < before) database.read((file) => file.exec('PRAGMA wal_checkpoint(PASSIVE)'));
}

/** Nothing of it need be on the disk at once: what is undone by a loss of power is done again. */
function change<T>(database: Database, run: (file: Connection) => T): T {
  return database.write(run, 'crash');
}

const pragma = (file: Connection, name: string): number => file.statement(`PRAGMA ${name}`).get()?.[name] ?? 0;
const sparePages = (file: Connection): number => pragma(file, 'freelist_count');
const usedBytes = (file: Connection): number =>
  (pragma(file, 'page_count') - sparePages(file)) * pragma(file, 'page_size');
