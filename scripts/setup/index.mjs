// @ts-check
import { ensureDependencies } from './dependencies.mjs';
import { ensureElectron } from './electron-runtime.mjs';
import { ROOT } from './paths.mjs';
import { SetupError } from './say.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const OLDEST_NODE = [20, 18];

/**
 * Sets up whatever idlewatch needs and is missing. What is there already is left alone.
 * @param {{ forTests: boolean }} options
 * @returns {Promise<import('./electron-runtime.mjs').ElectronRuntime>}
 */
export async function setup({ forTests }) {
  requireNode(process.versions.node);
  await ensureDependencies(ROOT);
  const electron = await ensureElectron();
  await ensureSystemPackages({ electron: electron.path, forTests });
  return electron;
}

/**
 * Throws a SetupError for a Node.js that is too old.
 * @param {string} version e.g. "20.18.1"
 */
export function requireNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(`Node.js ${version} is too old, idlewatch needs ${OLDEST_NODE.join('.')} or newer`);
}
