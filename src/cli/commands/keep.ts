import { harmless } from '../../shared/format';
import { engineThatRuns, haveDone } from '../attached';
import { command, EXIT_WELL } from '../command';
import { findWorker } from '../find-worker';

export const keep = command({
  name: 'keep',
  summary: 'keep a worker alive: it is never ended automatically',
  about: `The policy leaves it alone from now on, whatever becomes of it; you can still end it. Kept in the settings (keepAlive).
Done by the engine that runs, in the app or in idlewatch serve.`,
  operand: { name: 'ID', completed: 'worker', help: 'A worker’s id or its name, as for kill.' },
  options: { off: { help: 'The policy may end it again.' } },
  settings: [],
  examples: {
    'idlewatch keep coder-3': 'never end it automatically',
    'idlewatch keep coder-3 --off': 'as the others',
  },
  exit: '0 it is so · 1 an error, told on standard error: no engine runs, no such worker, the setting cannot be changed',
  async run(given, context) {
    const client = engineThatRuns(context);
    const { id, name } = findWorker((await client.snapshot()).workers, given.operand);
    const { pinned } = await client.invoke('settings.get', []);
    if (pinned.includes('keepAlive')) {
      throw new Error(
        'keepAlive was set by the environment or an option where idlewatch was started: it stays as it is',
      );
    }
    const isKept = !given.has('off');
    await haveDone(client, 'worker.keepAlive', [id, isKept]);
    context.out(
      `${harmless(name)} ${isKept ? 'is kept alive: it is never ended automatically' : 'is not kept alive'}.\n`,
    );
    return EXIT_WELL;
  },
});
