import { spawn } from 'node:child_process';
import { ownScript } from './own-script';

const CHILDREN = 2;

/** From now on SIGTERM changes nothing: only SIGKILL, or the end of whoever started the demo, ends this process. */
export function ignoreSigterm(): void {
  process.on('SIGTERM', () => {});
}

/**
 * Start children that ignore SIGTERM too. They share our standard input, so they end with the starter of the demo, and
 * our output, so that the starter can tell when the last of them has ended.
 */
export function startStubbornChildren(directory: string): void {
  for (let count = 1; count <= CHILDREN; count += 1) {
    spawn(process.execPath, [...ownScript(), 'child', '--directory', directory, '--until-stdin-closes'], {
      cwd: directory,
      stdio: ['inherit', 'inherit', 'ignore'],
      windowsHide: true,
    });
  }
}

/** What such a child does: nothing, for as long as it may. */
export function beStubbornChild(): void {
  ignoreSigterm();
  setInterval(() => {}, 60_000);
}
