import type { AnyCommand } from '../command';
import { kill } from './kill';
import { log } from './log';
import { reap } from './reap';
import { run } from './run';
import { runs } from './runs';
import { serve } from './serve';
import { status } from './status';

/** Commands that serve one purpose stand together in the help. */
export interface CommandGroup {
  title: string;
  commands: readonly AnyCommand[];
}

/** Every command, in the order of the help. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'Look', commands: [status, runs, log] },
  { title: 'Act', commands: [kill, reap] },
  { title: 'Run', commands: [run] },
  { title: 'Serve', commands: [serve] },
];

export const COMMANDS: readonly AnyCommand[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);
