import { createMachine, type Machine } from '../host/machine';
import { stateFolder } from '../host/state-folder';
import type { Context } from './command';

/** This machine with the state folder of whoever asks. Nothing is read or written before it is needed. */
export function openMachine(context: Context): Machine {
  return createMachine(stateFolder(context.environment, process.platform), context);
}
