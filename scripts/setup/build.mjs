// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildLibraryTypes } from './library-types.mjs';
import { run } from './run.mjs';
import { SetupError, say } from './say.mjs';

/** Everything the build reads: files and folders in the checkout. */
const INPUTS = [
  'src',
  'resources',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.lib.json',
];
const STAMP = 'build-stamp.json';
/** The build has to run in the oldest supported Electron, whichever is installed. */
const OLDEST_ELECTRON_MAJOR = '33';

/**
 * Builds into out/ when something has changed since the last build.
 * @param {string} root
 */
export async function buildIfNeeded(root) {
  const problem = buildProblem(root);
  if (!problem) return;
  say(`building (${problem})`);
  await build(root);
}

/**
 * Builds into out/, which is emptied first.
 * @param {string} root
 */
export async function build(root) {
  const inputs = inputsHash(root);
  rmSync(join(root, 'out'), { recursive: true, force: true });
  const vite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const env = { ...process.env, ELECTRON_MAJOR_VER: OLDEST_ELECTRON_MAJOR };
  const code = await run(process.execPath, [vite, 'build'], { cwd: root, env });
  if (code !== 0) throw new SetupError(`the build failed with exit code ${code}, its output is above`);
  await buildLibraryTypes(root);
  writeBuildStamp(root, inputs);
}

/**
 * @param {string} root
 * @returns {string | undefined} why out/ is not the build of what is there; undefined when it is
 */
export function buildProblem(root) {
  /** @type {{ inputs: string, outputs: string[] }} */
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(join(root, 'out', STAMP), 'utf8'));
  } catch {
    return 'not built yet';
  }
  if (stamp.inputs !== inputsHash(root)) return 'sources have changed';
  const gone = stamp.outputs.find((name) => !existsSync(join(root, 'out', name)));
  return gone && `out/${gone} is missing`;
}

/**
 * Notes what out/ was built from, and what is in it.
 * @param {string} root
 * @param {string} inputs from {@link inputsHash}, taken before the build
 */
export function writeBuildStamp(root, inputs) {
  const out = join(root, 'out');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, STAMP), JSON.stringify({ inputs, outputs: filesIn(out, '') }));
}

/**
 * @param {string} root
 * @returns {string} a hash of the names and contents of everything the build reads
 */
export function inputsHash(root) {
  const hash = createHash('sha256');
  for (const name of INPUTS.flatMap((input) => filesIn(root, input))) {
    const content = readFileSync(join(root, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} name of a file or folder in it; empty for itself
 * @returns {string[]} the files there, by name relative to `root`, sorted
 */
function filesIn(root, name) {
  const path = join(root, name);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [name];
  return readdirSync(path)
    .sort()
    .flatMap((child) => filesIn(root, join(name, child)));
}
