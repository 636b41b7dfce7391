// @ts-check
// `npm start [-- arguments]`: sets up what is missing, builds what has changed, and starts the app.
import { spawn } from 'node:child_process';
import { buildIfNeeded } from './setup/build.mjs';
import { setup } from './setup/index.mjs';
import { electronArgs, hasDisplay } from './setup/launch.mjs';
import { ROOT } from './setup/paths.mjs';
import { exitCode } from './setup/run.mjs';
import { sandboxHint } from './setup/sandbox.mjs';
import { main, SetupError, say } from './setup/say.mjs';

await main(async () => {
  if (!hasDisplay(process.platform, process.env)) {
    throw new SetupError(
      'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); try: xvfb-run -a npm start',
    );
  }
  const electron = await setup({ forTests: false });
  await buildIfNeeded(ROOT);
  const isRoot = process.platform !== 'win32' && process.getuid?.() === 0;
  const hint = isRoot ? "running as root, so Electron's sandbox is off (--no-sandbox)" : sandboxHint(electron.path);
  if (hint) say(hint);
  return startApp(electron.path, electronArgs({ app: ROOT, args: process.argv.slice(2), isRoot }));
});

/**
 * Runs Electron to its end, handing our signals on.
 * @param {string} electron path of the executable
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
function startApp(electron, args) {
  // npm changes into the checkout; a path the person gave is meant from where they are.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  // Editors built on Electron hand this variable to their terminals; it would make the app a plain Node.js.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const app = spawn(electron, args, { cwd, env, stdio: 'inherit' });
  // A terminal sends Ctrl-C to the app as well, and the second one would end it before it has tidied up.
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  process.on('SIGINT', () => hasTerminal || app.kill('SIGINT'));
  process.on('SIGTERM', () => app.kill('SIGTERM'));
  process.on('SIGHUP', () => app.kill('SIGHUP'));
  if (process.env.npm_lifecycle_event) whenOrphaned(() => app.kill('SIGTERM'));
  return new Promise((done, fail) => {
    app.on('error', (error) => fail(new SetupError(`cannot start ${electron}: ${error.message}`)));
    app.on('exit', (code, signal) => done(exitCode(code, signal)));
  });
}

/**
 * npm sends a signal to the shell it runs us in, and that ends without handing it on: its end is what we see of it.
 * @param {() => void} act
 */
function whenOrphaned(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 1000);
  timer.unref();
}
