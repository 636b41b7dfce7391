import type { WatchedRoots } from '../engine/monitor-types';
import type { Clock } from '../engine/ports';
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
  /** Finds the directories that need no setting. */
  find: () => Directories;
  /** Where supervised runs keep theirs: always looked in. */
  runsFolder: string;
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
export function createRoots({ given, settings, find, runsFolder, clock, onChange }: RootsOptions): Roots {
  const isGiven = given.workerDirs.length + given.workbenchDirs.length > 0;
  const added: string[] = [];
  let current = make();
  let cancel = clock.after(settings().sweepIntervalMs, refresh);

  function make(): WatchedRoots {
    const found = isGiven ? given : find();
    const named = isGiven ? { workerDirs: [], workbenchDirs: [] } : settings();
    return {
      'worker-directory': unique([...named.workerDirs, ...found.workerDirs, ...added]),
      workbench: unique([...named.workbenchDirs, ...found.workbenchDirs]),
      'supervised-run': [runsFolder],
    };
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

const unique = (paths: string[]): string[] => [...new Set(paths)];
