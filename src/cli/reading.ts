import { createMonitor } from '../engine/monitor';
import type { RunCheck } from '../engine/monitor-types';
import type { Logger } from '../engine/ports';
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
  const monitor = createMonitor(
    {
      clock: createClock(),
      files: createFiles(),
      fileEvents: createFileEvents(log),
      processTable: createProcessTable(),
      memoryProbe: createMemoryProbe(),
      log,
    },
    settings,
    roots,
  );
  monitor.start();
  try {
    await monitor.firstReading();
    return { snapshot: monitor.snapshot(), runs: monitor.check() };
  } finally {
    monitor.stop();
  }
}
