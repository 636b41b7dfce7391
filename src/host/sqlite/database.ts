import { lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../engine/ports';
import { makePrivateFolder } from '../state-folder';
import {
  type Connection,
  type Durability,
  type FoundFile,
  findFile,
  type Layout,
  makeFile,
  openEmpty,
  openFile,
  sqlite,
} from './connection';
import { inWords, isDamage } from './errors';

const ASIDE_PATIENCE_MS = 5_000;

/** A file of ours, opened when first needed. What fails throws a sentence that names the file. */
export interface Database {
  path: string;
  /** Read; where there is no file, of an empty one, and nothing is made. */
  read<T>(run: (connection: Connection) => T): T;
  /** Change, in one transaction; makes folder and file where they are missing. */
  write<T>(run: (connection: Connection) => T, durability?: Durability): T;
  /** Let go of the file; whatever is asked afterwards opens it again. */
  close(): void;
}

/**
 * The file of this layout in `folder`. Where it turns out to be damaged it is put aside under another name, a new one is
 * begun, and `log` is told of both. Where another file stands under its name than the one that is open (it was put aside
 * by another program, or removed), that one is opened.
 */
export function openDatabase(folder: string, layout: Layout, log: Logger): Database {
  const path = join(folder, layout.fileName);
  let open: { connection: Connection; identity: string } | null = null;
  let empty: Connection | null = null;

  function close(): void {
    open?.connection.close();
    open = null;
  }

  /** The connection to the file that stands there now. */
  function connectionTo({ identity }: FoundFile): Connection {
    if (open && open.identity !== identity) close();
    open ??= { connection: openFile(path, layout), identity };
    return open.connection;
  }

  function read<T>(run: (connection: Connection) => T): T {
    const found = findFile(path);
    if (!found?.bytes) {
      empty ??= openEmpty(layout);
      return run(empty);
    }
    const connection = connectionTo(found);
    try {
      return run(connection);
    } finally {
      if (connection.frozen) close();
    }
  }

  function write<T>(run: (connection: Connection) => T, durability: Durability): T {
    let found = findFile(path);
    if (!found) {
      makePrivateFolder(folder);
      makeFile(path);
      found = findFile(path);
    }
    if (!found) throw new Error(`${path} was removed just now`);
    const connection = connectionTo(found);
    try {
      return connection.transaction(() => run(connection), durability);
    } finally {
      if (connection.frozen) close();
    }
  }

  function mended<T>(operation: () => T): T {
    const before = findFile(path);
    try {
      return operation();
    } catch (error) {
      if (!isDamage(error)) throw inWords(error, path);
      const damage = (error as Error).message;
      close();
      putAside(before, damage);
    }
    try {
      return operation();
    } catch (error) {
      throw inWords(error, path);
    }
  }

  /** Only the very file that is damaged: another program may have put it aside and begun a new one meanwhile. */
  function putAside(damaged: FoundFile | null, damage: string): void {
    const aside = `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
    try {
      oneAtATime(join(folder, 'put-aside.lock'), () => {
        if (!damaged || findFile(path)?.identity !== damaged.identity) return;
        // Last the file itself: a new one must not meet the old one's journal.
        for (const part of ['-wal', '-shm', '']) {
          if (lstatSync(path + part, { throwIfNoEntry: false })) renameSync(path + part, aside + part);
        }
        log.warn(`${path} is damaged (${damage}). It was put aside as ${aside}, and a new one is begun.`);
      });
    } catch (error) {
      throw new Error(`${path} is damaged (${damage}) and cannot be put aside: ${(error as Error).message}`);
    }
  }

  return {
    path,
    read: (run) => mended(() => read(run)),
    write: (run, durability = 'power') => mended(() => write(run, durability)),
    close() {
      close();
      empty?.close();
      empty = null;
    },
  };
}

/** Among all programs. SQLite's lock ends with the program that holds it, however that ends. */
function oneAtATime(lockFile: string, run: () => void): void {
  makeFile(lockFile);
  const lock = new (sqlite().DatabaseSync)(lockFile, { timeout: ASIDE_PATIENCE_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    run();
  } finally {
    lock.close();
  }
}
