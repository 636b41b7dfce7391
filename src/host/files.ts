import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import type { DirectoryEntry, FileFailure, FileRead, FileStat, Files } from '../engine/ports';
import { harmless } from '../shared/format';

// O_NONBLOCK: should a FIFO take the file's place between the look and the opening, the opening returns at once.
// Windows knows neither flag; there they are 0.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Bounded, synchronous reading of files that other programs write; see the port. */
export function createFiles(): Files {
  return { stat, read, list, mtimeMs, realPath, resolve, parent: dirname, baseName: basename, isInside };
}

function stat(path: string, within: string): FileStat | FileFailure {
  const found = locate(path, within);
  return found.ok ? toStat(found.stats) : found;
}

/**
 * Callers have just seen a regular file under this name, so it is opened straight away; should a link or a socket have
 * taken its place, opening fails and the long way round is taken.
 */
function read(path: string, within: string, maxBytes: number, offset = 0): FileRead | FileFailure {
  if (dirname(path) !== within) return readLocated(path, within, maxBytes, offset);
  let fd: number;
  try {
    fd = openSync(path, OPEN_FLAGS);
  } catch (error) {
    const isOther = ['ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '');
    return isOther ? readLocated(path, within, maxBytes, offset) : failure(error, path);
  }
  return readOpened(fd, path, maxBytes, offset);
}

function readLocated(path: string, within: string, maxBytes: number, offset: number): FileRead | FileFailure {
  const found = locate(path, within);
  if (!found.ok) return found;
  try {
    return readOpened(openSync(found.path, OPEN_FLAGS), path, maxBytes, offset);
  } catch (error) {
    return failure(error, path);
  }
}

function readOpened(fd: number, path: string, maxBytes: number, offset: number): FileRead | FileFailure {
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return notRegular(stats);
    const start = offset < 0 ? Math.max(0, stats.size + offset) : Math.min(offset, stats.size);
    const left = stats.size - start;
    return { ...toStat(stats), data: readBytes(fd, start, Math.min(maxBytes, left)), truncated: left > maxBytes };
  } catch (error) {
    return failure(error, path);
  } finally {
    closeSync(fd);
  }
}

function readBytes(fd: number, start: number, length: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const got = readSync(fd, buffer, done, length - done, start + done);
    if (got === 0) break; // The file was cut short while we read: what is there is what we give.
    done += got;
  }
  return buffer.subarray(0, done);
}

type Located = { ok: true; path: string; stats: Stats } | FileFailure;

/** Find the regular file behind a name, following links only inside `within`. */
function locate(path: string, within: string): Located {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats) return { ok: false, problem: 'missing', detail: 'there is no such file' };
    if (!stats.isSymbolicLink() && dirname(path) === within) {
      return stats.isFile() ? { ok: true, path, stats } : notRegular(stats);
    }
    return locateThroughLinks(path, within);
  } catch (error) {
    return failure(error, path);
  }
}

function locateThroughLinks(path: string, within: string): Located {
  const real = realpathSync.native(path);
  if (!isInside(real, within)) {
    return { ok: false, problem: 'outside', detail: 'it is a link that leads out of the worker directory' };
  }
  const stats = lstatSync(real);
  return stats.isFile() ? { ok: true, path: real, stats } : notRegular(stats);
}

/** True when `path` is `directory` or lies below it (both real paths). */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith('../') && !way.startsWith('..\\'));
}

function list(path: string): ReturnType<Files['list']> {
  try {
    return { ok: true, entries: readdirSync(path, { withFileTypes: true }).map(toEntry) };
  } catch (error) {
    return failure(error, path);
  }
}

function toEntry(entry: Dirent): DirectoryEntry {
  return { name: entry.name, kind: entry.isDirectory() ? 'directory' : entry.isFile() ? 'file' : 'other' };
}

function mtimeMs(path: string): number | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
  } catch {
    return null; // The answer of `list` says why; this one is only a hint that saves a listing.
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

function toStat(stats: Stats): FileStat {
  return { ok: true, size: stats.size, mtimeMs: stats.mtimeMs, fileId: stats.ino };
}

function notRegular(stats: Stats): FileFailure {
  const kind = stats.isDirectory()
    ? 'a directory'
    : stats.isFIFO()
      ? 'a FIFO'
      : stats.isSocket()
        ? 'a socket'
        : 'a device';
  return { ok: false, problem: 'not_regular', detail: `it is ${kind}, not a regular file` };
}

function failure(error: unknown, path: string): FileFailure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  switch (code) {
    case 'ENOENT':
      // lstat found the name, so it is what a link points to that is not there.
      return isDangling(path)
        ? { ok: false, problem: 'unreadable', detail: 'it is a link to nothing' }
        : { ok: false, problem: 'missing', detail: 'there is no such file' };
    case 'ENOTDIR':
      return { ok: false, problem: 'missing', detail: 'there is no such directory' };
    case 'EACCES':
    case 'EPERM':
      return { ok: false, problem: 'unreadable', detail: 'permission denied' };
    case 'ELOOP':
      return { ok: false, problem: 'unreadable', detail: 'its links go round in a circle' };
    case 'ENAMETOOLONG':
      return { ok: false, problem: 'unreadable', detail: 'its name is too long for this file system' };
    default:
      return { ok: false, problem: 'unreadable', detail: harmless((error as Error).message, 300) };
  }
}

function isDangling(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    return false;
  }
}
