import type { Clock } from '../engine/ports';
import type { Settings } from '../shared/settings';

interface RootsOptions {
  /** From the command line; empty: look where the settings say and where workers are known to be. */
  given: string[];
  settings: () => Settings;
  /** Finds the directories that need no setting. */
  find: () => string[];
  clock: Clock;
  onChange(roots: string[]): void;
}

/** Where to look for workers. */
export interface Roots {
  list(): string[];
  /** Look there too, until the app ends or the returned function is called. */
  add(...directories: string[]): () => void;
  /** The settings changed: look again now. */
  refresh(): void;
  close(): void;
}

/** The list is made anew every sweep interval, so that directories that come to be are found. */
export function createRoots({ given, settings, find, clock, onChange }: RootsOptions): Roots {
  const added: string[] = [];
  let current = make();
  let cancel = clock.after(settings().sweepIntervalMs, refresh);

  function make(): string[] {
    const main = given.length ? given : [...settings().workerDirs, ...find()];
    return [...new Set([...main, ...added])];
  }

  function refresh(): void {
    cancel();
    cancel = clock.after(settings().sweepIntervalMs, refresh);
    const next = make();
    const changed = next.join('\0') !== current.join('\0');
    current = next;
    if (changed) onChange(current);
  }

  return {
    list: () => current,
    add(...directories) {
      added.push(...directories);
      refresh();
      return () => {
        for (const directory of directories) added.splice(added.indexOf(directory), 1);
        refresh();
      };
    },
    refresh,
    close: () => cancel(),
  };
}
