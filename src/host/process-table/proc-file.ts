import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';

export type ProcRead = { ok: true; data: Buffer } | { ok: false; code: string };

const FIRST_READ_BYTES = 4096;

/** Read a file of /proc, at most `maxBytes`. Such files say nothing of their size, so it is read until it ends. */
export function readProc(path: string, maxBytes: number): ProcRead {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    return { ok: false, code: errorCode(error) };
  }
  try {
    let data = Buffer.allocUnsafe(Math.min(FIRST_READ_BYTES, maxBytes));
    let length = 0;
    for (;;) {
      const count = readSync(file, data, length, data.length - length, null);
      length += count;
      if (count === 0 || length === maxBytes) return { ok: true, data: data.subarray(0, length) };
      if (length === data.length) {
        data = Buffer.concat([data], Math.min(data.length * 4, maxBytes));
      }
    }
  } catch (error) {
    return { ok: false, code: errorCode(error) };
  } finally {
    closeSync(file);
  }
}

/** What a link of /proc points to; null where it is gone or may not be read. */
export function readProcLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** `ENOENT`, `EACCES`, … of a failed system call. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
