import { onTestFinished } from 'vitest';
import { createMonitor, type MonitorPorts } from '../../../src/engine/monitor';
import type { Monitor, WatchedRoots } from '../../../src/engine/monitor-types';
import { createClock } from '../../../src/host/clock';
import { createFileEvents } from '../../../src/host/file-events';
import { createFiles } from '../../../src/host/files';
import { createMemoryProbe } from '../../../src/host/memory-probe';
import { createProcessTable } from '../../../src/host/process-table';
import type { MonitorEvent, WorkerReport, WorkerRow } from '../../../src/shared/model';
import { defaultSettings, type Settings } from '../../../src/shared/settings';
import { absent } from '../../fakes/absent';
import { SteppedClock } from '../../fakes/stepped-clock';

/** A monitor on real files and processes, with what it says of a worker found by its name. */
export interface WatchedSources {
  monitor: Monitor;
  /** Oldest first. */
  events: MonitorEvent[];
  names(): string[];
  /** Undefined where there is none. */
  find(name: string): WorkerRow | undefined;
  row(name: string): WorkerRow;
  report(name: string): WorkerReport;
  /** Texts of the notices told of it. */
  notices(name: string): string[];
}

export interface SourcesOptions {
  settings?: Partial<Settings>;
  ports?: Partial<MonitorPorts>;
}

/** Start a monitor with the machine's own clock and file events; it has read everything once. */
export async function watchSources(roots: WatchedRoots, options: SourcesOptions = {}): Promise<WatchedSources> {
  // A machine so busy that the monitor stands still for a while must not hold its verdicts for longer than a test waits.
  const watched = start(roots, { ...options, settings: { wakeGraceMs: 2_000, ...options.settings } });
  await watched.monitor.firstReading();
  return watched;
}

export interface SteppedSources extends WatchedSources {
  clock: SteppedClock;
  /** Let time pass; everything due in it is done before this returns. */
  step(ms: number): void;
}

/** Time after which a file that may be half-written is believed, and a little more. */
const FIRST_LOOK_MS = 400;

/**
 * Start a monitor whose time the test steps, without file events. Its wall clock starts at the machine's. Processes are
 * looked at for real, but never all of them: in hours that take a second they would be asked for without end.
 */
export function stepSources(roots: WatchedRoots, options: SourcesOptions = {}): SteppedSources {
  const clock = new SteppedClock({ wallStartMs: Date.now(), readCostMs: 0.001 });
  const processTable = { ...createProcessTable(), list: () => ({ ok: true as const, processes: [] }) };
  const stepped = { clock, processTable, fileEvents: { watch: () => null } };
  const watched = start(roots, { ...options, ports: { ...stepped, ...options.ports } });
  clock.step(FIRST_LOOK_MS);
  return { ...watched, clock, step: (ms) => clock.step(ms) };
}

function start(roots: WatchedRoots, { settings, ports }: SourcesOptions): WatchedSources {
  const log = { warn: (message: string) => unexpected(message) };
  const machine: MonitorPorts = {
    clock: createClock(),
    files: createFiles(),
    fileEvents: createFileEvents(log),
    processTable: createProcessTable(),
    memoryProbe: createMemoryProbe(),
    ...absent,
    log,
  };
  const monitor = createMonitor({ ...machine, ...ports }, { ...defaultSettings(), ...settings }, roots);
  const events: MonitorEvent[] = [];
  monitor.onEvent((event) => events.push(event));
  monitor.start();
  onTestFinished(() => monitor.stop());

  const rows = () => monitor.snapshot().workers;
  const row = (name: string): WorkerRow => {
    const found = rows().filter((each) => each.name === name);
    const [only] = found;
    if (!only || found.length > 1) throw new Error(`${found.length} rows for ${name}, of ${names().join(', ')}`);
    return only;
  };
  const report = (name: string): WorkerReport => {
    const found = monitor.report(row(name).id);
    if (!found) throw new Error(`no report for ${name}`);
    return found;
  };
  const names = () =>
    rows()
      .map(({ name }) => name)
      .sort();
  return {
    monitor,
    events,
    names,
    row,
    report,
    find: (name) => rows().find((each) => each.name === name),
    notices: (name) =>
      events.filter(({ kind, workerName }) => kind === 'notice' && workerName === name).map(({ text }) => text),
  };
}

function unexpected(message: string): never {
  throw new Error(message);
}
