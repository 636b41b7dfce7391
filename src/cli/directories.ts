import { resolve } from 'node:path';
import type { WatchedRoots } from '../engine/monitor-types';
import { engineDirectories } from '../host/engine-seat';
import { stateFolder } from '../host/state-folder';
import { unique, usualRoots } from '../host/usual-roots';
import type { Snapshot } from '../shared/model';
import type { Settings } from '../shared/settings';
import type { Context, Given, Option } from './command';

/** The options that name directories. */
export const DIRECTORY_OPTIONS = {
  'worker-dir': {
    value: 'PATH',
    completed: 'directory',
    repeatable: true,
    help: 'A state directory that holds workers/, a directory of worker directories, or one worker directory.',
  },
  'workbench-dir': {
    value: 'PATH',
    completed: 'directory',
    repeatable: true,
    help: 'A directory of workbenches named slug-seconds.',
  },
} satisfies Record<string, Option>;

type DirectoryOption = keyof typeof DIRECTORY_OPTIONS;

/** The directories given as options, absolute. */
export interface GivenDirectories {
  workers: string[];
  workbenches: string[];
}

export function givenDirectories(given: Given<DirectoryOption>, { directory }: Context): GivenDirectories {
  const all = (name: DirectoryOption) => given.all(name).map((path) => resolve(directory, path));
  return { workers: all('worker-dir'), workbenches: all('workbench-dir') };
}

export function isAnyGiven({ workers, workbenches }: GivenDirectories): boolean {
  return workers.length + workbenches.length > 0;
}

/** Throws where a directory that was given cannot be read. */
export function refuseUnreadable(given: GivenDirectories, { roots }: Pick<Snapshot, 'roots'>): void {
  const unreadable = roots.filter((root) => root.unreadable !== null);
  if (!isAnyGiven(given) || !unreadable.length) return;
  const option = (path: string) => (given.workers.includes(path) ? '--worker-dir' : '--workbench-dir');
  throw new Error(unreadable.map(({ path, unreadable }) => `${option(path)} ${path}: ${unreadable}`).join('; '));
}

/** Only the given directories; where none is: everything idlewatch watches by itself. */
export function rootsFrom(given: GivenDirectories, settings: Settings, context: Context): WatchedRoots {
  if (!isAnyGiven(given)) return rootsBeside(given, settings, context);
  return { 'worker-directory': unique(given.workers), workbench: unique(given.workbenches) };
}

/** The given directories beside what idlewatch watches by itself, and what the engine that runs watches. */
export function rootsBeside(given: GivenDirectories, settings: Settings, { environment }: Context): WatchedRoots {
  const state = stateFolder(environment, process.platform);
  const usual = usualRoots(settings, environment, state);
  const engine = engineDirectories(state);
  return {
    ...usual,
    'worker-directory': unique([...given.workers, ...(usual['worker-directory'] ?? []), ...engine.workers]),
    workbench: unique([...given.workbenches, ...(usual.workbench ?? []), ...engine.workbenches]),
  };
}
