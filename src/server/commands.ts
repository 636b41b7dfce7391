import { isAbsolute } from 'node:path';
import type { Engine } from '../engine/engine';
import type { Answer, CommandArgs, CommandResult, DeskCommand } from '../shared/ipc';
import {
  type Asker,
  type BacktestReport,
  HISTORY_POINTS_MAX,
  HISTORY_RANGE_MS,
  type HistoryPoint,
  type WorkerId,
} from '../shared/model';
import type { Settings } from '../shared/settings';
import type { DemoWorkers } from './demo';
import type { Desk } from './desk';
import type { Kills } from './kills';
import type { Roots } from './roots';
import type { SettingsStore } from './settings-store';

export interface CommandParts {
  engine: Engine;
  kills: Kills;
  settingsStore: SettingsStore;
  roots: Roots;
  demo: DemoWorkers;
  /** See Journal. */
  points(fromAt: number, untilAt: number, limit: number): HistoryPoint[];
  /** What these settings would have ended of what is recorded. */
  backtest(settings: Settings): BacktestReport;
  now(): number;
}

/** One function for each command the engine answers: a missing one does not compile. */
type Commands = {
  [C in DeskCommand]: (args: CommandArgs<C>, askedBy: Asker) => CommandResult<C> | Promise<CommandResult<C>>;
};

const NO_WORKER: Answer = { ok: false, reason: 'This worker is no longer there.' };

/** What each command does, whoever asks. */
export function createCommands(parts: CommandParts): Desk['invoke'] {
  const { engine, kills, settingsStore, roots, demo } = parts;
  const { monitor, reaper, policy } = engine;
  const commands: Commands = {
    'watch.pause': ([paused]) => monitor.pause(paused),
    'worker.snooze': ([id, snooze]) => (monitor.snooze(id, snooze) ? { ok: true } : NO_WORKER),
    'worker.logPath': ([id]) => monitor.logPath(id),
    'history.strips': ([ids]) => monitor.strips(ids),
    'history.points': ([range]) => {
      const until = parts.now();
      return spoken(() => ({ points: parts.points(until - HISTORY_RANGE_MS[range], until, HISTORY_POINTS_MAX) }));
    },
    'policy.backtest': ([patch]) => {
      const tried = settingsStore.tried(patch);
      return tried.ok ? spoken(() => ({ report: parts.backtest(tried.settings) })) : refusal(tried);
    },
    'kill.plan': ([id]) => kills.plan(id),
    'kill.execute': ([planId, { acceptShared }], askedBy) => kills.execute(planId, acceptShared, askedBy),
    'worker.keepAlive': ([id, on], askedBy) => keepAlive(settingsStore, id, on, askedBy),
    'reap.plan': () => reaper.plan(),
    'reap.execute': ([planId], askedBy) => reaper.execute(planId, { askedBy }),
    'policy.closeBreaker': (_none, askedBy) => {
      policy.closeBreaker(askedBy);
      return { ok: true };
    },
    'directory.add': ([path], askedBy) => addDirectory(settingsStore, roots, path, askedBy),
    'directory.watch': ([path]) => {
      roots.add(path);
      return { ok: true };
    },
    'demo.start': () => demo.start(),
    'settings.get': () => settingsStore.view(),
    'settings.set': ([patch], askedBy) => settingsStore.set(patch, askedBy),
  };
  return async (name, args, askedBy) => await commands[name](args, askedBy);
}

function spoken<T extends object>(ask: () => T): ({ ok: true } & T) | { ok: false; reason: string } {
  try {
    return { ok: true, ...ask() };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

function refusal({ errors }: { errors: { message: string }[] }): { ok: false; reason: string } {
  return { ok: false, reason: errors.map(({ message }) => message).join('; ') };
}

/** Kept in settings.json, so that it holds after a restart and for the CLI too. */
function keepAlive(settings: SettingsStore, id: WorkerId, on: boolean, askedBy: Asker): Answer {
  const others = settings.view().settings.keepAlive.filter((kept) => kept !== id);
  const answer = settings.set({ keepAlive: on ? [...others, id] : others }, askedBy);
  return answer.ok ? { ok: true } : refusal(answer);
}

/** Keep a directory in the settings and watch it, also while options say where to look. */
function addDirectory(settings: SettingsStore, roots: Roots, path: string | null, askedBy: Asker): Answer {
  if (path === null) return { ok: false, reason: 'There is no dialog to choose a directory in: give its path.' };
  if (!isAbsolute(path)) return { ok: false, reason: `${path} is not a whole path: it has to begin at the root.` };
  const workerDirs = [...new Set([...settings.directoriesInFile(), path])];
  const answer = settings.set({ workerDirs }, askedBy);
  if (!answer.ok) return refusal(answer);
  if (!roots.list()['worker-directory']?.includes(path)) roots.add(path);
  return { ok: true };
}
