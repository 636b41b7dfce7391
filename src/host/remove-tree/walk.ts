import type { BigIntStats } from 'node:fs';
import { type Descent, errorCode, problemOf, TreeProblem } from './descent';
import { entriesOf } from './list';
import type { Pace } from './pace';
import { realFs } from './real-fs';

const { lstatSync, rmdirSync, unlinkSync } = realFs;
const { unlink } = realFs.promises;

/** Freeing the blocks of a larger file takes longer than a slice: that is left to a thread. */
const LARGE_FILE_BYTES = 64 * 1024 * 1024;
/** Subdirectories remembered of one directory; with more it is read again once these are gone. */
const NAMES_KEPT = 4096;
/** A directory that fills again so often while it is emptied is being written to. */
const REFILLS_MAX = 1000;

/** Bytes on the disk of the tree `name` below where the descent stands, itself included. Throws where it cannot tell. */
export async function measureTree(descent: Descent, name: string, pace: Pace): Promise<number> {
  const counted = new Set<string>();
  let bytes = 0;
  await walkTree(descent, name, pace, (entry) => {
    const found = lookAt(descent, entry);
    if (!found) return;
    if (found.nlink > 1n && !found.isDirectory()) {
      const key = `${found.dev}:${found.ino}`;
      if (counted.has(key)) return;
      counted.add(key);
    }
    // Windows does not tell of blocks.
    bytes += Number(found.blocks === undefined ? found.size : found.blocks * 512n);
  });
  return bytes;
}

/** Go through the tree `name` below where the descent stands, itself included, and come back. Throws at what is in the way. */
export async function walkTree(
  descent: Descent,
  name: string,
  pace: Pace,
  onEntry: (name: string) => void = () => undefined,
): Promise<void> {
  const levels: string[][] = [[name]];
  onEntry(name);
  for (let waiting = levels.at(-1); waiting; waiting = levels.at(-1)) {
    const next = waiting.pop();
    if (next === undefined) {
      levels.pop();
      if (levels.length) descent.leave();
    } else if (descent.enter(next) === 'entered') {
      const below: string[] = [];
      for (const entry of listing(descent)) {
        onEntry(entry.name);
        if (entry.isDirectory) below.push(entry.name);
        if (pace.due()) await pace.rest();
      }
      levels.push(below);
    }
    if (pace.due()) await pace.rest();
  }
}

interface Level {
  /** Subdirectories still to be removed. */
  waiting: string[];
  /** False: there may be more in it than is known. */
  read: boolean;
}

/** Remove the tree `name` below where the descent stands. Rejects with a TreeProblem at the first thing in the way. */
export async function removeTree(descent: Descent, name: string, pace: Pace): Promise<void> {
  let refills = 0;
  const levels: Level[] = [{ waiting: [name], read: true }];
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    if (pace.due()) await pace.rest();
    const next = level.waiting.pop();
    if (next !== undefined) {
      const entered = descent.enter(next);
      if (entered === 'entered') levels.push({ waiting: [], read: false });
      else if (levels.length === 1) throw new TreeProblem(`${descent.shown(next)} is no directory any more.`);
      else if (entered === 'no_directory') await removeFile(descent, next);
    } else if (!level.read) {
      await removeFiles(descent, level, pace);
    } else {
      levels.pop();
      const parent = levels.at(-1);
      if (!parent) return;
      const left = descent.leave();
      if (removeDirectory(descent, left)) continue;
      refills += 1;
      if (refills > REFILLS_MAX) throw new TreeProblem(`${descent.shown(left)} is being written to.`);
      parent.waiting.push(left);
    }
  }
}

/** All but the directories of the directory we are in. */
async function removeFiles(descent: Descent, level: Level, pace: Pace): Promise<void> {
  level.read = true;
  for (const { name, isDirectory } of listing(descent)) {
    if (pace.due()) await pace.rest();
    if (!isDirectory) {
      if (!(await removeFile(descent, name))) level.waiting.push(name);
    } else if (level.waiting.length < NAMES_KEPT) {
      level.waiting.push(name);
    } else {
      level.read = false;
      return;
    }
  }
}

/** False: it is a directory. */
async function removeFile(descent: Descent, name: string): Promise<boolean> {
  try {
    const path = descent.entry(name);
    const found = lstatSync(path);
    if (found.isDirectory()) return false;
    // Waiting lets others run, so it is done only where it must be.
    if (found.size > LARGE_FILE_BYTES) await unlink(path);
    else unlinkSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    if (errorCode(error) === 'EISDIR') return false;
    throw problemOf(error, `${descent.shown(name)} cannot be removed`);
  }
}

/** False: it is not empty, or another thing has taken its place. */
function removeDirectory(descent: Descent, name: string): boolean {
  try {
    rmdirSync(descent.entry(name));
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw problemOf(error, `${descent.shown(name)} cannot be removed`);
  }
}

function* listing(descent: Descent): ReturnType<typeof entriesOf> {
  try {
    yield* entriesOf(descent.here());
  } catch (error) {
    throw problemOf(error, `${descent.shown('')} cannot be read`);
  }
}

/** Null where the entry is gone: others may remove too. */
function lookAt(descent: Descent, name: string): BigIntStats | null {
  try {
    return lstatSync(descent.entry(name), { bigint: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw problemOf(error, `${descent.shown(name)} cannot be read`);
  }
}
