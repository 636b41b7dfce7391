import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Our own terminal, while a command has one of its own. */
export interface OwnTerminal {
  /** Every byte typed is passed on as it is, and every byte written arrives as it is. */
  makeRaw(): void;
  /** As it was before. May be called more than once, and at any moment. */
  restore(): void;
}

/** A person sits before all three of our streams, and we are not in the background, where touching them would stop us. */
export function isAtTerminal(): boolean {
  return process.platform !== 'win32' && [0, 1, 2].every((fd) => isatty(fd)) && isInForeground();
}

/** Fields 5 and 8 of /proc/self/stat: our process group and the one that has the terminal. Without /proc: taken for it. */
function isInForeground(): boolean {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}

/**
 * By stty: the raw mode of Node.js goes on translating line ends on output, and full-screen programs would not come out
 * right. Where there is no stty, that has to do.
 */
export function openOwnTerminal(): OwnTerminal {
  const before = stty('-g');
  const restore = (): void => {
    if (before !== null) stty(before);
    else process.stdin.setRawMode(false);
  };
  return {
    makeRaw() {
      if (before === null || stty('raw', '-echo') === null) process.stdin.setRawMode(true);
    },
    restore,
  };
}

/** What it says; null where it failed. */
function stty(...args: string[]): string | null {
  const { status, stdout } = spawnSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
