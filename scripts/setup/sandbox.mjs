// @ts-check
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SETUID = 0o4000;

/** Kernel switches that keep ordinary users from making namespaces, each with the value that does. */
const RESTRICTIONS = [
  { file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', value: '1' },
  { file: '/proc/sys/kernel/unprivileged_userns_clone', value: '0' },
];

/**
 * A hint for systems that deny Chromium the namespaces its sandbox is made of (Ubuntu since 23.10 does): there it
 * needs its helper program to belong to root.
 * @param {string} electron path of the executable
 * @param {(file: string) => string | undefined} [read] of a kernel switch
 * @returns {string | undefined} what to do; undefined where the sandbox can work
 */
export function sandboxHint(electron, read = kernelSwitch) {
  if (!RESTRICTIONS.some(({ file, value }) => read(file) === value)) return undefined;
  const helper = join(dirname(electron), 'chrome-sandbox');
  const { uid, mode } = statSync(helper, { throwIfNoEntry: false }) ?? { uid: -1, mode: 0 };
  if (uid === 0 && mode & SETUID) return undefined;
  return `should Electron say that its sandbox cannot start, run: sudo chown root ${helper} && sudo chmod 4755 ${helper}`;
}

/**
 * @param {string} file
 * @returns {string | undefined} its value; undefined where the kernel has no such switch
 */
function kernelSwitch(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
