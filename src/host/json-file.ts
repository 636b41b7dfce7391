import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';

const MAX_BYTES = 1024 * 1024;

export type JsonRead = { ok: true; value: unknown } | { ok: false; missing: boolean; message: string };

/** Read one of idlewatch's own JSON files, at most 1 MiB of it. Never throws; the message names the file. */
export function readJson(path: string): JsonRead {
  const name = basename(path);
  let text: string;
  try {
    // Opening a FIFO would wait for a writer, and a device may have no end.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw new Error('it is not a regular file');
      if (stats.size > MAX_BYTES)
        return { ok: false, missing: false, message: `${name} is larger than ${MAX_BYTES} bytes` };
      text = readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, missing: code === 'ENOENT', message: `${name} cannot be read: ${message}` };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, missing: false, message: `${name} is not valid JSON: ${(error as Error).message}` };
  }
}

/**
 * Write a JSON file so that a reader sees the old or the new one, never half of it, also after a crash: to a temporary
 * name beside it, to the disk, then renamed. A link is kept and its target replaced. Throws when it cannot be written.
 */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const target = realTarget(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
