import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { homeDirectory } from './home';

/** The folder of the run registry, of the worker directories of supervised runs, and of what waits for the registry. */
export function stateFolder(
  environment: Record<string, string | undefined>,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === 'darwin') return join(homeDirectory(), 'Library', 'Application Support', 'idlewatch', 'state');
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA || join(homeDirectory(), 'AppData', 'Local'), 'idlewatch', 'state');
  }
  const given = environment.XDG_STATE_HOME;
  return join(given && isAbsolute(given) ? given : join(homeDirectory(), '.local', 'state'), 'idlewatch');
}

/** Make a folder where it is missing, and close it to others where it is ours. Throws where it cannot be made. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(folder);
  if ((mode & 0o077) !== 0 && uid === process.geteuid?.()) chmodSync(folder, 0o700);
}

/**
 * The folder of the worker directories of supervised runs, made where that can be done: whoever watches it learns of a
 * new run at once.
 */
export function ensureRunsFolder(stateFolder: string): string {
  const folder = join(stateFolder, 'runs');
  try {
    makePrivateFolder(stateFolder);
    makePrivateFolder(folder);
  } catch {
    // Runs are found by the sweep all the same, and whoever starts one is told what is wrong.
  }
  return folder;
}
