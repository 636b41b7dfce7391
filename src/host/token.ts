import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { FileEvents } from '../engine/ports';
import { makePrivateFolder } from './state-folder';

const FILE_NAME = 'token';
const TOKEN_BYTES = 32;
/** What `base64url` makes of them. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const MAX_BYTES = 1_024;

/** Where the token of a state folder's API stands. */
export function tokenPath(stateFolder: string): string {
  return join(stateFolder, FILE_NAME);
}

/** The token of the local API, in a file that only its owner may read. */
export interface TokenFile {
  /** The one in force, made where there is none. Throws a sentence where it can be neither read nor made. */
  read(): string;
  /** Makes a new one: the old one counts no more, here and in every other program at once. Throws a sentence. */
  rotate(): string;
  /** Tells that another token is in force; returns the function that stops. Only with file events. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/**
 * The token of a state folder. The file is looked at with every question, so that a token that another program has
 * rotated counts at once. `fileEvents`: for those who want to be told.
 */
export function openToken(stateFolder: string, fileEvents?: FileEvents): TokenFile {
  const path = tokenPath(stateFolder);
  const listeners = new Set<() => void>();
  let known: ReadToken | null = null;
  let unwatch: (() => void) | null | undefined;

  function read(): string {
    const stats = look(path);
    if (known && stats && markOf(stats) === known.mark) return known.token;
    if (!stats) makeToken(stateFolder, path);
    const before = known;
    known = readToken(path);
    if (!before) watch();
    else if (before.token !== known.token) for (const listener of listeners) listener();
    return known.token;
  }

  /** The folder is there once the token was read. */
  function watch(): void {
    unwatch ??= fileEvents?.watch(stateFolder, (name) => {
      if (name !== null && name !== FILE_NAME) return;
      try {
        read();
      } catch {
        // Whoever asks for it next is told why.
      }
    });
  }

  return {
    read,
    rotate() {
      replaceToken(stateFolder, path);
      return read();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => unwatch?.(),
  };
}

interface ReadToken {
  token: string;
  /** Another text after every change of the file. */
  mark: string;
}

function look(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw unreadable(error);
  }
}

function markOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

function readToken(path: string): ReadToken {
  try {
    // Opening a FIFO would wait for a writer.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    try {
      return readOpened(file, basename(path));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(error);
  }
}

function readOpened(file: number, name: string): ReadToken {
  const stats = fstatSync(file);
  if (!stats.isFile() || stats.size > MAX_BYTES) throw new Error(`${name} is not a file that holds a token`);
  if (isOpenToOthers(stats)) fchmodSync(file, 0o600);
  const token = readFileSync(file, 'utf8').trim();
  if (!TOKEN.test(token)) throw new Error(`${name} holds no token; idlewatch token --rotate makes a new one`);
  return { token, mark: markOf(fstatSync(file)) };
}

function unreadable(error: unknown): Error {
  return new Error(`The token of the API cannot be read: ${(error as Error).message}`);
}

function isOpenToOthers({ mode, uid }: Stats): boolean {
  return (mode & 0o077) !== 0 && uid === process.geteuid?.();
}

/** Two programs may be doing so at the same time: the first one's counts. */
function makeToken(stateFolder: string, path: string): void {
  putToken(stateFolder, path, (temporary) => {
    try {
      linkSync(temporary, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return;
      // Some file systems know no links.
      renameSync(temporary, path);
    }
  });
}

function replaceToken(stateFolder: string, path: string): void {
  putToken(stateFolder, path, (temporary) => renameSync(temporary, path));
}

function putToken(stateFolder: string, path: string, put: (temporary: string) => void): void {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    makePrivateFolder(stateFolder);
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    put(temporary);
  } catch (error) {
    throw new Error(`The token of the API cannot be written: ${(error as Error).message}`);
  } finally {
    rmSync(temporary, { force: true });
  }
}
