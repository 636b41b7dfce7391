import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Bytes of a file with what its file system says of it; null where there is none. Throws where it cannot be read. */
export function readBytes(path: string, maxBytes: number): { data: Buffer; stats: Stats } | null {
  let fd: number;
  try {
    fd = openSync(path, OPEN_FLAGS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
    const buffer = Buffer.allocUnsafe(Math.min(stats.size, maxBytes));
    let done = 0;
    while (done < buffer.length) {
      const got = readSync(fd, buffer, done, buffer.length - done, done);
      if (got === 0) break; // It was cut short while we read.
      done += got;
    }
    return { data: buffer.subarray(0, done), stats };
  } finally {
    closeSync(fd);
  }
}

/** Null where there is no such file, or it cannot be seen. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
