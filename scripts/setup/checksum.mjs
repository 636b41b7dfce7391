// @ts-check
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SetupError } from './say.mjs';

/**
 * @param {string} path
 * @returns {Promise<string>} the file's sha256, hexadecimal
 */
export async function sha256(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * Refuses a file that is not, byte for byte, the expected one.
 * @param {string} path
 * @param {string} expected sha256, hexadecimal
 * @param {string} what the file in words, for the message
 */
export async function verifySha256(path, expected, what) {
  const actual = await sha256(path);
  if (actual !== expected) {
    throw new SetupError(`${what} is not the expected file (sha256 ${actual}, expected ${expected}); not using it`);
  }
}
