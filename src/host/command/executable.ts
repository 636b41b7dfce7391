import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const DEFAULT_PATH = '/usr/local/bin:/bin:/usr/bin';

/** Why a program cannot be started, found out beforehand, with the exit code a shell would give; null where it can. */
export function whyNotExecutable(
  program: string,
  searchPath: string = DEFAULT_PATH,
): { exitCode: 126 | 127; why: string } | null {
  const candidates = program.includes('/')
    ? [program]
    : searchPath.split(delimiter).map((folder) => join(folder || '.', program));
  let isThere = false;
  for (const path of program === '' ? [] : candidates) {
    try {
      if (!statSync(path).isFile()) continue;
      isThere = true;
      accessSync(path, constants.X_OK);
      return null;
    } catch {
      // The next folder may have another one.
    }
  }
  return isThere ? { exitCode: 126, why: 'it is not executable' } : { exitCode: 127, why: 'command not found' };
}
