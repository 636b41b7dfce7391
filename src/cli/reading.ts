import { createMonitor } from '../engine/monitor';
import type { Monitor, RunCheck } from '../engine/monitor-types';
import type { Logger, MachineMemory } from '../engine/ports';
import { createClock } from '../host/clock';
import { createFileEvents } from '../host/file-events';
import { createFiles } from '../host/files';
import { createMemoryProbe } from '../host/memory-probe';
import { createProcessTable } from '../host/process-table';
import type { Snapshot } from '../shared/model';
import type { Settings } from '../shared/settings';

export interface Reading {
  snapshot: Snapshot;
  runs: RunCheck[];
}

/** Look at every worker once. Nothing is written, nothing is left running. */
export async function readOnce(settings: Settings, roots: string[], log: Logger): Promise<Reading> {
  const machine = createMemoryProbe();
  let memory: Promise<MachineMemory> | null = null;
  const monitor: Monitor = createMonitor(
    {
      clock: createClock(),
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
    return { snapshot: monitor.snapshot(), runs: monitor.check() };
  } finally {
    monitor.stop();
  }
}
