import type { AnyCommand } from '../command';
import { kill } from './kill';
import { log } from './log';
import { reap } from './reap';
import { run } from './run';
import { runs } from './runs';
import { status } from './status';

/** Every command, in the order of the help. */
export const COMMANDS: readonly AnyCommand[] = [status, kill, reap, run, runs, log];
