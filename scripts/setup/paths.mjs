// @ts-check
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root: the folder of package.json. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * The user's cache folder for things that can be had again at any time.
 * @param {Record<string, string | undefined>} [env]
 * @returns {string} absolute path; not necessarily there yet
 */
export function cacheDir(env = process.env) {
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(base, 'idlewatch');
}
