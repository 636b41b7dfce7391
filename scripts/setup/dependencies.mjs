// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './run.mjs';
import { SetupError, say } from './say.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/**
 * What keeps node_modules from being what package-lock.json asks for. npm's own record of what it installed
 * (node_modules/.package-lock.json) is compared with the lockfile, so it does not matter who installed it.
 * @param {string} root
 * @returns {string | undefined} the reason in words; undefined when all is there
 */
export function dependenciesProblem(root) {
  const modules = join(root, 'node_modules');
  if (!existsSync(modules)) return 'node_modules is missing';
  const installed = readLockfile(join(modules, '.package-lock.json'));
  if (!installed) return 'node_modules is incomplete';
  const locked = readLockfile(join(root, 'package-lock.json')) ?? {};
  for (const [path, wanted] of Object.entries(locked.packages ?? {})) {
    if (path === '') continue;
    const problem = packageProblem(root, path, wanted, installed.packages?.[path]);
    if (problem) return problem;
  }
  return undefined;
}

/**
 * Installs what package-lock.json names, when something of it is missing.
 * @param {string} root
 */
export async function ensureDependencies(root) {
  const problem = dependenciesProblem(root);
  if (!problem) return;
  say(`installing dependencies (${problem})`);
  // Electron's installer warns of Node.js 20, in which it works; where it does not, the fallback takes over.
  const code = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  if (code !== 0) throw new SetupError(`npm ci failed with exit code ${code}, its output is above`);
}

/**
 * @param {string} root
 * @param {string} path e.g. "node_modules/zod"
 * @param {LockedPackage} wanted
 * @param {LockedPackage | undefined} have
 * @returns {string | undefined}
 */
function packageProblem(root, path, wanted, have) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  // An optional package is left out where it does not fit the platform.
  if (!have) return wanted.optional ? undefined : `${name} is missing`;
  if (have.version !== wanted.version) return `${name} is ${have.version}, not ${wanted.version}`;
  if (have.integrity !== wanted.integrity) return `${name} has changed`;
  return existsSync(join(root, path, 'package.json')) ? undefined : `${name} is missing`;
}

/**
 * @param {string} path
 * @returns {Lockfile | undefined} undefined when missing or half-written
 */
function readLockfile(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
