// @ts-check
import { ensureDependencies } from './dependencies.mjs';
import { ensureElectron } from './electron-runtime.mjs';
import { requireNode } from './node-version.mjs';
import { ROOT } from './paths.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/**
 * Sets up whatever idlewatch needs and is missing. What is there already is left alone.
 * @param {{ forTests: boolean }} options
 * @returns {Promise<import('./electron-runtime.mjs').ElectronRuntime>}
 */
export async function setup({ forTests }) {
  requireNode(ROOT);
  await ensureDependencies(ROOT);
  const electron = await ensureElectron();
  await ensureSystemPackages({ electron: electron.path, forTests });
  return electron;
}
