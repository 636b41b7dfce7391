import type { WatchedRoots } from '../engine/monitor-types';
import type { Clock } from '../engine/ports';
import { unique } from '../host/usual-roots';
import type { Settings } from '../shared/settings';

/** The kinds of directories that people name. */
export interface Directories {
  workerDirs: string[];
  workbenchDirs: string[];
}

interface RootsOptions {
  /** From the command line; none: look where the settings say and where workers are known to be. */
  given: Directories;
  settings: () => Settings;
  /** Where every source looks unless options say otherwise. */
  usual: () => WatchedRoots;
  /** Worker directories of our own: looked in whatever options say, as soon as they exist. */
  own: string;
  clock: Clock;
  onChange(roots: WatchedRoots): void;
}

/** Where to look for workers. */
export interface Roots {
  list(): WatchedRoots;
  /** Look for worker directories there too, until the app ends or the returned function is called. */
  add(...directories: string[]): () => void;
  /** The settings changed: look again now. */
  refresh(): void;
  close(): void;
}

/** The list is made anew every sweep interval, so that directories that come to be are found. */
export function createRoots({ given, settings, usual, own, clock, onChange }: RootsOptions): Roots {
  const isGiven = given.workerDirs.length + given.workbenchDirs.length > 0;
  const added: string[] = [];
  let current = make();
  let cancel = clock.after(settings().sweepIntervalMs, refresh);

  function make(): WatchedRoots {
    const found = usual();
    const named = isGiven
      ? {
          'worker-directory': unique([
            ...given.workerDirs,
            ...(found['worker-directory'] ?? []).filter((path) => path === own),
          ]),
          workbench: unique(given.workbenchDirs),
          'supervised-run': found['supervised-run'] ?? [],
        }
      : found;
    return { ...named, 'worker-directory': unique([...(named['worker-directory'] ?? []), ...added]) };
  }

  function refresh(): void {
    cancel();
    cancel = clock.after(settings().sweepIntervalMs, refresh);
    const next = make();
    const changed = JSON.stringify(next) !== JSON.stringify(current);
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
