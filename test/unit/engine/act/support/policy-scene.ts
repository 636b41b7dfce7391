import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { createKiller } from '../../../../../src/engine/act/kill';
import { createPolicy, type Policy } from '../../../../../src/engine/act/policy';
import type { WatchedRoots } from '../../../../../src/engine/monitor-types';
import type { AuditEntry, SignalName } from '../../../../../src/engine/ports';
import type { MonitorEvent, PolicyMessage, PolicyStatus, WorkerId } from '../../../../../src/shared/model';
import { defaultSettings, type PolicyRule, type Settings } from '../../../../../src/shared/settings';
import { type FakeProcess, type FakeProcessTable, fakeProcessTable } from '../../../../fakes/process-table';
import { makeScene, type Scene, type SteppedMonitor, startMonitor } from '../../support/stepped-monitor';

/** Workers in real directories, each with a made-up process, that the real monitor, killer and policy see in stepped time. */
export interface PolicyScene extends SteppedMonitor {
  scene: Scene;
  policy: Policy;
  table: FakeProcessTable;
  /** In force from the next look on; `policy.configure()` tells of the change at once. */
  settings: Settings;
  /** What was signalled, in order. */
  signalled: { pid: number; signal: SignalName }[];
  audit: AuditEntry[];
  /** Called while an entry is being written. */
  writing: { onEntry(entry: AuditEntry): void };
  messages: PolicyMessage[];
  /** As last published to the monitor. */
  status(): PolicyStatus;
  /** The machine's load for each core; null: it does not tell. */
  load: { perCore: number | null };
  /** Why another engine may be acting too; null: none can. */
  rival: { why: string | null };
  /** Write a heartbeat of a worker, which names its process. */
  beat(name: string, status?: string): void;
  pidOf(name: string): number;
  idOf(name: string): WorkerId;
  /** Texts of the policy's and the breaker's events, oldest first. */
  said(kind: MonitorEvent['kind']): string[];
  /** Let time pass, and everything that is due in it be done. */
  pass(ms: number): Promise<void>;
}

export const CHECK_MS = 30_000;
/** After its last beat a worker is stalled so late. */
export const STALLED_AFTER_MS = 20_500;

interface Options {
  workers: string[];
  rule?: Partial<PolicyRule>;
  settings?: Partial<Settings>;
  /** What there is beside the workers' directories. */
  also?(scene: Scene): { roots: WatchedRoots; processes: FakeProcess[] };
}

export async function policyScene({ workers, rule, settings: over, also }: Options): Promise<PolicyScene> {
  const scene = makeScene();
  const more = also?.(scene);
  const state = scene.stateDirectory('run');
  const pathOf = (name: string) => `${state}/workers/${name}`;
  const pidOf = (name: string) => 1000 + workers.indexOf(name);
  const table = fakeProcessTable([
    ...workers.map((name) => ({ pid: pidOf(name), cwd: pathOf(name), args: ['agent', name], sessionId: pidOf(name) })),
    ...(more?.processes ?? []),
  ]);
  const beat = (name: string, status = 'ready') => scene.beat(pathOf(name), status, { pid: pidOf(name) });
  for (const name of workers) beat(name);

  const settings: Settings = {
    ...defaultSettings(),
    heartbeat_missing_secs: 20,
    endingPolicy: { 'worker-directory': { action: 'kill', afterSecs: 60, killGraceMs: 2_000, ...rule } },
    ...over,
  };
  const load = { perCore: 0.5 as number | null };
  const rival = { why: null as string | null };
  const audit: AuditEntry[] = [];
  const messages: PolicyMessage[] = [];
  const signalled: PolicyScene['signalled'] = [];
  const warnings: string[] = [];
  onTestFinished(() => expect(warnings).toEqual([]));
  const watched = startMonitor(
    scene,
    { 'worker-directory': [state], ...more?.roots },
    { settings, processTable: table, start: false },
  );
  const { monitor } = watched;
  const writing: PolicyScene['writing'] = { onEntry: () => undefined };
  const log = {
    append: async (entry: AuditEntry) => {
      audit.push(entry);
      writing.onEntry(entry);
    },
  };
  const killer = createKiller({
    table,
    signals: {
      send(pid, signal) {
        signalled.push({ pid, signal });
        table.processes = table.processes.filter((process) => process.pid !== pid);
        return { result: 'sent' };
      },
    },
    audit: log,
    clock: scene.clock,
    multiplexer: null,
    settings: () => settings,
    target: (id) => monitor.killTarget(id),
    targets: () => monitor.killTargets(),
    onReceipt: (receipt) => monitor.noteReceipt(receipt),
  });
  const policy = createPolicy({
    monitor,
    killer,
    clock: scene.clock,
    settings: () => settings,
    load: { loadPerCore: () => load.perCore },
    rival: () => rival.why,
    audit: log,
    tell: (message) => messages.push(message),
    log: { warn: (message) => warnings.push(message) },
  });
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      scene.clock.step(Math.min(250, left));
      await setImmediate();
    }
  }
  policy.start();
  onTestFinished(() => policy.stop());
  monitor.start();
  await pass(500);

  return {
    ...watched,
    ...{ scene, policy, table, settings, signalled, audit, writing, messages, load, rival, beat, pidOf, pass },
    status: () => monitor.snapshot().policy,
    idOf: (name) => watched.row(name).id,
    said: (kind) => watched.events.filter((event) => event.kind === kind).map(({ text }) => text),
  };
}
