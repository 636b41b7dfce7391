// @ts-check
// `npm run demo [-- --speed N]`: starts demo workers, says how to watch them, and ends them on Ctrl-C.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildIfNeeded } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNode } from './setup/node-version.mjs';
import { ROOT } from './setup/paths.mjs';
import { exitCode } from './setup/run.mjs';
import { main, SetupError } from './setup/say.mjs';

await main(async () => {
  requireNode(ROOT);
  await ensureDependencies(ROOT);
  await buildIfNeeded(ROOT);
  return runDemo(process.argv.slice(2));
});

/**
 * Runs a scene to its end. It ends when its standard input closes, so it cannot outlive this script.
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
function runDemo(args) {
  const script = join(ROOT, 'out', 'demo', 'index.js');
  const demo = spawn(process.execPath, [script, 'scene', '--until-stdin-closes', ...args], {
    // npm changes into the checkout; a path the person gave is meant from where they are.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => demo.kill(signal));
  }
  return new Promise((done, fail) => {
    demo.on('error', (error) => fail(new SetupError(`cannot start ${script}: ${error.message}`)));
    demo.on('exit', (code, signal) => done(exitCode(code, signal)));
  });
}
