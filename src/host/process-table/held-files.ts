import { type HeldFiles, LSOF_FIELDS, parseOpenFiles } from './lsof-output';
import { runProgram } from './run-program';

const TIMEOUT_MS = 5_000;
const KEPT_MS = 2_000;
/** So many are asked for one by one; beyond that all are asked for at once. */
const ONE_BY_ONE = 3;

/**
 * Who works where and holds what open, of this user's processes, as `lsof` tells; null where it does not. `lsof` takes
 * tens of milliseconds for one process and not many more for all, so answers serve for two seconds.
 */
export function createHeldFiles(lsof: string, uid: number): (pid: number) => HeldFiles | null {
  let known = new Map<number, HeldFiles | null>();
  let isComplete = false;
  let untilMs = 0;

  function ask(selection: string[]): Map<number, HeldFiles> {
    const answer = runProgram(lsof, ['-w', '-n', '-P', '-a', ...selection, LSOF_FIELDS], { timeoutMs: TIMEOUT_MS });
    return answer.ok ? parseOpenFiles(answer.output) : new Map();
  }

  return (pid) => {
    if (performance.now() >= untilMs) {
      known = new Map();
      isComplete = false;
      untilMs = performance.now() + KEPT_MS;
    }
    const before = known.get(pid);
    if (before !== undefined || isComplete) return before ?? null;
    if (known.size >= ONE_BY_ONE) {
      known = ask(['-u', String(uid), '-d', '^txt,^mem,^rtd']);
      isComplete = true;
      untilMs = performance.now() + KEPT_MS;
    } else known.set(pid, ask(['-p', String(pid), '-d', '^txt,^mem,^rtd']).get(pid) ?? null);
    return known.get(pid) ?? null;
  };
}
