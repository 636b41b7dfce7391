// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './say.mjs';

/**
 * Throws a SetupError for a Node.js that package.json's `engines` does not name: the build tools leave parts of
 * themselves out there, and fail with a message nobody understands.
 * @param {string} root
 * @param {string} [version]
 */
export function requireNode(root, version = process.versions.node) {
  const range = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node;
  if (satisfies(version, range)) return;
  throw new SetupError(`this is Node.js ${version}, idlewatch is built with ${range}`);
}

/**
 * @param {string} version e.g. "20.19.1"
 * @param {string} range versions from which on it is new enough, e.g. "^20.19.0 || >=22.12.0"
 * @returns {boolean}
 */
export function satisfies(version, range) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [...range.matchAll(/(\^|>=)\s*(\d+)\.(\d+)\.(\d+)/g)].some(([, operator, ...oldest]) => {
    const [oldestMajor = 0, oldestMinor = 0, oldestPatch = 0] = oldest.map(Number);
    if (major !== oldestMajor) return operator === '>=' && major > oldestMajor;
    return minor !== oldestMinor ? minor > oldestMinor : patch >= oldestPatch;
  });
}
