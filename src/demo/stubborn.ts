import { spawn } from 'node:child_process';
import { ownScript } from './own-script';

const CHILDREN = 2;

/** From now on SIGTERM changes nothing: only SIGKILL, or the end of whoever started the demo, ends this process. */
export function ignoreSigterm(): void {
  process.on('SIGTERM', () => {});
}

/**
 * Start children that ignore SIGTERM too; resolves once they do. They share our standard input, so they end with the
 * starter of the demo, and our output, so that the starter can tell when the last of them has ended.
 */
export async function startStubbornChildren(directory: string): Promise<void> {
  await Promise.all(Array.from({ length: CHILDREN }, () => startChild(directory)));
}

function startChild(directory: string): Promise<void> {
  const child = spawn(process.execPath, [...ownScript(), 'child', '--directory', directory, '--until-stdin-closes'], {
    cwd: directory,
    stdio: ['inherit', 'inherit', 'ignore', 'ipc'],
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    child.once('exit', () => reject(new Error('a child ended before it could ignore SIGTERM')));
  });
}

/** What such a child does: nothing, for as long as it may. */
export function beStubbornChild(): void {
  ignoreSigterm();
  process.send?.('stubborn', undefined, undefined, () => process.disconnect());
  setInterval(() => {}, 60_000);
}
