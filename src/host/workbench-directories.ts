import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { homeDirectory } from './home';

type Environment = Record<string, string | undefined>;

/** `~/.moadim/workbenches` where it exists; else none. */
export function findWorkbenchDirectories(environment: Environment): string[] {
  const path = join(homeOf(environment), '.moadim', 'workbenches');
  return isDirectory(path) ? [path] : [];
}

/** Where routines are kept, whether or not it exists: `$XDG_CONFIG_HOME/moadim/routines`, default `~/.config/moadim/routines`. */
export function routinesDirectory(environment: Environment): string {
  const given = environment.XDG_CONFIG_HOME;
  return join(given && isAbsolute(given) ? given : join(homeOf(environment), '.config'), 'moadim', 'routines');
}

function homeOf({ HOME }: Environment): string {
  return HOME && isAbsolute(HOME) ? HOME : homeDirectory();
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
