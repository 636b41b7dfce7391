import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const FETCH_MAX_MS = 300_000;

/**
 * A real program as npm ships it, fetched once into a folder outside the checkout. Null, with a line that says why, where
 * it cannot be had; `IDLEWATCH_REAL_PROGRAMS=0` does without.
 */
export function fetchProgram(packageName: string, version: string, command: string): string | null {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'idlewatch', 'programs', `${command}-${version}`);
  const program = join(folder, 'node_modules', '.bin', command);
  const why = existsSync(program) ? null : fetchInto(folder, `${packageName}@${version}`);
  if (why === null && existsSync(program)) return program;
  console.log(`Skipped what needs the real ${command}: ${why ?? `${packageName} brought no ${command}`}`);
  return null;
}

/** Null when it is there, else why not. */
function fetchInto(folder: string, spec: string): string | null {
  if (process.env.IDLEWATCH_REAL_PROGRAMS === '0') return 'IDLEWATCH_REAL_PROGRAMS is 0';
  mkdirSync(folder, { recursive: true });
  const npm = spawnSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', spec], {
    timeout: FETCH_MAX_MS,
    encoding: 'utf8',
  });
  if (npm.status === 0) return null;
  return `${spec} could not be fetched (${npm.error?.message ?? npm.stderr.trim().split('\n').at(-1)})`;
}
