// @ts-check
import { readFileSync } from 'node:fs';
import { capture, run } from './run.mjs';
import { SetupError, say } from './say.mjs';
import { findMissing } from './system-needs.mjs';

/**
 * Sees to the shared libraries Electron needs, and for tests to an X server, a session bus and tmux. As root on a
 * Debian-like system it installs what is missing; otherwise it says how to. Throws a SetupError when something is
 * still missing that idlewatch, or its tests, cannot do without.
 * @param {{ electron: string, forTests: boolean }} options `electron`: path of the executable
 */
export async function ensureSystemPackages({ electron, forTests }) {
  if (process.platform !== 'linux') return;
  let missing = findMissing(electron, forTests);
  if (missing.names.length === 0) return;
  say(`missing on this system: ${missing.names.join(', ')}`);
  const debian = isDebianLike(readOsRelease());
  if (debian && process.getuid?.() === 0) {
    await aptInstall(missing.packages);
    missing = findMissing(electron, forTests);
    if (missing.names.length === 0) return;
  }
  const remedy = debian
    ? `install them with: sudo ${aptCommand(choosePackages(missing.packages, isKnownToApt)).join(' ')}`
    : "install them with your system's package manager";
  if (forTests || !missing.electronRuns) throw new SetupError(`still missing: ${missing.names.join(', ')}; ${remedy}`);
  say(`${remedy} (going on without)`);
}

/**
 * @param {string} osRelease the text of /etc/os-release
 * @returns {boolean} whether apt-get installs packages there
 */
export function isDebianLike(osRelease) {
  const families = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=["']?([^"'\n]*)["']?\s*$/gm)].flatMap(([, ids]) =>
    ids?.split(' '),
  );
  return families.includes('debian') || families.includes('ubuntu');
}

/**
 * @param {string[][]} packages each with its alternatives
 * @param {(name: string) => boolean} isKnown
 * @returns {string[]} of each the first known one; the last where none is known
 */
export function choosePackages(packages, isKnown) {
  return packages.map((names) => names.find(isKnown) ?? names[names.length - 1] ?? '');
}

/** @param {string[][]} packages each with its alternatives */
async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = () => run('apt-get', ['update', '-q'], { env });
  const install = () => {
    const [command = '', ...args] = aptCommand(choosePackages(packages, isKnownToApt));
    return run(command, args, { env });
  };
  const isListed = packages.every((names) => names.some(isKnownToApt));
  if (!isListed) await update();
  // Old package lists name versions that the mirror has no more.
  if ((await install()) !== 0 && isListed && (await update()) === 0) await install();
}

/**
 * @param {string[]} packages
 * @returns {string[]} the command that installs them
 */
function aptCommand(packages) {
  return ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
}

/** @param {string} name of a Debian package */
function isKnownToApt(name) {
  return /Candidate: (?!\(none\))/.test(capture('apt-cache', ['policy', name]).stdout);
}

/** @returns {string} empty where there is none */
function readOsRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
