import { createEngine, type Engine } from '../engine/engine';
import type { Monitor, RunCheck, WatchedRoots } from '../engine/monitor-types';
import type { Clock, MachineMemory } from '../engine/ports';
import type { Machine } from '../host/machine';
import type { Snapshot, WorkerRow } from '../shared/model';
import type { Settings } from '../shared/settings';

export interface Reading {
  snapshot: Snapshot;
  runs: RunCheck[];
}

/** A process that was found gone is believed gone at the second look, which comes after a second. */
const CONFIRM_MS = 1_500;
const POLL_MS = 50;

/** Look at every worker once, where a process seems gone twice. Nothing is written, nothing is left running. */
export async function readOnce(machine: Machine, settings: Settings, roots: WatchedRoots): Promise<Reading> {
  const { monitor } = await openEngine(machine, settings, roots);
  try {
    await goneConfirmed(monitor, machine.clock);
    return { snapshot: monitor.snapshot(), runs: monitor.check() };
  } finally {
    monitor.stop();
  }
}

/** An engine whose monitor has read everything once and watches until it is stopped. Nothing else of it does anything. */
export async function openEngine(machine: Machine, settings: Settings, roots: WatchedRoots): Promise<Engine> {
  let memory: Promise<MachineMemory> | null = null;
  // Asked only once the workers are known, so that theirs is counted.
  const memoryProbe = {
    read: () => {
      memory ??= engine.monitor.firstReading().then(machine.memoryProbe.read);
      return memory;
    },
  };
  const options = { settings: () => settings, roots, tell: ({ body }: { body: string }) => machine.log.warn(body) };
  const engine: Engine = createEngine({ ...machine, memoryProbe }, options);
  engine.monitor.start();
  await engine.monitor.firstReading();
  // The monitor has told of a failure, and goes on without.
  await (memory as Promise<MachineMemory> | null)?.catch(() => null);
  return engine;
}

async function goneConfirmed(monitor: Monitor, clock: Clock): Promise<void> {
  const until = clock.monotonicMs() + CONFIRM_MS;
  while (monitor.snapshot().workers.some(isInDoubt) && clock.monotonicMs() < until) {
    await new Promise<void>((done) => clock.after(POLL_MS, done));
  }
}

function isInDoubt(row: WorkerRow): boolean {
  return row.liveness === 'gone' && row.state !== 'dead' && row.state !== 'stopped';
}
