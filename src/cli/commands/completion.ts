import process from 'node:process';
import { type Context, command, EXIT_ERROR, EXIT_WELL } from '../command';
import { bashCompletion } from '../completion/bash';
import { fishCompletion } from '../completion/fish';
import { offeredCommands } from '../completion/model';
import { workerWords } from '../completion/workers';
import { zshCompletion } from '../completion/zsh';
import { pictureNow } from '../pictures';
import { settingsInForce } from '../settings';
import { COMMANDS } from '.';

/** Whoever presses Tab waits for it. */
const PATIENCE_MS = 3_000;

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export const completion = command({
  name: 'completion',
  summary: 'what makes a shell complete commands, options and workers',
  about: `Prints a script for the shell. It completes commands, options, their values, directories, and the names of the
workers, which it asks for with idlewatch completion workers: one a line, with its state behind a tab.`,
  operand: {
    name: 'SHELL',
    values: [...Object.keys(SHELLS), 'workers'],
    help: 'The shell that is to complete; or workers, for the list of their names.',
  },
  options: {},
  settings: [],
  examples: {
    'source <(idlewatch completion bash)': 'in ~/.bashrc',
    'source <(idlewatch completion zsh)': 'in ~/.zshrc, behind compinit',
    'idlewatch completion fish > ~/.config/fish/completions/idlewatch.fish': 'once, for fish',
  },
  exit: '0 well · 1 an error, or the workers could not be asked for in time',
  async run(given, context) {
    if (given.operand === 'workers') return await printWorkers(context);
    const script = SHELLS[given.operand as keyof typeof SHELLS];
    context.out(script(offeredCommands(COMMANDS)));
    return EXIT_WELL;
  },
});

async function printWorkers(context: Context): Promise<number> {
  // A reading that takes too long is of no use to anybody, and leaves nothing behind.
  const late = setTimeout(() => process.exit(EXIT_ERROR), PATIENCE_MS);
  const settings = settingsInForce(context.environment, {}, context);
  const { workers } = await pictureNow({ context, settings, given: { workers: [], workbenches: [] } });
  clearTimeout(late);
  context.out(
    workerWords(workers)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return EXIT_WELL;
}
