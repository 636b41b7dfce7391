import { app } from 'electron';
import { whyUnwritable } from '../host/user-data';
import { parseLayer } from '../shared/settings';
import { type Options, ownArguments, readOptions } from './options';
import { registerPageScheme } from './page';

/** What a second start hands to the first. */
interface SecondStart {
  workerDirs: string[];
}

/** The running app, as its life needs it. */
export interface Running {
  /** The person started the app once more, perhaps with directories to watch. */
  startedAgain(workerDirs: string[]): void;
  /** Ends every timer, watch and process of ours; resolves when they have ended. */
  stop(): Promise<void>;
}

/** Command line, one instance alone, start, tidy end. `start` runs once the app is ready. */
export function runApp(start: (options: Options) => Promise<Running>): void {
  const options = optionsOrExit();
  if (!options) return;
  if (!app.requestSingleInstanceLock({ workerDirs: options.workerDirs } satisfies SecondStart)) {
    notAlone(app.getPath('userData'));
    return;
  }
  registerPageScheme();
  const running = app.whenReady().then(() => start(options));
  running.catch((error: Error) => refuse(error.stack ?? error.message));
  app.on('second-instance', (_event, _argv, _folder, handed) => {
    running.then((shell) => shell.startedAgain((handed as SecondStart).workerDirs));
  });
  app.on('activate', () => running.then((shell) => shell.startedAgain([])));
  // The tray goes on without a window.
  app.on('window-all-closed', () => {});
  quitTidily(running);
}

/** The lock is a file: where none can be written, nobody else need be running. */
function notAlone(userData: string): void {
  const problem = whyUnwritable(userData);
  if (problem) {
    refuse(`its folder ${userData} cannot be written: ${problem}`);
    return;
  }
  console.error('idlewatch: it is running already; its window is shown');
  app.exit(0);
}

function optionsOrExit(): Options | null {
  const read = readOptions(ownArguments(process.argv, app.isPackaged), process.cwd());
  if (!read.ok) {
    refuse(read.message);
    return null;
  }
  const [wrong] = parseLayer(read.options.settings, 'option').errors;
  if (!wrong) return read.options;
  refuse(wrong.message);
  return null;
}

function refuse(message: string): void {
  console.error(`idlewatch: ${message}`);
  app.exit(1);
}

/** Quitting waits until every timer, watch and process of ours has ended. */
function quitTidily(running: Promise<Running>): void {
  let isTidy = false;
  let isTidying = false;
  app.on('before-quit', (event) => {
    if (isTidy) return;
    event.preventDefault();
    if (isTidying) return;
    isTidying = true;
    running
      .then((shell) => shell.stop())
      .finally(() => {
        isTidy = true;
        // Not within Electron's asking us: its answer to the first quit would undo the second.
        setImmediate(() => app.quit());
      });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
}
