import { readFileSync } from 'node:fs';
import { rawName, shownName, TreeProblem } from './descent';

/** Where something is mounted, from the text of /proc/self/mountinfo (read as latin1): raw paths. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((point): point is string => point !== undefined)
    .map((point) => point.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))));
}

/** Throws a sentence that names the first mount at or below a directory, bind mounts too. */
export function refuseMounts(path: string): void {
  const raw = rawName(path);
  let text: string;
  try {
    text = readFileSync('/proc/self/mountinfo', 'latin1');
  } catch (error) {
    throw new TreeProblem(`Whether something is mounted in ${path} cannot be told: ${(error as Error).message}.`);
  }
  const mount = mountPoints(text).find((point) => point === raw || point.startsWith(`${raw}/`));
  if (mount !== undefined) throw new TreeProblem(`${shownName(mount)} is a mount: ${path} is left alone.`);
}
