import type { VerbatimCommand } from '../command';
import { runVerbatim } from '../run';
import { RUN_OPTIONS } from '../run-options';

export const run: VerbatimCommand = {
  name: 'run',
  summary: 'start a command as a watched worker',
  options: RUN_OPTIONS,
  runVerbatim,
};
