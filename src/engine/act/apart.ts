import { ancestorsOf } from '../observe/kinship';
import type { ProcessFact, ProcessIdentity } from '../ports';
import type { TreeMember } from './tree';

/** Remembers, through one ending, what is left alone with all below it, also once what it hung on to is not there any more. */
export interface Apart {
  has(fact: ProcessFact): boolean;
  /** As of one listing: what belongs to the worker, and the pids of what is left alone; all below the latter is noted. */
  note(members: readonly TreeMember[], left: Iterable<number>): void;
}

/** `byPid`: the processes of the last listing. */
export function createApart(byPid: () => ReadonlyMap<number, ProcessFact>): Apart {
  const apart = new Set<string>();
  /** What was found to belong, whatever is above it. */
  const ours = new Set<string>();

  function has(fact: ProcessFact): boolean {
    if (!apart.size) return false;
    const facts = byPid();
    for (const pid of [fact.pid, ...ancestorsOf(fact.pid, facts)]) {
      const key = keyOf(facts.get(pid) ?? fact);
      if (ours.has(key)) return false;
      if (apart.has(key)) return true;
    }
    return false;
  }

  return {
    has,
    note(members, left) {
      for (const { fact } of members) ours.add(keyOf(fact));
      for (const pid of left) {
        const fact = byPid().get(pid);
        if (!fact) continue;
        // Come by another way before the marks were known, it seemed to belong.
        ours.delete(keyOf(fact));
        apart.add(keyOf(fact));
      }
      if (apart.size) for (const fact of byPid().values()) if (has(fact)) apart.add(keyOf(fact));
    },
  };
}

/** A process for good, as a key. */
export function keyOf({ pid, startTime }: ProcessIdentity): string {
  return `${pid} ${startTime}`;
}
