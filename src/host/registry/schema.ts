import { RUN_STATES } from '../../engine/run-registry';
import type { Layout } from '../sqlite/connection';

/**
 * The tables. Addresses of processes, commands and audit entries are JSON: nothing is looked for by what is in them.
 * Times are milliseconds since the epoch, by SQLite's own clock except for `audit.at`.
 */
const SCHEMA = `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT,
    command TEXT NOT NULL CHECK (json_valid(command)),
    directory TEXT NOT NULL,
    working_directory TEXT NOT NULL,
    supervisor TEXT NOT NULL CHECK (json_valid(supervisor)),
    child TEXT CHECK (json_valid(child)),
    timeout_ms INTEGER,
    idle_timeout_ms INTEGER,
    state TEXT NOT NULL CHECK (state IN (${RUN_STATES.map((state) => `'${state}'`).join(', ')})),
    started_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    finished_at INTEGER,
    exit_code INTEGER,
    signal TEXT,
    reason TEXT,
    output_bytes INTEGER NOT NULL DEFAULT 0,
    end_requested TEXT
  ) STRICT;
  CREATE INDEX runs_by_state ON runs (state, started_at);

  CREATE TABLE leases (
    key TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    holder TEXT NOT NULL CHECK (json_valid(holder)),
    claimed_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX notices_by_run ON notices (run_id, id);

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    plan_id TEXT,
    entry TEXT NOT NULL CHECK (json_valid(entry)),
    writer TEXT CHECK (json_valid(writer))
  ) STRICT;
  CREATE INDEX audit_by_kind_and_plan ON audit (kind, plan_id);
`;

export const REGISTRY_LAYOUT: Layout = {
  fileName: 'idlewatch.db',
  version: 1,
  schema: SCHEMA,
  pragmas: '',
  busyTimeoutMs: 250,
};
