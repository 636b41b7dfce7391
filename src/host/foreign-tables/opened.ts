import type { Stats } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { sqlite } from '../sqlite/connection';
import { readBytes, statOf } from './bytes';
import { completed, generationOf } from './wal';

/** A database and its log are read into memory up to this, together. */
const MEMORY_MAX_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 100;
const LOG_HEADER_BYTES = 32;
const HEADER_TEXT = 'SQLite format 3\0';
/** With this a rollback journal begins that would be played back. */
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

const WRITTEN = 'it is being written';

/** It was being written while it was read. */
export class Unsteady extends Error {}

/**
 * Run `read` on another program's database as it stood at one moment. No lock is taken and nothing is written, beside
 * the file or in it: a lock of ours, be it for reading, can make a writer's commit fail, and SQLite leaves `-wal` and
 * `-shm` files behind where it reads a database whose program has ended. Instead:
 *
 * - A database without a log is opened as one that never changes (`immutable`), and what was read counts only if nothing
 *   was written meanwhile.
 * - A database with a log is put together in memory, from the file and the committed part of its log.
 *
 * Throws `Unsteady` where it was written meanwhile, and an Error in words where it cannot be read.
 */
export function readForeign<T>(path: string, read: (database: DatabaseSyncInstance) => T): T {
  const log = readBytes(`${path}-wal`, LOG_HEADER_BYTES);
  return log?.data.length ? readCompleted(path, log.data, read) : readImmutable(path, read);
}

/** What is written there now: another text after every change. Throws where a change is half done. */
function stateOf(path: string): string {
  const { data, stats } = found(readBytes(path, HEADER_BYTES));
  // Byte 24 counts the transactions: a file system's clock is too coarse to tell two in a row apart.
  const state = [stats.ino, stats.size, stats.mtimeMs, data.toString('hex', 24, 28), statOf(`${path}-wal`)?.size ?? 0];
  const journal = readBytes(`${path}-journal`, JOURNAL_MAGIC.length);
  const isBegun = journal?.data.equals(JOURNAL_MAGIC) ?? false;
  if (isBegun && journal && !isYounger(journal.stats, stats)) {
    throw new Unsteady('a transaction is being written to it, or was and never ended');
  }
  return state.join(' ');
}

/** A journal begun after the last change of its file could undo nothing yet. Where its birth is not known: false. */
function isYounger({ birthtimeMs, ctimeMs }: Stats, file: Stats): boolean {
  return birthtimeMs !== ctimeMs && file.mtimeMs < birthtimeMs;
}

function readImmutable<T>(path: string, read: (database: DatabaseSyncInstance) => T): T {
  const before = stateOf(path);
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  const database = new (sqlite().DatabaseSync)(url, { readOnly: true });
  const answer = attempt(() => read(database));
  database.close();
  // What could not be read because of a change tells nothing of the file either.
  if (stateOf(path) !== before) throw new Unsteady(WRITTEN);
  if (!answer.ok) throw answer.error;
  return answer.value;
}

function attempt<T>(run: () => T): { ok: true; value: T } | { ok: false; error: unknown } {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, error };
  }
}

function readCompleted<T>(path: string, before: Buffer, read: (database: DatabaseSyncInstance) => T): T {
  const file = found(readBytes(path, MEMORY_MAX_BYTES + 1));
  // The log comes last: whatever is moved from it into the file stays in it, unless it is begun anew.
  const log = readBytes(`${path}-wal`, MEMORY_MAX_BYTES + 1);
  if (file.data.length + (log?.data.length ?? 0) > MEMORY_MAX_BYTES) {
    throw new Error(`it is larger than ${MEMORY_MAX_BYTES / 1024 / 1024} MB, with changes that stand in its log alone`);
  }
  if (!log || generationOf(log.data) !== generationOf(before)) throw new Unsteady(WRITTEN);
  const whole = completed(file.data, log.data);
  if (!whole) throw new Error('the log beside it is not its own, or is damaged');
  const database = new (sqlite().DatabaseSync)(':memory:');
  try {
    database.deserialize(whole);
    return read(database);
  } finally {
    database.close();
  }
}

function found(bytes: ReturnType<typeof readBytes>): NonNullable<typeof bytes> {
  if (!bytes) throw new Error('there is no such file');
  if (bytes.stats.size > 0 && bytes.data.toString('latin1', 0, HEADER_TEXT.length) !== HEADER_TEXT) {
    throw new Error(`expected a SQLite database, found ${wordsFor(bytes.data)}`);
  }
  if (bytes.data.length < HEADER_BYTES) throw new Error(`expected a SQLite database, found an empty file`);
  return bytes;
}

function wordsFor(data: Buffer): string {
  const first = data.toString('latin1', 0, 1);
  return first === '{' || first === '[' ? 'JSON' : 'something else';
}
