/**
 * The way down a directory tree, one directory at a time, from the root that holds it. Names are raw: one character a
 * byte (latin1), because a name need not be UTF-8.
 */
export interface Descent {
  /** How an entry of the directory we are in is reached now. */
  entry(name: string): Buffer;
  /** How the directory we are in is reached now, checked to be the one that was entered. */
  here(): Buffer;
  /**
   * Go down into a directory. `no_directory`: a link, a file, whatever does not go down. Throws a TreeProblem where a
   * mount or a file system begins, or where it cannot be opened.
   */
  enter(name: string): 'entered' | 'no_directory' | 'gone';
  /** Go up again. Returns the name of the directory that was left; throws where it was moved elsewhere meanwhile. */
  leave(): string;
  /** The path of an entry in words, for messages. */
  shown(name: string): string;
  close(): void;
}

/** What is in the way, as a sentence for a person. */
export class TreeProblem extends Error {}

/** One character a byte, as Descent takes names. */
export function rawName(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

/** A raw name or path as the system takes it. */
export function rawPath(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** A raw name in words: what is not UTF-8 shows as replacement marks. */
export function shownName(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

/** A failed system call in a sentence: `/w/a-1/file cannot be removed: permission denied (EACCES)`. */
export function problemOf(error: unknown, what: string): TreeProblem {
  if (error instanceof TreeProblem) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const why = REASONS[code];
  return new TreeProblem(`${what}: ${why ? `${why} (${code})` : message}`);
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EBUSY: 'it is in use, or something is mounted there',
  EROFS: 'its file system is read-only',
  ENOENT: 'it is not there any more',
  ENAMETOOLONG: 'its path is too long',
  EMFILE: 'too many files are open',
  EIO: 'the disk reports an error',
};

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** Two looks at the same directory: device and inode. */
export interface Identity {
  dev: bigint;
  ino: bigint;
}

export function isSame(a: Identity, b: Identity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
