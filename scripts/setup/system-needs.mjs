// @ts-check
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './run.mjs';

/**
 * What idlewatch needs from a Linux system, and what of it is missing.
 *
 * @typedef {object} Need
 * @property {string} name a shared library's or a program's file name
 * @property {string[]} packages Debian packages that bring it, in the order to try: the name differs between releases
 *
 * @typedef {object} Missing
 * @property {string[]} names libraries and programs that are missing
 * @property {string[][]} packages Debian packages to install, each with its alternatives
 * @property {boolean} electronRuns false when Electron cannot start without what is missing
 */

/** @type {Need[]} */
const LIBRARIES = [
  { name: 'libgtk-3.so.0', packages: ['libgtk-3-0t64', 'libgtk-3-0'] },
  { name: 'libnss3.so', packages: ['libnss3'] },
  { name: 'libgbm.so.1', packages: ['libgbm1'] },
  { name: 'libasound.so.2', packages: ['libasound2t64', 'libasound2'] },
  { name: 'libnotify.so.4', packages: ['libnotify4'] },
];

/** @type {Need[]} */
const TEST_PROGRAMS = [
  { name: 'Xvfb', packages: ['xvfb'] },
  { name: 'xvfb-run', packages: ['xvfb'] },
  { name: 'xauth', packages: ['xauth'] },
  { name: 'dbus-run-session', packages: ['dbus'] },
  { name: 'dbus-daemon', packages: ['dbus'] },
  { name: 'tmux', packages: ['tmux'] },
];

/**
 * Looks at this system.
 * @param {string} electron path of the executable
 * @param {boolean} forTests
 * @returns {Missing}
 */
export function findMissing(electron, forTests) {
  const ldconfig = capture('/sbin/ldconfig', ['-p']);
  const programs = forTests ? TEST_PROGRAMS.filter(({ name }) => !onPath(name)) : [];
  return missingFrom(capture('ldd', [electron]).stdout, ldconfig.code === 0 ? ldconfig.stdout : undefined, programs);
}

/**
 * @param {string} ldd what `ldd` says of the Electron executable
 * @param {string | undefined} ldconfig what `ldconfig -p` says; undefined on systems that have none
 * @param {Need[]} missingPrograms
 * @returns {Missing}
 */
export function missingFrom(ldd, ldconfig, missingPrograms) {
  const unresolved = [...ldd.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name ?? '');
  // Electron opens libnotify while it runs, so ldd does not know of it.
  const isUnknown = (/** @type {string} */ name) => ldconfig !== undefined && !ldconfig.includes(`\t${name} `);
  const libraries = LIBRARIES.filter(({ name }) => unresolved.includes(name) || isUnknown(name));
  // A library that no entry names comes with one of the packages, as a dependency.
  const wanted = unresolved.length > 0 ? LIBRARIES : libraries;
  const names = new Set([
    ...unresolved,
    ...libraries.map(({ name }) => name),
    ...missingPrograms.map(({ name }) => name),
  ]);
  const packages = new Map([...wanted, ...missingPrograms].map((need) => [need.packages.join(), need.packages]));
  return { names: [...names], packages: [...packages.values()], electronRuns: unresolved.length === 0 };
}

/**
 * @param {string} program
 * @returns {boolean} whether it is found on the PATH
 */
function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
