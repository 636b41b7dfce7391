import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMonitor, type MonitorPorts } from '../../../src/engine/monitor';
import type { Monitor } from '../../../src/engine/monitor-types';
import { createClock } from '../../../src/host/clock';
import { createFileEvents } from '../../../src/host/file-events';
import { createFiles } from '../../../src/host/files';
import { createMemoryProbe } from '../../../src/host/memory-probe';
import { createProcessTable } from '../../../src/host/process-table';
import type { MonitorEvent, WorkerReport, WorkerRow } from '../../../src/shared/model';
import { defaultSettings, type Settings } from '../../../src/shared/settings';
import { absent } from '../../fakes/absent';
import { fakeProcessTable } from '../../fakes/process-table';
import { SteppedClock } from '../../fakes/stepped-clock';
import { makeWorkerDir } from '../../fixtures/worker-dir';

/** A state directory on disk, of one test's own. */
export interface Run {
  /** The temporary directory that is removed after the test. */
  base: string;
  /** `base/run`, which holds `workers/`. */
  state: string;
  workers: string;
  /** Make a worker directory that is well; returns its path. */
  well(name: string): string;
  /** Write one file of a worker, whose directory is made where it is not there. */
  put(name: string, file: string, content: string | Uint8Array): string;
}

export function makeRun(): Run {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-bad-input-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const state = join(base, 'run');
  const workers = join(state, 'workers');
  mkdirSync(workers, { recursive: true });
  return {
    base,
    state,
    workers,
    well: (name) => makeWorkerDir(workers, name, { heartbeat: { status: 'ready' } }),
    put(name, file, content) {
      mkdirSync(join(workers, name), { recursive: true });
      writeFileSync(join(workers, name, file), content);
      return join(workers, name, file);
    },
  };
}

/** A heartbeat as written now, or with what is given. */
export function beat(over: Record<string, unknown> = {}): string {
  return JSON.stringify({ status: 'ready', ts: new Date().toISOString(), ...over });
}

/** A monitor on real files, with what it says of a worker found by its directory's name. */
export interface Watched {
  monitor: Monitor;
  settings: Settings;
  /** Oldest first. */
  events: MonitorEvent[];
  /** What it complained of. */
  warnings: string[];
  names(): string[];
  row(directory: string): WorkerRow;
  report(directory: string): WorkerReport;
  /** Kinds of the events of one worker, oldest first. */
  told(directory: string): MonitorEvent['kind'][];
}

export interface WatchOptions {
  settings?: Partial<Settings>;
  ports?: Partial<MonitorPorts>;
}

/** Start a monitor with the machine's own clock and file events. */
export async function watch(roots: string[], options: WatchOptions = {}): Promise<Watched> {
  const watched = start(roots, options);
  await watched.monitor.firstReading();
  return watched;
}

export interface SteppedWatch extends Watched {
  clock: SteppedClock;
  /** Let time pass; everything due in it is done before this returns. */
  step(ms: number): void;
  /** Look at one worker's directory now, as after a file event. */
  look(directory: string): void;
}

/** Time after which a file that may be half-written is believed, and a little more. */
const FIRST_LOOK_MS = 400;

/**
 * Start a monitor whose time the test steps: everything happens within `step`. File events are left out, and so are the
 * machine's processes, of which none is a worker's here: in hours that take a second they would be asked for without end.
 * The wall clock starts at the machine's, so that the times of real files fit. It has read everything once when this
 * returns.
 */
export function watchStepped(roots: string[], options: WatchOptions = {}): SteppedWatch {
  const clock = new SteppedClock({ wallStartMs: Date.now(), readCostMs: 0.001 });
  const stepped = { clock, fileEvents: { watch: () => null }, processTable: fakeProcessTable([]) };
  const watched = start(roots, { ...options, ports: { ...stepped, ...options.ports } });
  clock.step(FIRST_LOOK_MS);
  return {
    ...watched,
    clock,
    step: (ms) => clock.step(ms),
    look(directory) {
      watched.monitor.focus({ visible: [watched.row(directory).id], selected: null });
      clock.step(150); // Two looks after events are 100 ms apart.
    },
  };
}

function start(roots: string[], { settings, ports }: WatchOptions): Watched {
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const machine: MonitorPorts = {
    clock: createClock(),
    files: createFiles(),
    fileEvents: createFileEvents(log),
    processTable: createProcessTable(),
    memoryProbe: createMemoryProbe(),
    ...absent,
    log,
  };
  const inForce = { ...defaultSettings(), ...settings };
  const monitor = createMonitor({ ...machine, ...ports }, inForce, { 'worker-directory': roots });
  const events: MonitorEvent[] = [];
  monitor.onEvent((event) => events.push(event));
  monitor.start();
  onTestFinished(() => monitor.stop());

  const directoryOf = (row: WorkerRow) => row.path.slice(row.path.lastIndexOf('/') + 1);
  const row = (directory: string): WorkerRow => {
    const rows = monitor.snapshot().workers.filter((each) => directoryOf(each) === directory);
    const [found] = rows;
    if (!found || rows.length > 1) throw new Error(`${rows.length} rows for ${directory}, of ${names().join(', ')}`);
    return found;
  };
  const report = (directory: string): WorkerReport => {
    const found = monitor.report(row(directory).id);
    if (!found) throw new Error(`no report for ${directory}`);
    return found;
  };
  const names = () => monitor.snapshot().workers.map(directoryOf).sort();
  return {
    monitor,
    settings: inForce,
    events,
    warnings,
    names,
    row,
    report,
    told: (directory) => events.filter((event) => event.workerId?.endsWith(`/${directory}`)).map((event) => event.kind),
  };
}
