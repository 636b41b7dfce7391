#!/usr/bin/env node
import { version } from '../../package.json';
import { type Context, EXIT_ERROR, EXIT_WELL, UsageError } from './command';
import { COMMAND_GROUPS, COMMANDS } from './commands';
import { commandHelp, commandsHelp } from './help';
import { readRequest } from './options';
import { createContext, mindPipes } from './terminal';

async function main(context: Context): Promise<number> {
  const request = readRequest(process.argv.slice(2), COMMANDS);
  switch (request.ask) {
    case 'run':
      return await request.command.run(request.given, context);
    case 'verbatim':
      return await request.command.runVerbatim(request.args, context);
    case 'help':
      context.out(request.command ? commandHelp(request.command) : commandsHelp(COMMAND_GROUPS));
      return EXIT_WELL;
    case 'version':
      context.out(`${version}\n`);
      return EXIT_WELL;
  }
}

function helpFor(word: string | undefined): string {
  return COMMANDS.some(({ name }) => name === word) ? `idlewatch ${word} --help` : 'idlewatch --help';
}

const context = createContext();
mindPipes(() => process.exit(EXIT_ERROR));

main(context).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    context.warn(error instanceof UsageError ? `${error.message} (see ${helpFor(process.argv[2])})` : error.message);
    process.exitCode = EXIT_ERROR;
  },
);
