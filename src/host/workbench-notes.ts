import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { harmless } from '../shared/format';

const LINE_MAX = 500;
const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
// A link in the file's place is refused by the opening itself; a FIFO does not block it.
const FILE_FLAGS = O_RDWR | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
const DIRECTORY_FLAGS = O_RDONLY | (O_DIRECTORY ?? 0) | (O_NOFOLLOW ?? 0);

/** Writes into a workbench what became of it. */
export interface WorkbenchNotes {
  /**
   * Append exactly one line to `agent.log` of the workbench at `path` (a real path) and write `killed` to its
   * `exit_code`. The time of `agent.log` stays what it was: by it others tell when the work was over.
   *
   * Regular files in that very directory alone, by no other name elsewhere: an agent may have put links there. Rejects
   * with what could not be written; the other file is written all the same.
   */
  ended(path: string, line: string): Promise<void>;
}

export function createWorkbenchNotes(): WorkbenchNotes {
  return {
    async ended(path, line) {
      if ((await realpath(path)) !== path) throw new Error(`${harmless(path)} is a link: nothing was written there`);
      const directory = await open(path, DIRECTORY_FLAGS);
      try {
        const inside = pathThrough(directory, path);
        const finishedAt = (await directory.stat()).mtime;
        const written = await Promise.allSettled([
          appendLine(`${inside}/agent.log`, line, finishedAt),
          replaceContent(`${inside}/exit_code`, 'killed'),
        ]);
        const failed = written.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []));
        if (failed.length) throw new Error(`in ${harmless(path)}: ${failed.join('; ')}`);
      } finally {
        await directory.close();
      }
    },
  };
}

/** On Linux the directory we hold open, wherever its name leads by now. */
function pathThrough(directory: FileHandle, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${directory.fd}` : path;
}

/** `otherwise`: the time to be kept where there is no such file yet. */
async function appendLine(path: string, line: string, otherwise: Date): Promise<void> {
  const isNew = (await lstat(path).catch(() => null)) === null;
  await withRegularFile(path, FILE_FLAGS | O_APPEND, async (file, stats) => {
    const lead = stats.size > 0 && (await lastByte(file, stats.size)) !== '\n' ? '\n' : '';
    await file.appendFile(`${lead}${harmless(line, LINE_MAX)}\n`);
    const { atime, mtime } = isNew ? { atime: otherwise, mtime: otherwise } : stats;
    await file.utimes(atime, mtime);
  });
}

async function replaceContent(path: string, content: string): Promise<void> {
  await withRegularFile(path, FILE_FLAGS, async (file) => {
    await file.truncate(0);
    await file.write(content, 0);
  });
}

async function withRegularFile(
  path: string,
  flags: number,
  use: (file: FileHandle, stats: Stats) => Promise<void>,
): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const file = await open(path, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === 'ELOOP'
        ? `${name} is a link: nothing was written to it`
        : `${name} cannot be written (${error.code})`,
    );
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error(`${name} is not a regular file: nothing was written to it`);
    if (stats.nlink > 1) throw new Error(`${name} has another name elsewhere: nothing was written to it`);
    await use(file, stats);
  } finally {
    await file.close();
  }
}

async function lastByte(file: FileHandle, size: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString('latin1', 0, bytesRead);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
