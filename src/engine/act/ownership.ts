import type { KillTarget } from '../monitor-types';
import { hasOwnDirectory } from '../observe/belonging';
import type { MarkReader } from '../observe/marked';
import type { Self } from '../observe/off-limits';
import { findClaimed } from '../observe/process-claim';
import { byFile, filesHeld } from '../observe/process-holder';
import type { ProcessFact, ProcessTable } from '../ports';

/** Tells which other workers a process belongs to. Looks only at processes it is asked about. */
export interface Ownership {
  /**
   * Other workers that name this process and verify for it, in whose tmux session it is the first of a pane, or that name
   * none and have a file held open for writing by it.
   */
  servedBy(fact: ProcessFact): KillTarget[];
  /** The other worker whose verified process leads the group or session this one is in, where the leader has `mark` too. */
  ledFor(fact: ProcessFact, mark: string): KillTarget | null;
  /** The other worker a process was marked with by whoever started it; null where its parent has the same mark. */
  markedFor(fact: ProcessFact): KillTarget | null;
}

export interface OwnershipOptions {
  /** All known workers but the one to be ended. */
  others: readonly KillTarget[];
  /** A process by its pid, as of the last listing. */
  factOf(pid: number): ProcessFact | undefined;
  marks: MarkReader;
}

export function createOwnership(
  table: ProcessTable,
  self: Self,
  { others, factOf, marks }: OwnershipOptions,
): Ownership {
  const claimants = new Map<number, KillTarget[]>();
  const panes = new Map<number, KillTarget[]>();
  const note = (map: Map<number, KillTarget[]>, pid: number, other: KillTarget) =>
    map.set(pid, [...(map.get(pid) ?? []), other]);
  for (const other of others) {
    if (other.claim) note(claimants, other.claim.pid, other);
    for (const pid of other.session?.panePids ?? []) note(panes, pid, other);
  }
  const owners = byFile(others);
  const byPath = new Map(others.filter(({ source }) => hasOwnDirectory(source)).map((other) => [other.path, other]));
  const verifiedPids = new Map<KillTarget, number | null>();

  function verifiedPid(other: KillTarget): number | null {
    const known = verifiedPids.get(other);
    if (known !== undefined) return known;
    const pid = findClaimed(table, self, other).identity?.pid ?? null;
    verifiedPids.set(other, pid);
    return pid;
  }

  function verifiedFor(pid: number): KillTarget[] {
    return (claimants.get(pid) ?? []).filter((other) => verifiedPid(other) === pid);
  }

  return {
    servedBy(fact) {
      const paned = (panes.get(fact.pid) ?? []).filter((other) => other.session?.serverPid === fact.ppid);
      const holding = [...filesHeld(table, fact.pid, owners).keys()].filter((other) => verifiedPid(other) === null);
      return [...new Set([...verifiedFor(fact.pid), ...paned, ...holding])];
    },
    ledFor(fact, mark) {
      for (const pid of new Set([fact.sessionId, fact.pgid])) {
        const leader = factOf(pid);
        if (leader?.pgid !== pid || marks.markOf(leader) !== mark) continue;
        const [other] = verifiedFor(pid);
        if (other) return other;
      }
      return null;
    },
    markedFor(fact) {
      const mark = marks.markOf(fact);
      const other = mark === null ? undefined : byPath.get(mark);
      if (!other) return null;
      const parent = factOf(fact.ppid);
      return parent && marks.markOf(parent) === mark ? null : other;
    },
  };
}
