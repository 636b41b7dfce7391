import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One pipe for a command's output. */
export interface OutputPipe {
  /** Ours, non-blocking. */
  readFd: number;
  /** The command's, as it expects one; to be closed here once it has it. */
  writeFd: number;
}

/**
 * Make pipes. Node.js itself connects programs by sockets, and a program can tell: opening /dev/stdout fails on one. Null
 * where there are no pipes to be had (Windows, no mkfifo, a full disk).
 */
export function makeOutputPipes(count: number): OutputPipe[] | null {
  if (process.platform === 'win32') return null;
  const pipes: OutputPipe[] = [];
  let folder: string | null = null;
  try {
    folder = mkdtempSync(join(tmpdir(), 'idlewatch-run-'));
    const paths = Array.from({ length: count }, (_, index) => join(folder ?? '', `output-${index}`));
    const made = spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    if (made.status !== 0) throw new Error('mkfifo failed');
    for (const path of paths) {
      const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      // With a reader there, this does not wait.
      pipes.push({ readFd, writeFd: openSync(path, constants.O_WRONLY) });
    }
    return pipes;
  } catch {
    for (const { readFd, writeFd } of pipes) {
      closeSync(readFd);
      closeSync(writeFd);
    }
    return null;
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}
