import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A JSON file, or null while it is missing. Throws on half-written content. */
export function readJson(path: string): Record<string, unknown> | null {
  const text = readText(path);
  return text === null ? null : JSON.parse(text);
}

/** The lines of a JSON lines file; none while it is missing. */
export function readLines(path: string): Record<string, unknown>[] {
  return (readText(path) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What tells whether anything in a directory was written: name, size and mtime of each file. */
export function fingerprint(directory: string): string {
  return readdirSync(directory)
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(directory, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .join('\n');
}

/** Pids of all processes whose command line names a path. Those that have ended and wait to be reaped do not count. */
export function processesNaming(path: string): number[] {
  return execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(path))
    .map((line) => Number.parseInt(line, 10));
}

/** Leave nothing behind when a test has failed; `path` is a temporary directory of the test's own. */
export function endProcessesNaming(path: string): void {
  for (const pid of processesNaming(path)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
