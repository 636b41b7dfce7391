import type { VerbatimCommand } from '../command';
import { runVerbatim } from '../run';
import { runHelp } from '../run-options';

export const run: VerbatimCommand = {
  name: 'run',
  summary: 'run a command as a watched worker, with time limits, one at a time if need be',
  help: runHelp,
  runVerbatim,
};
