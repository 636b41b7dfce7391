import { childrenByParent, hasEnded } from '../observe/kinship';
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
  /** It is verified: whether it is to be spared is not asked. */
  verified?: boolean;
}

export interface TreeMember {
  fact: ProcessFact;
  /** How many of its ancestors are members. */
  depth: number;
  why: string;
}

export interface Tree {
  /** Parents before children. Processes that have ended are not among them. */
  members: TreeMember[];
  spared: { fact: ProcessFact; why: string }[];
  /** Every pid that was come by: members, spared, what is below the spared, and the ended. */
  passed: ReadonlySet<number>;
  /** Those of them that are left alone with all below them, and all below them. */
  apart: ReadonlySet<number>;
}

/** Process groups and sessions, by the pid of whoever made them. */
export interface Led {
  groups: Iterable<number>;
  sessions: Iterable<number>;
}

export interface TreeRules {
  /** Called once for each process but verified seeds; null: it belongs to the tree. */
  spare(fact: ProcessFact): Sparing | null;
  /** Our own process group and session: nothing is taken from them for their sake. */
  own: { group: number; session: number };
  /** Above a verified process: not taken for a group's or session's sake. */
  isAbove(fact: ProcessFact): boolean;
  /** Led by a process of this tree that has ended meanwhile. */
  led?: Led;
}

/**
 * All processes that descend from the seeds, by one listing: children by parent pid, and members of a process group or
 * a session whose leader is in the tree, which keeps those whose parent has ended (only a leader's descendants can be in
 * its session).
 */
export function growTree(listing: readonly ProcessFact[], seeds: readonly Seed[], rules: TreeRules): Tree {
  const byPid = new Map(listing.map((fact) => [fact.pid, fact]));
  const children = childrenByParent(listing);
  const members: TreeMember[] = [];
  const spared: Tree['spared'] = [];
  const passed = new Set<number>();
  const apart = new Set<number>();

  function descend(start: ProcessFact, why: string, isVerified: boolean): void {
    const pending = [{ fact: start, why, below: false }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { fact } = next;
      if (passed.has(fact.pid)) continue;
      passed.add(fact.pid);
      const sparing = next.below || (isVerified && fact === start) ? null : rules.spare(fact);
      if (sparing) spared.push({ fact, why: sparing.why });
      else if (!next.below && !hasEnded(fact)) members.push({ fact, depth: 0, why: next.why });
      const below = next.below || sparing?.below === true;
      if (below) apart.add(fact.pid);
      const childWhy = `started by process ${fact.pid}`;
      const started = (children.get(fact.pid) ?? []).toReversed();
      for (const child of started) pending.push({ fact: child, why: childWhy, below });
    }
  }

  for (const { identity, why, verified } of seeds) {
    const fact = byPid.get(identity.pid);
    if (fact?.startTime !== identity.startTime) continue;
    descend(fact, why, verified === true);
  }
  for (let grown = true; grown; ) {
    const before = passed.size;
    const { groups, sessions } = ledBy(members, rules);
    const joins = (fact: ProcessFact) =>
      (groups.has(fact.pgid) || sessions.has(fact.sessionId)) && !passed.has(fact.pid) && !rules.isAbove(fact);
    for (const fact of listing) {
      if (!joins(fact)) continue;
      const top = topmost(fact, byPid, joins);
      const why = groups.has(top.pgid) ? `process group of process ${top.pgid}` : `session of process ${top.sessionId}`;
      descend(top, `in the ${why}`, false);
    }
    grown = passed.size > before;
  }
  return { members: parentsFirst(members), spared, passed, apart };
}

/** Process groups and sessions whose leader is in the tree, ours excepted. */
function ledBy(members: readonly TreeMember[], { own, led }: TreeRules) {
  const groups = new Set(led?.groups);
  const sessions = new Set(led?.sessions);
  for (const { fact } of members) {
    if (fact.pid === fact.pgid) groups.add(fact.pid);
    if (fact.pid === fact.sessionId) sessions.add(fact.pid);
  }
  groups.delete(own.group);
  sessions.delete(own.session);
  return { groups, sessions };
}

/** The highest of a process's ancestors that join too, so that parents come first. */
function topmost(
  fact: ProcessFact,
  byPid: ReadonlyMap<number, ProcessFact>,
  joins: (fact: ProcessFact) => boolean,
): ProcessFact {
  const climbed = new Set<number>();
  let top = fact;
  for (let parent = byPid.get(top.ppid); parent && joins(parent) && !climbed.has(parent.pid); ) {
    climbed.add(parent.pid);
    top = parent;
    parent = byPid.get(top.ppid);
  }
  return top;
}

/** The same members with every parent before its children: a later seed may be above an earlier one. */
function parentsFirst(members: readonly TreeMember[]): TreeMember[] {
  const byPid = new Map(members.map((member) => [member.fact.pid, member]));
  const ordered = new Map<number, TreeMember>();
  for (const member of members) {
    const line: TreeMember[] = [];
    const climbed = new Set<number>();
    for (let at: TreeMember | undefined = member; at && !climbed.has(at.fact.pid); at = byPid.get(at.fact.ppid)) {
      if (ordered.has(at.fact.pid)) break;
      climbed.add(at.fact.pid);
      line.push(at);
    }
    for (const next of line.toReversed()) {
      const parent = ordered.get(next.fact.ppid);
      ordered.set(next.fact.pid, { ...next, depth: parent ? parent.depth + 1 : 0 });
    }
  }
  return [...ordered.values()];
}
