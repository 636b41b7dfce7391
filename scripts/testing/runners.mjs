// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/paths.mjs';
import { run } from '../setup/run.mjs';
import { say } from '../setup/say.mjs';
import { ONE_PASSED, oneFailed, playwrightCounts, runnerCounts, vitestCounts } from './results.mjs';

/** @typedef {import('./results.mjs').Counts} Counts */

const BIOME = join('@biomejs', 'biome', 'bin', 'biome');
const TSC = join('typescript', 'bin', 'tsc');
const VITEST = join('vitest', 'vitest.mjs');
const PLAYWRIGHT = join('@playwright', 'test', 'cli.js');

/** @returns {Promise<Counts>} */
export function lint() {
  return check('lint', BIOME, ['check']);
}

/** @returns {Promise<Counts>} */
export function typecheck() {
  return check('typecheck', TSC, ['--noEmit']);
}

/**
 * @param {string[]} folders of tests, e.g. ["test/unit"]
 * @param {string} reports folder for the report
 * @returns {Promise<Counts>}
 */
export async function vitest(folders, reports) {
  const report = join(reports, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await runTool(VITEST, ['run', ...folders, ...reporters]);
  return runnerCounts('vitest', textOf(report), code, vitestCounts);
}

/**
 * The tests on the real Electron; on Linux with an X server and a session bus of their own.
 * @param {string} reports folder for the report
 * @returns {Promise<Counts>}
 */
export async function playwright(reports) {
  const report = join(reports, 'playwright.json');
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  const code = await runPlaywright(['--reporter=list,json'], env);
  return runnerCounts('playwright', textOf(report), code, playwrightCounts);
}

/**
 * Runs `playwright test`.
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [env]
 * @returns {Promise<number>} its exit code
 */
export function runPlaywright(args, env = process.env) {
  const all = [modulePath(PLAYWRIGHT), 'test', ...args];
  return process.platform === 'linux' ? runOnOwnDisplay(all, env) : run(process.execPath, all, { cwd: ROOT, env });
}

/**
 * @param {string[]} args of Node.js
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<number>}
 */
function runOnOwnDisplay(args, env) {
  // The person's desktop must not show through: Electron would prefer Wayland, and GNOME's tray has no pixels to read.
  const { WAYLAND_DISPLAY: _wayland, XDG_CURRENT_DESKTOP: _desktop, ...own } = env;
  const screen = ['--server-args=-screen 0 1600x1000x24'];
  return run('xvfb-run', ['-a', ...screen, 'dbus-run-session', '--', process.execPath, ...args], {
    cwd: ROOT,
    env: { ...own, XDG_SESSION_TYPE: 'x11' },
  });
}

/**
 * A check that passes or fails as a whole.
 * @param {string} name
 * @param {string} tool
 * @param {string[]} args
 * @returns {Promise<Counts>}
 */
async function check(name, tool, args) {
  const isFine = (await runTool(tool, args)) === 0;
  say(`${name} ${isFine ? 'passed' : 'failed'}`);
  return isFine ? ONE_PASSED : oneFailed(name);
}

/**
 * @param {string} tool path of its script in node_modules
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
function runTool(tool, args) {
  return run(process.execPath, [modulePath(tool), ...args], { cwd: ROOT });
}

/** @param {string} path */
function modulePath(path) {
  return join(ROOT, 'node_modules', path);
}

/** @param {string} path */
function textOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
