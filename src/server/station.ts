import { createEngine, type Engine } from '../engine/engine';
import type { Journal } from '../engine/journal';
import type { MonitorView } from '../engine/monitor-types';
import type { DemoOptions } from '../host/demo-scene';
import { createHeartbeatDrop, type HeartbeatDrop, heartbeatFolder } from '../host/heartbeat-drop';
import type { Machine } from '../host/machine';
import { createSettingsFile } from '../host/settings-file';
import { ensureRunsFolder } from '../host/state-folder';
import { usualRoots } from '../host/usual-roots';
import type { Focus } from '../shared/ipc';
import type { Delta } from '../shared/model';
import type { SettingKey } from '../shared/settings';
import { backtest } from './backtest';
import { changeWords } from './change-words';
import { createCommands } from './commands';
import { createDemo } from './demo';
import type { Desk, DeskListener, DeskView } from './desk';
import { createKills } from './kills';
import { createOutsideKills } from './outside-kills';
import { createRoots, type Directories, type Roots } from './roots';
import { createSettingsStore, type SettingsChange, type SettingsStore } from './settings-store';

export interface StationOptions {
  environment: Record<string, string | undefined>;
  /** Where the run registry, the journal and the workers of our own are kept. */
  stateFolder: string;
  settingsFile: string;
  /** Settings of the command line. */
  settings: Partial<Record<SettingKey, unknown>>;
  /** Directories of the command line. */
  given: Directories;
  demo: DemoOptions;
  /** See EngineOptions. */
  rival?(): string | null;
}

/** The engine with its settings, directories and journal, for the app and for `idlewatch serve` alike. */
export interface Station extends Desk {
  readonly machine: Machine;
  readonly engine: Engine;
  readonly journal: Journal;
  readonly settingsStore: SettingsStore;
  readonly roots: Roots;
  /** Calls when it looks for workers elsewhere than before. */
  onRoots(listener: () => void): void;
  /** For workers that beat over HTTP: what is put there is watched. */
  readonly heartbeats: HeartbeatDrop;
  start(): void;
}

/** Makes all of it; nothing runs before `start()`. */
export function createStation(machine: Machine, journal: Journal, options: StationOptions): Station {
  const { environment, stateFolder } = options;
  const { clock, log } = machine;
  ensureRunsFolder(stateFolder);
  const listeners = new Set<Partial<DeskListener>>();
  const rootsListeners: (() => void)[] = [];

  const file = createSettingsFile(options.settingsFile, machine.fileEvents, clock);
  const settingsStore = createSettingsStore({ file, environment, options: options.settings });
  const inForce = () => settingsStore.view().settings;
  const roots = createRoots({
    given: options.given,
    settings: inForce,
    usual: () => usualRoots(inForce(), environment, stateFolder),
    own: heartbeatFolder(stateFolder),
    clock,
    onChange(directories) {
      engine.configure(directories);
      for (const listener of rootsListeners) listener();
    },
  });
  const engine = createEngine(machine, {
    settings: inForce,
    roots: roots.list(),
    lastEventId: journal.lastEventId(),
    ...(options.rival ? { rival: options.rival } : {}),
    tell(message) {
      for (const { tell } of listeners) tell?.(message);
    },
  });
  const { monitor } = engine;
  const kills = createKills(engine.killer, (id) => monitor.report(id)?.reason ?? 'a person asked for it');
  const outsideKills = createOutsideKills({ killsSince: machine.killsSince, journal, monitor, clock, log });
  const demo = createDemo(options.demo, roots.add);
  const invoke = createCommands({
    ...{ engine, kills, settingsStore, roots, demo },
    points: journal.points,
    backtest: (settings) =>
      backtest(journal.silences(0), settings, { since: journal.since(), until: clock.wallMs(), inForce: inForce() }),
    now: clock.wallMs,
  });

  function follow(): void {
    settingsStore.onChange((view, change) => {
      if (change.changed.length) {
        roots.refresh();
        engine.configure(roots.list());
        noteChange(engine, change);
      }
      for (const { settings } of listeners) settings?.(view);
    });
    monitor.onEvent((event) => {
      journal.event(event);
      for (const listener of listeners) listener.event?.(event);
    });
    monitor.onHead((snapshot) => {
      for (const { head } of listeners) head?.(snapshot);
    });
    monitor.onFigures(journal.figures);
    monitor.onSilence(journal.silence);
    journal.onStatus(monitor.noteKeeping.bind(monitor));
  }

  return {
    ...{ machine, engine, journal, settingsStore, roots, invoke },
    heartbeats: watchedDrop(roots, stateFolder, clock.wallMs),
    view: (listener) => viewOf(engine, listener),
    snapshot: () => monitor.snapshot(),
    row: (id) => monitor.report(id),
    settings: () => settingsStore.view(),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onRoots: (listener) => void rootsListeners.push(listener),
    power: (change) => monitor[change](),
    start() {
      for (const error of settingsStore.view().errors) log.warn(error.message);
      follow();
      journal.start(inForce);
      // Before the policy listens: what ended long ago is none of its business.
      outsideKills.start();
      engine.start();
    },
    async stop() {
      settingsStore.close();
      roots.close();
      outsideKills.stop();
      await Promise.all([engine.stop(), demo.stop(), kills.settled()]);
      journal.close();
    },
  };
}

function watchedDrop(roots: Roots, stateFolder: string, nowMs: () => number): HeartbeatDrop {
  const drop = createHeartbeatDrop(stateFolder, nowMs);
  const folder = heartbeatFolder(stateFolder);
  return {
    put(name, content) {
      const answer = drop.put(name, content);
      if (answer.ok && !roots.list()['worker-directory']?.includes(folder)) roots.add(folder);
      return answer;
    },
  };
}

function viewOf({ monitor }: Engine, listener: (delta: Delta) => void): DeskView {
  let view: MonitorView | null = null;
  let focus: Focus = { visible: [], selected: null };
  const rest = () => {
    view?.close();
    view = null;
  };
  return {
    open() {
      rest();
      view = monitor.view(listener);
      view.focus(focus);
      return view.snapshot();
    },
    focus(next) {
      focus = next;
      view?.focus(focus);
    },
    rest,
  };
}

function noteChange({ monitor }: Engine, change: SettingsChange): void {
  monitor.noteEvent('config_changed', null, changeWords(change), change);
}
