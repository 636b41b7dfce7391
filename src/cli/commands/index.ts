import type { AnyCommand } from '../command';
import { bar } from './bar';
import { completion } from './completion';
import { events } from './events';
import { keep } from './keep';
import { kill } from './kill';
import { log } from './log';
import { mcp } from './mcp';
import { policy } from './policy';
import { reap } from './reap';
import { run } from './run';
import { runs } from './runs';
import { serve } from './serve';
import { snooze } from './snooze';
import { status } from './status';
import { token } from './token';
import { wait } from './wait';
import { watch } from './watch';

/** Commands that serve one purpose stand together in the help. */
export interface CommandGroup {
  title: string;
  commands: readonly AnyCommand[];
}

/** Every command, in the order of the help. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'Look', commands: [status, watch, bar, events, runs, log, policy] },
  { title: 'Act', commands: [kill, reap, snooze, keep] },
  { title: 'Run', commands: [run, wait] },
  { title: 'Serve', commands: [serve, token] },
  { title: 'For programs', commands: [mcp, completion] },
];

export const COMMANDS: readonly AnyCommand[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);
