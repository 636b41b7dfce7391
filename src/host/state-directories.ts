import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { homeDirectory } from './home';

const MAX_DEPTH = 6;
const MAX_DIRECTORIES = 5_000;

/**
 * The `workers` directories below `$XDG_STATE_HOME/omk` (default `~/.local/state/omk`), absolute and sorted. Links are
 * not followed, and no more than 5,000 directories six levels deep are looked through; what cannot be read is left out.
 */
export function findWorkersDirectories(environment: Record<string, string | undefined>): string[] {
  const home = environment.XDG_STATE_HOME;
  const base = join(home && isAbsolute(home) ? home : join(homeDirectory(), '.local', 'state'), 'omk');
  const found: string[] = [];
  const open = [{ path: base, depth: 0 }];
  for (let seen = 0; seen < MAX_DIRECTORIES; seen += 1) {
    const next = open.shift();
    if (!next) break;
    for (const name of directoriesIn(next.path)) {
      const path = join(next.path, name);
      if (name === 'workers') found.push(path);
      else if (next.depth < MAX_DEPTH) open.push({ path, depth: next.depth + 1 });
    }
  }
  return found.sort();
}

function directoriesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
