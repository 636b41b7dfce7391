import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditLog } from '../engine/ports';

export interface AuditLogOptions {
  /** A file that would grow beyond this is put aside and a new one is begun. */
  maxFileBytes?: number;
  /** How many files put aside are kept; the oldest is dropped. */
  keptFiles?: number;
}

const FILE_NAME = 'audit';
const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * The audit log: JSON lines in `audit.jsonl` of `folder` (made where missing), readable by its owner alone. An entry is
 * on the disk (fsync) before `append` resolves; `append` rejects where it could not be kept. Entries stand in the order
 * they were given. Bounded: `audit.jsonl`, `audit.1.jsonl` (newer) … `audit.N.jsonl` (oldest).
 */
export function createAuditLog(folder: string, options: AuditLogOptions = {}): AuditLog {
  const { maxFileBytes = 4 * 1024 * 1024, keptFiles = 3 } = options;
  const pathOf = (age: number) => join(folder, age === 0 ? `${FILE_NAME}.jsonl` : `${FILE_NAME}.${age}.jsonl`);
  let last: Promise<void> = Promise.resolve();

  async function putAside(): Promise<void> {
    for (let age = keptFiles - 1; age >= 0; age -= 1) {
      await rename(pathOf(age), pathOf(age + 1)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }

  async function openFile(): Promise<FileHandle> {
    // A link or a FIFO planted under this name is refused instead of followed or waited for.
    const file = await open(pathOf(0), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new Error(`${pathOf(0)} is not a regular file`);
  }

  async function write(line: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let file = await openFile();
    try {
      const { size } = await file.stat();
      if (size > 0 && size + Buffer.byteLength(line) > maxFileBytes) {
        await file.close();
        await putAside();
        file = await openFile();
      }
      await file.chmod(0o600);
      await file.appendFile((await endsMidLine(file)) ? `\n${line}` : line);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(folder);
  }

  return {
    append(entry) {
      const line = `${JSON.stringify(entry)}\n`;
      const written = last.then(() => write(line));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

/** A crash or a full disk may have left half a line; the next entry then begins on a line of its own. */
async function endsMidLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}

/** A new name is on the disk only once its folder is. Windows cannot open a folder and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
