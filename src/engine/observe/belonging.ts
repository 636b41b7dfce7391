import { harmless } from '../../shared/format';
import type { SourceKind } from '../../shared/model';
import type { ProcessTable } from '../ports';

/** A process that carries this variable with a worker's directory says whose it is. */
export const WORKER_DIRECTORY_MARK = 'IDLEWATCH_WORKER_DIR';

/** Why a marked process is the worker's. */
export const MARKED = `it carries ${WORKER_DIRECTORY_MARK} with the worker directory`;

/**
 * Whether workers of a kind have directories of their own, so that a mark which names one tells whose a process is. The
 * others only work somewhere, beside whoever else works there.
 */
export function hasOwnDirectory(source: SourceKind): boolean {
  return source === 'worker-directory' || source === 'workbench' || source === 'supervised-run';
}

export type Belonging = { belongs: true; why: string } | { belongs: false; why: string };

/**
 * Whether a process belongs to the worker in `directory` (a real path): it works there, carries the worker's mark, names
 * the directory or something in it on its command line, or holds a file open in it. Cheapest question first.
 *
 * Where the directory is one of `commonDirectories`, or one above, all that is true of every program: only the mark counts.
 */
export function belongsTo(
  table: ProcessTable,
  pid: number,
  directory: string,
  commonDirectories: readonly string[],
): Belonging {
  if (directory === '/' || commonDirectories.some((common) => isWithin(common, directory))) {
    return markOf(table, pid) === directory
      ? { belongs: true, why: MARKED }
      : {
          belongs: false,
          why: `programs of every kind work in ${harmless(directory)}: it says nothing about whose a process is`,
        };
  }
  const cwd = table.workingDirectory(pid);
  if (cwd !== null && isWithin(cwd, directory)) {
    return {
      belongs: true,
      why: cwd === directory ? 'it works in the worker directory' : `it works in ${harmless(cwd)}`,
    };
  }
  if (markOf(table, pid) === directory) {
    return { belongs: true, why: MARKED };
  }
  const args = table.commandArguments(pid);
  if (args?.some((argument) => namesDirectory(argument, directory))) {
    return { belongs: true, why: 'its command line names the worker directory' };
  }
  const files = table.openFiles(pid);
  const file = files?.find(({ path }) => isWithin(path, directory));
  if (file) return { belongs: true, why: `it holds ${harmless(file.path)} open` };
  if (cwd === null && files === null) {
    return { belongs: false, why: 'its working directory and open files cannot be read' };
  }
  return {
    belongs: false,
    why: `neither its working directory${cwd === null ? '' : ` (${harmless(cwd)})`}, its command line, its environment nor an open file points to the worker directory`,
  };
}

/** The directory a process is marked with, or null. */
export function markOf(table: ProcessTable, pid: number): string | null {
  const value = table.environmentValue(pid, WORKER_DIRECTORY_MARK);
  return value ? withoutSlashes(value) : null;
}

/** Whether `path` is `directory` or lies in it. Whole names count: /a/worker-10 does not lie in /a/worker-1. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/**
 * Whether one argument names `directory` or something in it: as a path (`/a/b/log`), as a value (`--dir=/a/b`), or as a
 * word of a script (`sh -c 'cd "/a/b" && …'`). An argument that is one path is compared as a whole, since a path may
 * hold spaces.
 */
export function namesDirectory(argument: string, directory: string): boolean {
  const value = /^--?[\w.-]+=(\/.*)$/s.exec(argument)?.[1] ?? argument;
  if (value.startsWith('/')) return isWithin(withoutSlashes(value), directory);
  for (let at = value.indexOf(directory); at !== -1; at = value.indexOf(directory, at + 1)) {
    if (standsAlone(value, at, directory.length)) return true;
  }
  return false;
}

function standsAlone(text: string, at: number, length: number): boolean {
  const before = text[at - 1] ?? ' ';
  const after = text[at + length] ?? ' ';
  if (after === '/') return /[\s"'`=:,;(<>|&]/.test(before);
  if (/["'`]/.test(before)) return after === before;
  return /[\s=:,;(<>|&]/.test(before) && /[\s,:;)<>|&"'`]/.test(after);
}

/** `/a//b/` is `/a/b`. */
function withoutSlashes(path: string): string {
  const single = path.replace(/\/{2,}/g, '/');
  return single.length > 1 ? single.replace(/\/$/, '') : single;
}
