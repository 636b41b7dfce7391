import type { KillTarget } from '../monitor-types';
import { markOf } from '../observe/belonging';
import type { Self } from '../observe/off-limits';
import { findClaimed } from '../observe/process-claim';
import { byFile, filesHeld } from '../observe/process-holder';
import type { ProcessFact, ProcessTable } from '../ports';

/** Tells which other workers a process belongs to. Looks only at processes it is asked about. */
export interface Ownership {
  /** Other workers that name this process and verify for it, or name none and have a file held open for writing by it. */
  servedBy(fact: ProcessFact): KillTarget[];
  /** The other worker a process was marked with by whoever started it; null where its parent has the same mark. */
  markedFor(fact: ProcessFact): KillTarget | null;
}

/** Ownership among `others`: all known workers but the one to be ended. */
export function createOwnership(table: ProcessTable, self: Self, others: readonly KillTarget[]): Ownership {
  const claimants = new Map<number, KillTarget[]>();
  for (const other of others) {
    const pid = other.claim?.pid;
    if (pid !== undefined) claimants.set(pid, [...(claimants.get(pid) ?? []), other]);
  }
  const owners = byFile(others);
  const byPath = new Map(others.map((other) => [other.path, other]));
  const verifiedPids = new Map<KillTarget, number | null>();

  function verifiedPid(other: KillTarget): number | null {
    const known = verifiedPids.get(other);
    if (known !== undefined) return known;
    const pid = findClaimed(table, self, other).identity?.pid ?? null;
    verifiedPids.set(other, pid);
    return pid;
  }

  return {
    servedBy(fact) {
      const claiming = (claimants.get(fact.pid) ?? []).filter((other) => verifiedPid(other) === fact.pid);
      const holding = [...filesHeld(table, fact.pid, owners).keys()].filter((other) => verifiedPid(other) === null);
      return [...new Set([...claiming, ...holding])];
    },
    markedFor(fact) {
      const mark = markOf(table, fact.pid);
      const other = mark === null ? undefined : byPath.get(mark);
      if (!other || markOf(table, fact.ppid) === mark) return null;
      const own = verifiedPid(other);
      return own === null || own === fact.pid ? other : null;
    },
  };
}
