import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createKiller } from '../../../src/engine/act/kill';
import { createPolicy, type Policy } from '../../../src/engine/act/policy';
import { createMonitor } from '../../../src/engine/monitor';
import type { Monitor } from '../../../src/engine/monitor-types';
import type { AuditEntry, Clock } from '../../../src/engine/ports';
import { createClock } from '../../../src/host/clock';
import { createFileEvents } from '../../../src/host/file-events';
import { createFiles } from '../../../src/host/files';
import { createLoadProbe } from '../../../src/host/load-probe';
import { createMemoryProbe } from '../../../src/host/memory-probe';
import { createProcessTable } from '../../../src/host/process-table';
import { openRegistry } from '../../../src/host/registry';
import { createSignals } from '../../../src/host/signals';
import type { KillReceipt, MonitorEvent, PolicyMessage, WorkerRow } from '../../../src/shared/model';
import { defaultSettings, type PolicyRule, type Settings } from '../../../src/shared/settings';
import { absent } from '../../fakes/absent';
import { makeWorkerDir } from '../../fixtures/worker-dir';
import type { RealProcesses } from './real-processes';
import { waitFor } from './wait-for';

export const CHECK_MS = 1_000;

/** One fresh reading the policy took; times by the monotonic clock. */
export interface TakenReading {
  name: string;
  atMs: number;
  stalled: boolean;
}

/** Real workers under a policy that goes through them every second and ends what has been stalled for a moment. */
export interface PolicedRun {
  monitor: Monitor;
  policy: Policy;
  settings: Settings;
  /** Start a process and its worker directory, which names it and then falls silent; returns its pid. */
  start(name: string): number;
  /** Write its heartbeat now. */
  beat(name: string): void;
  row(name: string): WorkerRow;
  isAlive(name: string): boolean;
  receipts: KillReceipt[];
  events: MonitorEvent[];
  messages: PolicyMessage[];
  readings: TakenReading[];
  audit(): AuditEntry[];
  /** The machine's load, or what a test makes of it. */
  load: { perCore: (() => number | null) | null };
  /** Called after each reading the policy took. */
  onReading: (reading: TakenReading) => void;
  /** What the wall clock is ahead. */
  wall: { aheadMs: number };
  /** Resolves once the policy has gone through all workers so many times more. */
  checks(count: number): Promise<void>;
}

export async function policedRun(
  processes: RealProcesses,
  names: string[],
  options: { rule?: Partial<PolicyRule>; settings?: Partial<Settings> } = {},
): Promise<PolicedRun> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-policy-')));
  const workers = join(base, 'run', 'workers');
  mkdirSync(workers, { recursive: true });
  const settings: Settings = {
    ...defaultSettings(),
    ...{ heartbeat_missing_secs: 3, policyCheckIntervalMs: CHECK_MS, sweepIntervalMs: 1_000, wakeGraceMs: 3_000 },
    // Other tests may keep the machine as busy as they like.
    ...{ overloadLoadPerCore: 1_000, memoryPressurePercent: 100, breakerPercent: 100 },
    endingPolicy: { 'worker-directory': { action: 'kill', afterSecs: 0, killGraceMs: 1_000, ...options.rule } },
    ...options.settings,
  };
  const real = createClock();
  const wall = { aheadMs: 0 };
  const clock: Clock = { ...real, wallMs: () => real.wallMs() + wall.aheadMs };
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const table = createProcessTable();
  const registry = openRegistry(join(base, 'state'), log);
  const pids = new Map<string, number>();

  const monitor = createMonitor(
    {
      ...{ clock, files: createFiles(), fileEvents: createFileEvents(log), processTable: table },
      ...{ memoryProbe: createMemoryProbe(), ...absent, log },
    },
    settings,
    { 'worker-directory': [join(base, 'run')] },
  );
  const events: MonitorEvent[] = [];
  const receipts: KillReceipt[] = [];
  const messages: PolicyMessage[] = [];
  const readings: TakenReading[] = [];
  const machineLoad = createLoadProbe();
  let asked = 0;
  const killer = createKiller({
    ...{ table, clock, audit: registry.audit, signals: createSignals() },
    settings: () => settings,
    target: (id) => monitor.killTarget(id),
    targets: () => monitor.killTargets(),
    onReceipt(receipt) {
      receipts.push(receipt);
      monitor.noteReceipt(receipt);
    },
  });
  const nameOf = (id: string) => id.slice(id.lastIndexOf('/') + 1);
  const policy = createPolicy({
    monitor: {
      snapshot: () => monitor.snapshot(),
      onEvent: (listener) => monitor.onEvent(listener),
      noteEvent: (kind, id, text) => monitor.noteEvent(kind, id, text),
      noteTimedOut: (id, text) => monitor.noteTimedOut(id, text),
      notePolicy: (status) => monitor.notePolicy(status),
      suggest: (id, reason) => monitor.suggest(id, reason),
      lookNow(id) {
        const report = monitor.lookNow(id);
        const reading = { name: nameOf(id), atMs: clock.monotonicMs(), stalled: report?.health === 'stalled' };
        readings.push(reading);
        scene.onReading(reading);
        return report;
      },
    },
    ...{ killer, clock, settings: () => settings, audit: registry.audit, log },
    load: {
      loadPerCore() {
        asked += 1;
        return scene.load.perCore ? scene.load.perCore() : machineLoad.loadPerCore();
      },
    },
    tell: (message) => messages.push(message),
  });

  const scene: PolicedRun = {
    load: { perCore: null },
    onReading: () => undefined,
    ...{ monitor, policy, settings, receipts, events, messages, readings, wall },
    start(name) {
      const directory = join(workers, name);
      makeWorkerDir(workers, name);
      const { pid } = processes.run('sleep', ['1000'], { cwd: directory, stdio: 'ignore' });
      pids.set(name, pid);
      scene.beat(name);
      return pid;
    },
    beat(name) {
      const beat = { status: 'ready', ts: new Date(clock.wallMs()).toISOString(), pid: pids.get(name) };
      writeFileSync(join(workers, name, 'heartbeat.json'), JSON.stringify(beat));
    },
    row(name) {
      const found = monitor.snapshot().workers.find((row) => row.path === join(workers, name));
      if (!found) throw new Error(`no row for ${name}`);
      return found;
    },
    isAlive: (name) => processes.isAlive(pids.get(name) ?? -1),
    audit: () => registry.audit.entries(1_000),
    async checks(count) {
      const from = asked;
      await waitFor(`${count} checks`, () => asked >= from + count, 60_000);
    },
  };
  onTestFinished(async () => {
    await policy.stop();
    monitor.stop();
    registry.close();
    rmSync(base, { recursive: true, force: true });
    expect(warnings).toEqual([]);
  });
  monitor.onEvent((event) => events.push(event));
  policy.start();
  for (const name of names) scene.start(name);
  monitor.start();
  await monitor.firstReading();
  return scene;
}
