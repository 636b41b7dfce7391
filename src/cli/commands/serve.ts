import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '../../../package.json';
import type { EngineInfo } from '../../host/engine-seat';
import { createMachine } from '../../host/machine';
import { stateFolder } from '../../host/state-folder';
import { userDataDirectory } from '../../host/user-data';
import type { DoorsStatus } from '../../shared/ipc';
import { SETTING_KEYS } from '../../shared/settings';
import { type Context, command, EXIT_WELL } from '../command';
import { DIRECTORY_OPTIONS, givenDirectories } from '../directories';
import { interrupted } from '../interrupted';

export const serve = command({
  name: 'serve',
  summary: 'watch without a desktop: engine, policy, API and the window as a web page',
  about: `Runs the same engine as the app, without a desktop, until it is interrupted: watches, acts as the policy
says, answers the local API, and shows the window at http://127.0.0.1:4747/ (sign in with what "idlewatch token"
prints). From elsewhere: ssh -L 4747:127.0.0.1:4747 HOST.

There is one engine for each user. Where the app or another "serve" runs it already, this one waits and takes over
when that one ends.`,
  options: DIRECTORY_OPTIONS,
  settings: SETTING_KEYS,
  examples: {
    'idlewatch serve': 'everything this user runs',
    'idlewatch serve --api-port 8080': 'the window at http://127.0.0.1:8080/',
    'idlewatch serve --worker-dir ~/project/.workers': 'the workers of one project',
  },
  exit: '0 when it was interrupted, 1 when it could not begin.',
  async run(given, context) {
    const { workers: workerDirs, workbenches: workbenchDirs } = givenDirectories(given, context);
    const { environment } = context;
    const state = stateFolder(environment);
    const machine = createMachine(state, context);
    const ended = interrupted();
    const say = createSayer(context);
    // Only this command needs the servers: the others begin sooner without them.
    const { openIdlewatch } = await import('../../server/idlewatch');
    const desk = await openIdlewatch({
      ...{ machine, version, environment, stateFolder: state },
      shell: 'serve',
      settingsFile: join(userDataDirectory(environment), 'settings.json'),
      settings: given.settings,
      given: { workerDirs, workbenchDirs },
      demo: { execPath: process.execPath, scriptPath: built('demo/index.js'), supervisorPath: built('cli/index.js') },
      pageFolder: built('renderer'),
      onSeat: say.seat,
    });
    desk.listen({ settings: ({ doors }) => say.doors(doors) });
    say.doors(desk.settings().doors);
    await ended;
    await desk.stop();
    machine.close();
    return EXIT_WELL;
  },
});

/** A file of the build, seen from wherever this one ends up in it. */
function built(...path: string[]): string {
  return resolve(fileURLToPath(new URL('..', import.meta.url)), ...path);
}

/** Tells where the window is, whenever that changes. */
function createSayer({ out }: Context) {
  let isHere = true;
  let said = '';
  return {
    seat(at: EngineInfo | null): void {
      isHere = at === null;
      if (at) out(`${nameOf(at)} runs the engine already: ${at.api}/\nThis one takes over when that ends.\n`);
      said = '';
    },
    doors({ api, gateway }: DoorsStatus): void {
      const lines = [api && `Window   ${api}/   (sign in with: idlewatch token)`, gateway && `Gateway  ${gateway}/v1`];
      const text = lines.filter(Boolean).join('\n');
      if (!isHere || text === said || !text) return;
      said = text;
      out(`${text}\n`);
    },
  };
}

function nameOf({ shell, pid }: EngineInfo): string {
  return shell === 'app' ? `The idlewatch app (process ${pid})` : `Another "idlewatch serve" (process ${pid})`;
}
