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

const { chmodSync, closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, statSync } = realFs;

/** Names a directory without needing the right to read it. Node knows no name for it; the value is Linux's own. */
const O_PATH = 0o10000000;
const OPEN_FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Directories held open on the way down; those above are found again through `..` and checked. */
const HELD_OPEN = 64;
const OWNER_RIGHTS = 0o700;

interface Level extends Identity {
  name: string;
  /** Null: let go, because the tree is deep. */
  fd: number | null;
}

/**
 * A descent by descriptors: every step is taken from an opened directory, never by a path from the top, so a directory
 * that is swapped for a link meanwhile leads nowhere. `root` must be a real path. `makeOurs`: directories of our own
 * user that lack the owner's rights get them.
 */
export function descendOnLinux(root: string, { makeOurs }: { makeOurs: boolean }): Descent {
  const rootFd = openRoot(root);
  const { dev, ino } = fstatSync(rootFd, { bigint: true });
  const mount = mountOf(rootFd);
  const levels: Level[] = [{ name: rawName(root), fd: rootFd, dev, ino }];

  const current = (): Level & { fd: number } => {
    const level = levels.at(-1);
    if (level?.fd == null) throw new Error('no directory is open');
    return level as Level & { fd: number };
  };
  const shown = (name: string) => shownName([...levels.map((level) => level.name), name].join('/'));

  function push(name: string, fd: number, found: Identity): void {
    levels.push({ name, fd, dev: found.dev, ino: found.ino });
    const far = levels[levels.length - 1 - HELD_OPEN];
    if (far === undefined || far === levels[0] || far.fd === null) return;
    closeSync(far.fd);
    far.fd = null;
  }

  function check(name: string, fd: number): Identity {
    const found = fstatSync(fd, { bigint: true });
    if (found.dev !== dev || mountOf(fd) !== mount) {
      throw new TreeProblem(`${shown(name)} belongs to another file system or mount: it is left alone.`);
    }
    const isOurs = found.uid === BigInt(process.geteuid?.() ?? -1);
    const mode = Number(found.mode) & 0o7777;
    if (makeOurs && isOurs && (mode & OWNER_RIGHTS) !== OWNER_RIGHTS) chmodSync(pathOf(fd), mode | OWNER_RIGHTS);
    return found;
  }

  return {
    entry: (name) => rawPath(`${pathOf(current().fd)}/${name}`),
    here: () => rawPath(pathOf(current().fd)),
    shown,
    enter(name) {
      let fd: number;
      try {
        fd = openSync(rawPath(`${pathOf(current().fd)}/${name}`), OPEN_FLAGS);
      } catch (error) {
        const code = errorCode(error);
        if (code === 'ENOENT') return 'gone';
        if (code === 'ENOTDIR' || code === 'ELOOP') return 'no_directory';
        throw problemOf(error, `${shown(name)} cannot be opened`);
      }
      try {
        push(name, fd, check(name, fd));
        return 'entered';
      } catch (error) {
        closeSync(fd);
        throw problemOf(error, `${shown(name)} cannot be opened`);
      }
    },
    leave() {
      const child = current();
      levels.pop();
      const parent = levels.at(-1);
      try {
        if (!parent) throw new Error('there is nothing above the root');
        const above = `${pathOf(child.fd)}/..`;
        const moved = () => new TreeProblem(`${shown(child.name)} was moved elsewhere meanwhile: it is left alone.`);
        if (!isSame(statSync(above, { bigint: true }), parent)) throw moved();
        if (parent.fd === null) {
          const fd = openSync(above, OPEN_FLAGS);
          parent.fd = fd;
          if (!isSame(fstatSync(fd, { bigint: true }), parent)) throw moved();
        }
        return child.name;
      } catch (error) {
        throw problemOf(error, `The way up from ${shown(child.name)} is lost`);
      } finally {
        closeSync(child.fd);
      }
    },
    close() {
      for (const { fd } of levels.splice(0)) if (fd !== null) closeSync(fd);
    },
  };
}

const pathOf = (fd: number) => `/proc/self/fd/${fd}`;

function openRoot(root: string): number {
  let fd: number;
  try {
    fd = openSync(root, OPEN_FLAGS);
  } catch (error) {
    throw problemOf(error, `${root} cannot be opened`);
  }
  const real = readlinkSync(pathOf(fd));
  if (real === root) return fd;
  closeSync(fd);
  throw new TreeProblem(`${root} is no real path: it leads to ${real}.`);
}

/** The mount a descriptor lies in: tells a bind mount apart, which has the same device. */
function mountOf(fd: number): string {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
  if (id === undefined) throw new TreeProblem('Linux does not tell which mount a directory lies in.');
  return id;
}
