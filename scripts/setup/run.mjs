// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';

/**
 * @typedef {{ cwd?: string, env?: Record<string, string | undefined> }} RunOptions
 */

/**
 * Runs a program with its output on ours and nothing on its standard input.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>} its exit code; 127 when it could not be started
 */
export function run(command, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      ...options,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: needsShell(command),
    });
    child.on('error', (error) => {
      console.error(`idlewatch: cannot run ${command}: ${error.message}`);
      done(127);
    });
    child.on('exit', (code, signal) => done(exitCode(code, signal)));
  });
}

/**
 * Runs npm, the one this script was started from where there is one.
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>} its exit code
 */
export function runNpm(args, options = {}) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js') && cli.includes('npm-cli')) return run(process.execPath, [cli, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/**
 * Runs a short program and takes its output.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [env]
 * @returns {{ code: number, stdout: string }} code 127 when it could not be started
 */
export function capture(command, args, env = process.env) {
  const result = spawnSync(command, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return { code: result.error ? 127 : exitCode(result.status, result.signal), stdout: result.stdout ?? '' };
}

/**
 * An exit code as a shell gives it.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 * @returns {number}
 */
export function exitCode(code, signal) {
  if (signal) return 128 + constants.signals[signal];
  return code ?? 1;
}

/** Node starts .cmd files only through a shell. @param {string} command */
function needsShell(command) {
  return command.endsWith('.cmd');
}
