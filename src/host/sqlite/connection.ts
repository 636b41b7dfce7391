import { closeSync, lstatSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { DatabaseSyncInstance, SqliteModule, StatementSyncInstance } from '@photostructure/sqlite';
import { isBusy, isClosedToUs } from './errors';

/** Turning a new file to WAL does not wait by itself while another program does the same. */
const NEW_FILE_PATIENCE_MS = 2_000;
const NEW_FILE_STEP_MS = 10;

/** What a file of ours holds, and how it is opened. */
export interface Layout {
  fileName: string;
  /** Grows with every change of the tables; kept in the file as `user_version`. */
  version: number;
  /** Makes the tables; also run on a file of an older version, in which it must leave what is there. */
  schema: string;
  /** Said at every opening, before there are tables. */
  pragmas: string;
  /** How long a statement waits for another program's, at most: short enough not to freeze a window. */
  busyTimeoutMs: number;
}

/**
 * When what was written is on the disk. `power`: at the end of its transaction, whatever happens (on macOS that takes
 * `fullfsync`). `crash`: the system has it then, so that it outlives us; a loss of power may undo the newest, whole
 * transactions only.
 */
export type Durability = 'power' | 'crash';

/** An open file of ours. */
export interface Connection {
  /** Made once for each text. */
  statement(sql: string): StatementSyncInstance;
  /** Run statements of which nothing is asked, all their steps. */
  exec(sql: string): void;
  /** Run in one transaction that holds the write lock from its beginning. */
  transaction<T>(run: () => T, durability: Durability): T;
  /** Sees nothing that is written from now on: for one reading only. */
  frozen: boolean;
  close(): void;
}

export interface FoundFile {
  /** Tells one file from another under the same name. */
  identity: string;
  bytes: number;
}

/** Null where there is none; throws where something else than a file stands there. */
export function findFile(path: string): FoundFile | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return null;
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
  return { identity: `${stats.dev}:${stats.ino}`, bytes: stats.size };
}

/**
 * Make an empty file for its owner alone, where there is none. A file that is there is not touched: opening and closing
 * it would drop the locks this program has on it.
 */
export function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Loaded when first needed: where it cannot be, idlewatch still watches. */
export function sqlite(): SqliteModule {
  try {
    return createRequire(import.meta.url)('@photostructure/sqlite');
  } catch (error) {
    throw new Error(`SQLite cannot be loaded: ${(error as Error).message}`);
  }
}

/** Open a file that is there, for reading alone where it may not be written. Brings a new one to our tables. */
export function openFile(path: string, layout: Layout): Connection {
  const { DatabaseSync } = sqlite();
  const database = new DatabaseSync(path, { timeout: layout.busyTimeoutMs });
  try {
    prepareFile(database, path, layout);
    return connectionTo(database, false);
  } catch (error) {
    database.close();
    const frozen = isClosedToUs(error) ? openFrozen(path, layout) : null;
    if (!frozen) throw error;
    return frozen;
  }
}

/**
 * Where nothing can be written beside it, a file that nobody has open can be read only as one that never changes. Null
 * where that would show less than there is: it is new, or what was written last stands in its journal.
 */
function openFrozen(path: string, layout: Layout): Connection | null {
  if (lstatSync(`${path}-wal`, { throwIfNoEntry: false })?.size) return null;
  const { DatabaseSync } = sqlite();
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    if (checkVersion(database, path, layout) === layout.version) return connectionTo(database, true);
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return null;
}

/** Our tables with nothing in them, nowhere. */
export function openEmpty({ schema }: Pick<Layout, 'schema'>): Connection {
  const database = new (sqlite().DatabaseSync)(':memory:');
  database.exec(schema);
  return connectionTo(database, false);
}

const SYNCHRONOUS: Record<Durability, string> = { power: 'FULL', crash: 'NORMAL' };

function connectionTo(database: DatabaseSyncInstance, frozen: boolean): Connection {
  const statements = new Map<string, StatementSyncInstance>();
  let current: Durability = 'power';
  return {
    frozen,
    statement(sql) {
      const made = statements.get(sql) ?? database.prepare(sql, { persistent: true });
      statements.set(sql, made);
      return made;
    },
    exec: (sql) => database.exec(sql),
    transaction(run, durability) {
      if (durability !== current) database.exec(`PRAGMA synchronous = ${SYNCHRONOUS[durability]}`);
      current = durability;
      return inTransaction(database, run);
    },
    close: () => database.close(),
  };
}

function inTransaction<T>(database: DatabaseSyncInstance, run: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite itself has rolled back after some failures.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function prepareFile(database: DatabaseSyncInstance, path: string, layout: Layout): void {
  database.exec(`PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; ${layout.pragmas}`);
  if (checkVersion(database, path, layout) === layout.version) return;
  turnToWal(database);
  inTransaction(database, () => {
    if (checkVersion(database, path, layout) === layout.version) return; // Another program was faster.
    database.exec(`${layout.schema} PRAGMA user_version = ${layout.version};`);
  });
}

function checkVersion(database: DatabaseSyncInstance, path: string, known: Layout): number {
  const { user_version: version } = database.prepare('PRAGMA user_version').get();
  if (version <= known.version) return version;
  throw new Error(
    `${path} was written by a newer idlewatch (its format is ${version}, this one knows ${known.version}): use that one, or move the file away`,
  );
}

function turnToWal(database: DatabaseSyncInstance): void {
  for (let waitedMs = 0; ; waitedMs += NEW_FILE_STEP_MS) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || waitedMs >= NEW_FILE_PATIENCE_MS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NEW_FILE_STEP_MS);
    }
  }
}
