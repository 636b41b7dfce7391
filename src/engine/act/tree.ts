import type { ProcessFact, ProcessIdentity } from '../ports';

/** Why a process is left alone. `below`: so is everything it started. */
export interface Sparing {
  why: string;
  below: boolean;
}

/** A process to begin from. */
export interface Seed {
  identity: ProcessIdentity;
  why: string;
}

export interface TreeMember {
  fact: ProcessFact;
  /** 0 for the root. */
  depth: number;
  why: string;
}

export interface Tree {
  /** Parents before children. Processes that have ended are not among them. */
  members: TreeMember[];
  spared: { fact: ProcessFact; why: string }[];
}

export interface TreeRules {
  /** Called once for each process but the first seed's; null: it belongs to the tree. */
  spare(fact: ProcessFact): Sparing | null;
  /** Our own process group: nothing is taken from it for the group's sake. */
  ownGroup: number;
  /** Groups led by a process of this tree that has ended meanwhile. */
  knownGroups?: Iterable<number>;
}

/**
 * All processes that descend from the seeds, by one listing: children by parent pid, and members of a process group
 * whose leader is in the tree, which keeps those whose parent has ended. Group members above the root stay out.
 */
export function growTree(listing: readonly ProcessFact[], seeds: readonly Seed[], rules: TreeRules): Tree {
  const byPid = new Map(listing.map((fact) => [fact.pid, fact]));
  const children = childrenByParent(listing);
  const tree: Tree = { members: [], spared: [] };
  const seen = new Set<number>();

  function descend(start: ProcessFact, depth: number, why: string, spare: TreeRules['spare']): void {
    const pending: { fact: ProcessFact; depth: number; why: string; below: boolean }[] = [
      { fact: start, depth, why, below: false },
    ];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { fact } = next;
      if (seen.has(fact.pid)) continue;
      seen.add(fact.pid);
      const sparing = next.below ? null : fact === start ? spare(fact) : rules.spare(fact);
      if (sparing) tree.spared.push({ fact, why: sparing.why });
      else if (!next.below && !hasEnded(fact)) tree.members.push({ fact, depth: next.depth, why: next.why });
      const below = next.below || sparing?.below === true;
      const childWhy = `started by process ${fact.pid}`;
      const started = (children.get(fact.pid) ?? []).toReversed();
      for (const child of started) pending.push({ fact: child, depth: next.depth + 1, why: childWhy, below });
    }
  }

  seeds.forEach(({ identity, why }, index) => {
    const fact = byPid.get(identity.pid);
    if (fact?.startTime === identity.startTime) {
      descend(fact, index === 0 ? 0 : 1, why, index === 0 ? () => null : rules.spare);
    }
  });
  const above = ancestorsOf(seeds[0]?.identity.pid ?? 0, byPid);
  for (let grown = true; grown; ) {
    const before = seen.size;
    const groups = ledGroups(tree.members, rules);
    const joins = ({ pid, pgid }: ProcessFact) => groups.has(pgid) && !seen.has(pid) && !above.has(pid);
    for (const fact of listing) {
      if (!joins(fact)) continue;
      const top = topmost(fact, byPid, joins);
      descend(top, 1, `in the process group of process ${top.pgid}`, rules.spare);
    }
    grown = seen.size > before;
  }
  return tree;
}

/** Process groups whose leader is in the tree, ours excepted. */
export function ledGroups(members: readonly TreeMember[], rules: Pick<TreeRules, 'ownGroup' | 'knownGroups'>) {
  const led = members.map(({ fact }) => fact).filter(({ pid, pgid }) => pid === pgid);
  const groups = new Set([...(rules.knownGroups ?? []), ...led.map(({ pid }) => pid)]);
  groups.delete(rules.ownGroup);
  return groups;
}

/** The highest of a process's ancestors that join too, so that parents come first. */
function topmost(
  fact: ProcessFact,
  byPid: ReadonlyMap<number, ProcessFact>,
  joins: (fact: ProcessFact) => boolean,
): ProcessFact {
  const passed = new Set<number>();
  let top = fact;
  for (let parent = byPid.get(top.ppid); parent && joins(parent) && !passed.has(parent.pid); ) {
    passed.add(parent.pid);
    top = parent;
    parent = byPid.get(top.ppid);
  }
  return top;
}

function childrenByParent(listing: readonly ProcessFact[]): Map<number, ProcessFact[]> {
  const children = new Map<number, ProcessFact[]>();
  for (const fact of listing) {
    const siblings = children.get(fact.ppid);
    if (siblings) siblings.push(fact);
    else children.set(fact.ppid, [fact]);
  }
  return children;
}

function ancestorsOf(pid: number, byPid: ReadonlyMap<number, ProcessFact>): Set<number> {
  const above = new Set<number>();
  for (let at = byPid.get(pid)?.ppid ?? 0; at > 0 && !above.has(at); at = byPid.get(at)?.ppid ?? 0) above.add(at);
  return above;
}

function hasEnded(fact: ProcessFact): boolean {
  return fact.stat === 'Z' || fact.stat === 'X';
}
