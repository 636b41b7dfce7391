import { createMonitor } from '../engine/monitor';
import type { Monitor, RunCheck } from '../engine/monitor-types';
import type { Clock, Logger, MachineMemory } from '../engine/ports';
import { createClock } from '../host/clock';
import { createFileEvents } from '../host/file-events';
import { createFiles } from '../host/files';
import { createMemoryProbe } from '../host/memory-probe';
import { createProcessTable } from '../host/process-table';
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
export async function readOnce(settings: Settings, roots: string[], log: Logger): Promise<Reading> {
  const clock = createClock();
  const machine = createMemoryProbe();
  let memory: Promise<MachineMemory> | null = null;
  const monitor: Monitor = createMonitor(
    {
      clock,
      files: createFiles(),
      fileEvents: createFileEvents(log),
      processTable: createProcessTable(),
      // Asked only once the workers are known, so that theirs is counted.
      memoryProbe: {
        read: () => {
          memory ??= monitor.firstReading().then(machine.read);
          return memory;
        },
      },
      log,
    },
    settings,
    roots,
  );
  monitor.start();
  try {
    await monitor.firstReading();
    // The monitor has told of a failure, and goes on without.
    await (memory as Promise<MachineMemory> | null)?.catch(() => null);
    await goneConfirmed(monitor, clock);
    return { snapshot: monitor.snapshot(), runs: monitor.check() };
  } finally {
    monitor.stop();
  }
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
