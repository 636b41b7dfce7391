// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDir } from './paths.mjs';
import { say } from './say.mjs';

/** A download that has not moved for so long is given up. */
const STALL_MS = 30_000;
/** How long a failed download is taken as "this machine cannot reach it". */
const RETRY_AFTER_MS = 12 * 60 * 60 * 1000;

/**
 * The current Electron as its own installer left it in node_modules.
 * @param {string} root
 * @returns {{ path: string, version: string } | undefined}
 */
export function installedElectron(root) {
  const home = electronPackage(root);
  try {
    const version = wantedVersion(root);
    const path = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'));
    const installed = readFileSync(join(home, 'dist', 'version'), 'utf8')
      .trim()
      .replace(/^v/, '');
    return installed === version && existsSync(path) ? { path, version } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @returns {string} the version of the `electron` package in node_modules
 */
export function wantedVersion(root) {
  return JSON.parse(readFileSync(join(electronPackage(root), 'package.json'), 'utf8')).version;
}

/**
 * Lets Electron's own installer download the current Electron, and remembers a failure.
 * @param {string} root
 * @returns {Promise<string | undefined>} why it failed; undefined when it is installed
 */
export async function downloadElectron(root) {
  const version = wantedVersion(root);
  say(`getting Electron ${version}`);
  const problem = await runInstaller(root, STALL_MS);
  if (problem) await rememberFailure(version, problem, Date.now());
  else rmSync(failureFile(version), { force: true });
  return problem;
}

/**
 * @param {string} version
 * @param {number} nowMs wall clock
 * @returns {string | undefined} why the last download of this version failed, while that is recent
 */
export function recentFailure(version, nowMs) {
  try {
    const { failedAt, problem } = JSON.parse(readFileSync(failureFile(version), 'utf8'));
    const agoMs = nowMs - Date.parse(failedAt);
    return agoMs >= 0 && agoMs < RETRY_AFTER_MS ? String(problem) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} version
 * @param {string} problem
 * @param {number} nowMs wall clock
 */
export async function rememberFailure(version, problem, nowMs) {
  const file = failureFile(version);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ failedAt: new Date(nowMs).toISOString(), problem }));
}

/**
 * Runs Electron's installer until it ends, or until nothing has arrived for `stallMs`.
 * @param {string} root
 * @param {number} stallMs
 * @returns {Promise<string | undefined>} why it failed
 */
export async function runInstaller(root, stallMs) {
  const temporary = await mkdtemp(join(tmpdir(), 'idlewatch-electron-'));
  try {
    const installer = spawn(process.execPath, [join(electronPackage(root), 'install.js')], {
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary, ELECTRON_GET_NO_PROGRESS: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    installer.stderr.on('data', (data) => {
      stderr += data;
    });
    const ended = new Promise((done) => {
      installer.on('close', (code) => done(code === 0 ? undefined : reasonIn(stderr)));
    });
    const watch = watchGrowth([temporary, join(electronPackage(root), 'dist')], stallMs);
    const stalled = watch.stalled.then(() => {
      installer.kill('SIGKILL');
      return `nothing arrived for ${stallMs / 1000} s`;
    });
    try {
      return await Promise.race([ended, stalled]);
    } finally {
      watch.stop();
    }
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Looks every second whether some folders grow, and says every ten seconds how far they are.
 * @param {string[]} folders
 * @param {number} stallMs
 * @returns {{ stalled: Promise<void>, stop: () => void }} `stalled` resolves after `stallMs` without a change
 */
function watchGrowth(folders, stallMs) {
  let bytes = 0;
  let seconds = 0;
  let changedAtMs = performance.now();
  /** @type {() => void} */
  let giveUp;
  /** @type {Promise<void>} */
  const stalled = new Promise((resolve) => {
    giveUp = resolve;
  });
  const timer = setInterval(async () => {
    const now = (await Promise.all(folders.map(folderBytes))).reduce((sum, size) => sum + size, 0);
    if (now !== bytes) changedAtMs = performance.now();
    bytes = now;
    seconds += 1;
    if (seconds % 10 === 0) say(`… ${Math.round(bytes / 1e6)} MB, ${seconds} s`);
    if (performance.now() - changedAtMs > stallMs) giveUp();
  }, 1000);
  return { stalled, stop: () => clearInterval(timer) };
}

/**
 * @param {string} folder
 * @returns {Promise<number>} the size of all files in it; 0 when it is not there
 */
async function folderBytes(folder) {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * @param {string} stderr what the installer wrote
 * @returns {string} its first line that says something
 */
export function reasonIn(stderr) {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line !== '') ?? 'its installer failed';
}

/** @param {string} root */
function electronPackage(root) {
  return join(root, 'node_modules', 'electron');
}

/** @param {string} version */
function failureFile(version) {
  return join(cacheDir(), `electron-${version}-failed.json`);
}
