import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** Whether a test may have disks of its own. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/** Disks for the tests of one file; each is gone after its test. */
export function smallDisks(): { mount(base: string, size: string): string } {
  const mounted: string[] = [];
  afterEach(() => {
    for (const folder of mounted.splice(0)) execFileSync('umount', ['-l', folder]);
  });
  return {
    /** A folder `state` below `base`, on a file system of so many bytes (as `mount` takes them). */
    mount(base, size) {
      const folder = join(base, 'state');
      mkdirSync(folder);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
      mounted.push(folder);
      return folder;
    },
  };
}

/** Leave no room: all of it goes into the file `filler`. */
export function fillUp(folder: string): void {
  const filler = openSync(join(folder, 'filler'), 'w');
  try {
    for (const bytes of [4_096, 1]) for (;;) if (!tryWrite(filler, bytes)) break;
  } finally {
    closeSync(filler);
  }
}

function tryWrite(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) > 0;
  } catch {
    return false;
  }
}
