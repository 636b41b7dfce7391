import type { Engine } from '../engine/engine';
import type { Settings } from '../shared/settings';
import type { Context } from './command';
import { type GivenDirectories, rootsBeside } from './directories';
import { openMachine } from './machine';
import { openEngine } from './reading';

/** A running monitor with what acts on its workers. */
export interface Workshop extends Pick<Engine, 'monitor' | 'killer' | 'reaper'> {
  /** Stops all of it. */
  close(): void;
}

/** Look at every worker there is, those in the given directories too, and be ready to act. */
export async function openWorkshop(settings: Settings, given: GivenDirectories, context: Context): Promise<Workshop> {
  const machine = openMachine(context);
  const { monitor, killer, reaper } = await openEngine(machine, settings, rootsBeside(given, settings, context));
  return {
    ...{ monitor, killer, reaper },
    close() {
      monitor.stop();
      machine.close();
    },
  };
}
