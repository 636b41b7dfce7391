import type { Layout } from '../sqlite/connection';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * How fine figures are kept, and how long: null is as long as everything else. Each figure goes into its row of every
 * level at once, so that nothing has to be rolled up later: what is too old for a level is dropped there, and stands in
 * the coarser ones. Every span is a multiple of the one before.
 */
export const LEVELS: readonly { spanMs: number; keptMs: number | null }[] = [
  { spanMs: 5 * SECOND_MS, keptMs: DAY_MS },
  { spanMs: MINUTE_MS, keptMs: 7 * DAY_MS },
  { spanMs: 15 * MINUTE_MS, keptMs: null },
];

/** What SQLite's journal beside the file may take up once it was written back. */
export const WAL_BYTES = 4 * 1024 * 1024;

/**
 * The tables. Times are milliseconds since the epoch. A row of figures holds sums over its samples, for means that come out
 * right however rows are put together, and the greatest values. In a file of an older version what is there stays.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    worker_id TEXT,
    worker_name TEXT,
    text TEXT NOT NULL,
    data TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_time ON events (at);
  CREATE INDEX IF NOT EXISTS kills_by_plan ON events (data ->> '$.planId')
    WHERE kind IN ('kill_intent', 'kill_ended', 'kill_failed');

  CREATE TABLE IF NOT EXISTS figures (
    span_ms INTEGER NOT NULL,
    at INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    instant_rate_sum REAL NOT NULL,
    instant_rate_max REAL NOT NULL,
    traffic_rate_sum REAL NOT NULL,
    traffic_rate_max REAL NOT NULL,
    idle_timeout_ms_sum REAL NOT NULL,
    since_traffic_ms_max REAL,
    memory_used_bytes_sum REAL NOT NULL,
    memory_used_bytes_max REAL NOT NULL,
    workers_rss_samples INTEGER NOT NULL,
    workers_rss_bytes_sum REAL NOT NULL,
    workers_rss_bytes_max REAL,
    busy_max INTEGER NOT NULL,
    waiting_max INTEGER NOT NULL,
    wrong_max INTEGER NOT NULL,
    PRIMARY KEY (span_ms, at)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS silences (
    id INTEGER PRIMARY KEY,
    worker_id TEXT NOT NULL,
    worker_name TEXT NOT NULL,
    source TEXT NOT NULL,
    clock TEXT NOT NULL,
    silent_from INTEGER NOT NULL,
    length_ms INTEGER NOT NULL,
    threshold_ms INTEGER NOT NULL,
    interval_ms INTEGER,
    command_ms INTEGER,
    own_limit_ms INTEGER,
    excused_until INTEGER,
    could_end INTEGER NOT NULL,
    end TEXT NOT NULL,
    ended_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS silences_by_time ON silences (ended_at);
`;

export const JOURNAL_LAYOUT: Layout = {
  fileName: 'history.db',
  version: 2,
  schema: SCHEMA,
  pragmas: `PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_size_limit = ${WAL_BYTES}`,
  // What is written at each moment by a program with a window to move: another try comes soon.
  busyTimeoutMs: 50,
};

/** The beginning of the span `at` lies in. */
export function beginOf(at: number, spanMs: number): number {
  return Math.floor(at / spanMs) * spanMs;
}
