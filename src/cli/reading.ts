import { createMonitor } from '../engine/monitor';
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
  const monitor = await openMonitor(machine, settings, roots);
  try {
    await goneConfirmed(monitor, machine.clock);
    return { snapshot: monitor.snapshot(), runs: monitor.check() };
  } finally {
    monitor.stop();
  }
}

/** A monitor that has read everything once and goes on watching until it is stopped. */
export async function openMonitor(machine: Machine, settings: Settings, roots: WatchedRoots): Promise<Monitor> {
  let memory: Promise<MachineMemory> | null = null;
  const monitor: Monitor = createMonitor(
    {
      ...machine,
      // Asked only once the workers are known, so that theirs is counted.
      memoryProbe: {
        read: () => {
          memory ??= monitor.firstReading().then(machine.memoryProbe.read);
          return memory;
        },
      },
    },
    settings,
    roots,
  );
  monitor.start();
  await monitor.firstReading();
  // The monitor has told of a failure, and goes on without.
  await (memory as Promise<MachineMemory> | null)?.catch(() => null);
  return monitor;
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
