import type { VerbatimCommand } from '../command';
import { runVerbatim } from '../run';

export const run: VerbatimCommand = { name: 'run', summary: 'start a command as a watched worker', runVerbatim };
