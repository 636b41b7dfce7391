import { sep } from 'node:path';
import {
  type Descent,
  errorCode,
  type Identity,
  isSame,
  problemOf,
  rawName,
  rawPath,
  shownName,
  TreeProblem,
} from './descent';
import { realFs } from './real-fs';

const { chmodSync, lstatSync, realpathSync } = realFs;

const OWNER_RIGHTS = 0o700;

interface Level extends Identity {
  name: string;
  path: string;
}

/**
 * A descent by paths, for systems where nothing better can be had from Node: every directory is looked at (`lstat`)
 * before it is entered and again before it is read and left. Between a look and what follows a moment remains in which
 * another program could swap a directory for a link.
 */
export function descendByPath(root: string, { makeOurs }: { makeOurs: boolean }): Descent {
  const real = realPathOf(root);
  if (real !== root) throw new TreeProblem(`${root} is no real path: it leads to ${real}.`);
  const { dev, ino } = lstatSync(root, { bigint: true });
  const levels: Level[] = [{ name: rawName(root), path: rawName(root), dev, ino }];

  const current = (): Level => {
    const level = levels.at(-1);
    if (!level) throw new Error('no directory is open');
    return level;
  };
  const pathTo = (name: string) => `${current().path}${sep}${name}`;

  function check(level: Level): void {
    try {
      const found = lstatSync(rawPath(level.path), { bigint: true });
      if (found.isDirectory() && isSame(found, level)) return;
    } catch (error) {
      throw problemOf(error, `${shownName(level.path)} cannot be read`);
    }
    throw new TreeProblem(`${shownName(level.path)} is another one than before: it is left alone.`);
  }

  function look(name: string) {
    try {
      return lstatSync(rawPath(pathTo(name)), { bigint: true });
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw problemOf(error, `${shownName(pathTo(name))} cannot be read`);
    }
  }

  return {
    entry: (name) => rawPath(pathTo(name)),
    here() {
      check(current());
      return rawPath(current().path);
    },
    shown: (name) => shownName(pathTo(name)),
    enter(name) {
      const found = look(name);
      if (!found) return 'gone';
      if (!found.isDirectory()) return 'no_directory';
      const path = pathTo(name);
      if (found.dev !== dev) {
        throw new TreeProblem(`${shownName(path)} belongs to another file system: it is left alone.`);
      }
      const mode = Number(found.mode) & 0o7777;
      const isOurs = found.uid === BigInt(process.geteuid?.() ?? -1);
      if (makeOurs && isOurs && (mode & OWNER_RIGHTS) !== OWNER_RIGHTS) chmodSync(rawPath(path), mode | OWNER_RIGHTS);
      levels.push({ name, path, dev: found.dev, ino: found.ino });
      return 'entered';
    },
    leave() {
      const child = current();
      check(child);
      levels.pop();
      check(current());
      return child.name;
    },
    close() {
      levels.length = 0;
    },
  };
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    throw problemOf(error, `${path} cannot be opened`);
  }
}
