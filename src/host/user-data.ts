import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { homeDirectory } from './home';

/**
 * The folder in which the app keeps its settings, for programs that run without Electron: the same one as Electron's
 * `userData`.
 */
export function userDataDirectory(
  environment: Record<string, string | undefined>,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(configDirectory(environment, platform), 'idlewatch');
}

function configDirectory(environment: Record<string, string | undefined>, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(homeDirectory(), 'Library', 'Application Support');
  if (platform === 'win32') return environment.APPDATA || join(homeDirectory(), 'AppData', 'Roaming');
  const given = environment.XDG_CONFIG_HOME;
  return given && isAbsolute(given) ? given : join(homeDirectory(), '.config');
}

/** Why nothing can be kept in a folder, in the system's words; null where something can. Makes the folder if need be. */
export function whyUnwritable(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true });
    rmdirSync(mkdtempSync(join(folder, 'try-')));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
