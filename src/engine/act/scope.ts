import type { KillTarget } from '../monitor-types';
import { hasOwnDirectory } from '../observe/belonging';
import { ancestorsOf } from '../observe/kinship';
import { createMarkReader, findMarked } from '../observe/marked';
import { type Self, whyOffLimits, whySessionHost } from '../observe/off-limits';
import { findClaimed, type ProcessFinding } from '../observe/process-claim';
import { findHolders } from '../observe/process-holder';
import { inRunSession, membersOf } from '../observe/run-session';
import type { ProcessFact, ProcessIdentity, ProcessTable } from '../ports';
import { createApart, keyOf } from './apart';
import { createOwnership } from './ownership';
import { findPanes, whySessionStays } from './panes';
import { growTree, type Led, type Seed, type Sparing, type Tree } from './tree';

/** What may be ended when one worker is: all that is its own, and everything below it that is not another's. */
export interface Scope {
  /** Its verified process; null where only the mark, its session or an earlier plan tells what is left of it. */
  root: ProcessIdentity | null;
  /** Why no process is verified, in words. */
  reason: string;
  /** Other workers that would end too: its process serves them, or they run in its tmux session. */
  sharedWith: KillTarget[];
  /** The tree as of one listing. `known`: further processes found to belong; `led`: what leaders left that have ended. */
  grow(listing: readonly ProcessFact[], known?: readonly Seed[], led?: Led): Tree;
  /** Look at the marks of all processes anew from now on. */
  forgetMarks(): void;
  /** All processes as the scope was opened. */
  listing: readonly ProcessFact[];
  own: { group: number; session: number };
}

/** Find out afresh what is a worker's and what must be spared; or say why nothing of it may be ended. */
export function openScope(
  table: ProcessTable,
  target: KillTarget,
  targets: readonly KillTarget[],
): Scope | { refused: string } {
  const self = table.self();
  // What runs in it is a part of it: shown as one with it, and ended with it.
  const others = targets.filter(
    ({ workerId, within }) => workerId !== target.workerId && within?.id !== target.workerId,
  );
  const finding = findProcess(table, self, target, others);
  const refuse = (why: string) => ({ refused: `Nothing can be ended: ${why}.` });
  // What is its own and yet off limits is not to be got at by another way.
  if (!finding.identity && finding.liveness === 'alive') return refuse(finding.reason);
  const listed = table.list();
  if (!listed.ok) return refuse(listed.reason);
  const listing = listed.processes;
  let byPid = new Map(listing.map((fact) => [fact.pid, fact]));
  const rootFact = finding.identity ? (byPid.get(finding.identity.pid) ?? null) : null;
  // The id of a thread answers like a process but is in no listing; a signal to it would end its whole process.
  if (finding.identity && rootFact?.startTime !== finding.identity.startTime) {
    return refuse(`${finding.identity.pid} is not listed as a process of its own`);
  }
  const sessionStays = whySessionStays(self, target.session, byPid);
  if (sessionStays) return refuse(sessionStays);

  const marks = createMarkReader(table, listing);
  const factOf = (pid: number) => byPid.get(pid);
  const ownership = createOwnership(table, self, { others, factOf, marks });
  const rootMark = rootFact && marks.markOf(rootFact);
  const own = { group: byPid.get(self.pid)?.pgid ?? 0, session: byPid.get(self.pid)?.sessionId ?? 0 };
  const panes = findPanes(target, byPid);
  const sharedWith = findShared();
  const root: Seed[] =
    rootFact && finding.identity
      ? [{ identity: finding.identity, why: finding.process?.why ?? '', verified: true }]
      : [];
  const seeds = [...root, ...panes.map((identity) => ({ identity, why: 'it is the first process of a pane' }))];
  const judged = new Map<string, Sparing | null>();
  const aboveSeeds = new Set(
    seeds
      .flatMap(({ identity }) => [...ancestorsOf(identity.pid, byPid)].flatMap((pid) => byPid.get(pid) ?? []))
      .map(keyOf),
  );
  const apart = createApart(() => byPid);
  /** The session a run was started in is known to be its own yet. */
  let isRunSession = false;

  /** The other workers a process belongs to, whether or not they would end too. */
  function ownersOf(fact: ProcessFact): { owner: KillTarget; why: string }[] {
    const served = ownership
      .servedBy(fact)
      .map((owner) => ({ owner, why: `it is the process of ${owner.workerName}` }));
    const marked = marks.markOf(fact) === rootMark ? null : ownership.markedFor(fact);
    return marked ? [...served, { owner: marked, why: `it is marked as ${marked.workerName}'s` }] : served;
  }

  function findShared(): KillTarget[] {
    const terminals = new Set(panes.map(({ pid }) => pid));
    const hungUp = target.session ? listing.filter(({ sessionId }) => terminals.has(sessionId)) : [];
    const serving = rootFact ? ownership.servedBy(rootFact) : [];
    return [...new Set([...serving, ...hungUp.flatMap((fact) => ownersOf(fact).map(({ owner }) => owner))])];
  }

  function judge(fact: ProcessFact): Sparing | null {
    const offLimits = whyOffLimits(table, self, fact);
    // Below another user's process (sudo, su) there may be processes of the worker's own again.
    if (offLimits) return { why: offLimits, below: fact.uid === self.uid };
    const host = whySessionHost(fact);
    if (host && !isPrivate(fact)) return { why: host, below: true };
    const owned = ownersOf(fact).find(({ owner }) => !sharedWith.includes(owner));
    return owned ? { why: owned.why, below: true } : null;
  }

  /** A session bus that a program runs for itself stays below it, in its session; another one serves whoever comes. */
  function isPrivate(fact: ProcessFact): boolean {
    const above = ancestorsOf(fact.pid, byPid);
    return seeds.some(({ identity: { pid } }) => above.has(pid) && byPid.get(pid)?.sessionId === fact.sessionId);
  }

  /** Asked once for each process: looking into open files at every glance would be dear. */
  function spare(fact: ProcessFact): Sparing | null {
    const key = keyOf(fact);
    if (apart.has(fact) && !judged.get(key)) return { why: 'what started it is left alone', below: true };
    let sparing = judged.get(key);
    if (sparing === undefined) {
      sparing = judge(fact);
      judged.set(key, sparing);
    }
    return sparing;
  }

  function isAbove(fact: ProcessFact): boolean {
    return aboveSeeds.has(keyOf(fact));
  }

  function otherOwner(fact: ProcessFact): string | null {
    const owners = [...ownersOf(fact).map(({ owner }) => owner), ownership.ledFor(fact, target.path)];
    return owners.find((owner) => owner && !sharedWith.includes(owner))?.workerName ?? null;
  }

  function grow(facts: readonly ProcessFact[], known: readonly Seed[] = [], led?: Led): Tree {
    byPid = new Map(facts.map((fact) => [fact.pid, fact]));
    const firm = [...seeds, ...known];
    const tree = growTree(facts, firm, { spare, own, isAbove, led: withRun(facts, [], led) });
    apart.note(tree.members, tree.apart);
    if (!hasOwnDirectory(target.source)) return tree;
    const settled = new Map([...tree.passed].map((pid) => [pid, false]));
    for (const fact of facts) if (apart.has(fact)) settled.set(fact.pid, false);
    for (const { fact } of tree.members) settled.set(fact.pid, true);
    const { marked, spared } = findMarked(table, self, target.path, facts, { marks, otherOwner, settled });
    const left = spared.map(({ fact }) => fact.pid);
    apart.note([], left);
    if (!marked.length) return { ...tree, spared: [...tree.spared, ...spared] };
    const byMark = marked.map((identity) => ({ identity, why: 'it carries the mark of the worker' }));
    const whole = growTree(facts, [...firm, ...byMark], { spare, own, isAbove, led: withRun(facts, marked, led) });
    apart.note(whole.members, whole.apart);
    return { ...whole, spared: [...whole.spared, ...spared.filter(({ fact }) => !whole.passed.has(fact.pid))] };
  }

  /** The session its supervisor made is the run's, though its leader is gone: from the first proof until it is empty. */
  function withRun(facts: readonly ProcessFact[], marked: readonly ProcessFact[], led?: Led): Led | undefined {
    const { claim } = target;
    if (claim?.from !== 'supervisor') return led;
    const isIn = ({ sessionId }: ProcessFact) => sessionId === claim.pid;
    isRunSession ||= marked.some(isIn) || inRunSession(facts, claim).length > 0;
    isRunSession &&= membersOf(facts, claim).length > 0;
    return isRunSession ? { groups: led?.groups ?? [], sessions: [...(led?.sessions ?? []), claim.pid] } : led;
  }

  return {
    root: finding.identity,
    reason: finding.reason,
    sharedWith,
    grow,
    forgetMarks: () => marks.forget(),
    listing,
    own,
  };
}

function findProcess(table: ProcessTable, self: Self, target: KillTarget, others: KillTarget[]): ProcessFinding {
  if (target.claim) return findClaimed(table, self, target);
  const found = findHolders(table, self, [target, ...others.filter((other) => !other.claim)]).get(target);
  if (!found) throw new Error(`no answer for ${target.workerId}`);
  return found;
}
