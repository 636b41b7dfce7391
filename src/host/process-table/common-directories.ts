import { realpathSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';

/** Where this user's programs of every kind work: home, and the directories for temporary files. Real paths. */
export function findCommonDirectories(): string[] {
  const named = [attempt(homedir), attempt(() => userInfo().homedir), tmpdir(), '/tmp', '/var/tmp', '/dev/shm'];
  const runtime = process.env.XDG_RUNTIME_DIR ?? null;
  const real = [...named, runtime].flatMap((path) => (path ? (attempt(() => realpathSync.native(path)) ?? []) : []));
  return [...new Set(real)];
}

/** A user without an entry in the system's list has no home there, and a directory need not exist. */
function attempt<Result>(ask: () => Result): Result | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
