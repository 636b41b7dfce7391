import { createEndNotes } from '../engine/act/end-notes';
import { createKiller, type Killer } from '../engine/act/kill';
import { createReaper, type Reaper } from '../engine/act/reap';
import type { Monitor } from '../engine/monitor-types';

import type { Settings } from '../shared/settings';
import type { Context } from './command';
import { type GivenDirectories, rootsBeside } from './directories';
import { openMachine } from './machine';
import { openMonitor } from './reading';

/** A running monitor with what acts on its workers. */
export interface Workshop {
  monitor: Monitor;
  killer: Killer;
  reaper: Reaper;
  /** Stops all of it. */
  close(): void;
}

/** Look at every worker there is, those in the given directories too, and be ready to act. */
export async function openWorkshop(settings: Settings, given: GivenDirectories, context: Context): Promise<Workshop> {
  const machine = openMachine(context);
  const monitor = await openMonitor(machine, settings, rootsBeside(given, settings, context));
  const killer = createKiller({
    ...machine,
    ...createEndNotes(machine),
    table: machine.processTable,
    settings: () => settings,
    target: (id) => monitor.killTarget(id),
    targets: () => monitor.killTargets(),
    onReceipt: (receipt) => monitor.noteReceipt(receipt),
  });
  const reaper = createReaper({ ...machine, settings: () => settings, monitor });
  return {
    monitor,
    killer,
    reaper,
    close() {
      monitor.stop();
      machine.close();
    },
  };
}
