import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMonitor, type MonitorPorts } from '../../../../src/engine/monitor';
import type { Monitor, WatchedRoots } from '../../../../src/engine/monitor-types';
import type { FileEvents, KnownEnds, MachineMemory, ProcessTable } from '../../../../src/engine/ports';
import { createFiles } from '../../../../src/host/files';
import { createProcessTable } from '../../../../src/host/process-table';
import type { MonitorEvent, WorkerRow } from '../../../../src/shared/model';
import { defaultSettings, type Settings } from '../../../../src/shared/settings';
import { absent } from '../../../fakes/absent';
import { SteppedClock } from '../../../fakes/stepped-clock';

/** Wall and monotonic clocks that stand until the test steps them, over real files that bear their times. */
export interface Scene {
  clock: SteppedClock;
  base: string;
  /** Make `base/<state>/workers`; returns the state directory. */
  stateDirectory(state: string): string;
  /** Write a file of a worker now, as the stepped clock tells it. */
  put(worker: string, file: string, content: string | object): void;
  /** Write a heartbeat of now that says `status`. */
  beat(worker: string, status: string, over?: object): void;
  fileEvents: FakeEvents;
}

/** The watches that are open now. Whatever the scene writes is told to them, as the system would. */
export interface FakeEvents extends FileEvents {
  readonly open: Map<string, (name: string | null) => void>;
}

function fakeEvents(): FakeEvents {
  const open: FakeEvents['open'] = new Map();
  return {
    open,
    watch(directory, onChange) {
      open.set(directory, onChange);
      return () => open.delete(directory);
    },
  };
}

export function makeScene(): Scene {
  const clock = new SteppedClock({ wallStartMs: Date.now(), readCostMs: 0.001 });
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-monitor-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const fileEvents = fakeEvents();
  const scene: Scene = {
    clock,
    base,
    stateDirectory(state) {
      mkdirSync(join(base, state, 'workers'), { recursive: true });
      return join(base, state);
    },
    fileEvents,
    put(worker, file, content) {
      const isNew = mkdirSync(worker, { recursive: true }) !== undefined;
      const path = join(worker, file);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      utimesSync(path, clock.wallMs() / 1000, clock.wallMs() / 1000);
      fileEvents.open.get(worker)?.(file);
      if (isNew) fileEvents.open.get(dirname(worker))?.(basename(worker));
    },
    beat(worker, status, over = {}) {
      scene.put(worker, 'heartbeat.json', { status, ts: new Date(clock.wallMs()).toISOString(), ...over });
    },
  };
  return scene;
}

export interface SteppedMonitor {
  monitor: Monitor;
  settings: Settings;
  memory: MachineMemory;
  /** Oldest first. */
  events: MonitorEvent[];
  row(name: string): WorkerRow;
  /** Kinds of the events of one worker (of the whole: null), oldest first. */
  told(name: string | null): MonitorEvent['kind'][];
}

interface Options {
  settings?: Partial<Settings>;
  processTable?: ProcessTable;
  ends?: KnownEnds;
  /** False: none are to be had here. */
  fileEvents?: boolean;
  start?: boolean;
  /** In place of those that answer nothing. */
  ports?: Partial<MonitorPorts>;
}

/** Time in which a file that may be half-written is doubted, and a little more. */
export const FIRST_LOOK_MS = 400;

/** Start a monitor on the scene; it has read everything once when this returns. */
export function startMonitor(scene: Scene, roots: string[] | WatchedRoots, options: Options = {}): SteppedMonitor {
  const settings = { ...defaultSettings(), ...options.settings };
  const memory: MachineMemory = { totalBytes: 16e9, availableBytes: 12e9 };
  const ports = {
    clock: scene.clock,
    files: createFiles(),
    fileEvents: options.fileEvents === false ? { watch: () => null } : scene.fileEvents,
    processTable: options.processTable ?? createProcessTable(),
    memoryProbe: { read: async () => ({ ...memory }) },
    ...absent,
    ...options.ports,
    ...(options.ends && { ends: options.ends }),
    log: { warn: (message: string) => warnings.push(message) },
  };
  const warnings: string[] = [];
  const monitor = createMonitor(ports, settings, Array.isArray(roots) ? { 'worker-directory': roots } : roots);
  const events: MonitorEvent[] = [];
  monitor.onEvent((event) => events.push(event));
  onTestFinished(() => monitor.stop());
  if (options.start !== false) {
    monitor.start();
    scene.clock.step(FIRST_LOOK_MS);
  }
  return {
    monitor,
    settings,
    memory,
    events,
    row(name) {
      const found = monitor.snapshot().workers.filter((row) => row.path.endsWith(`/${name}`));
      if (found.length !== 1 || !found[0]) throw new Error(`${found.length} rows for ${name}`);
      return found[0];
    },
    told: (name) =>
      events
        .filter(({ workerId }) => (name === null ? workerId === null : workerId?.endsWith(`/${name}`)))
        .map(({ kind }) => kind),
  };
}
