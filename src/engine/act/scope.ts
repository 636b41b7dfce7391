import type { KillTarget } from '../monitor-types';
import { whyOffLimits } from '../observe/off-limits';
import { findClaimed, type ProcessFinding } from '../observe/process-claim';
import { findHolders } from '../observe/process-holder';
import type { ProcessFact, ProcessTable } from '../ports';
import { createOwnership } from './ownership';
import { growTree, type Seed, type Sparing, type Tree } from './tree';

/** What may be ended when one worker is: its verified process and everything below it that is not another's. */
export interface Scope {
  root: Seed;
  /** Other workers the root process serves as well. */
  sharedWith: KillTarget[];
  /** The tree as of one listing. `known`: further processes found to belong; `knownGroups`: groups their leaders left. */
  grow(listing: readonly ProcessFact[], known?: readonly Seed[], knownGroups?: Iterable<number>): Tree;
  /** All processes as the scope was opened. */
  listing: readonly ProcessFact[];
  ownGroup: number;
}

/** Verify a worker's process afresh and find out what must be spared; or say why nothing of it may be ended. */
export function openScope(
  table: ProcessTable,
  target: KillTarget,
  targets: readonly KillTarget[],
): Scope | { refused: string } {
  const self = table.self();
  const others = targets.filter((other) => other.workerId !== target.workerId);
  const finding = target.claim
    ? findClaimed(table, self, target)
    : holderOf(findHolders(table, self, [target, ...others.filter((other) => !other.claim)]), target);
  const { identity } = finding;
  if (!identity) return { refused: `Nothing can be ended: ${finding.reason}.` };
  const listed = table.list();
  if (!listed.ok) return { refused: `Nothing can be ended: ${listed.reason}.` };
  const listing = listed.processes;
  const rootFact = listing.find(({ pid, startTime }) => pid === identity.pid && startTime === identity.startTime);
  // The id of a thread answers like a process but is in no listing; a signal to it would end its whole process.
  if (!rootFact) return { refused: `Nothing can be ended: ${identity.pid} is not listed as a process of its own.` };

  const ownership = createOwnership(table, self, others);
  const sharedWith = ownership.servedBy(rootFact);
  const ownGroup = listing.find(({ pid }) => pid === self.pid)?.pgid ?? 0;
  const judged = new Map<string, Sparing | null>();

  function judge(fact: ProcessFact): Sparing | null {
    const offLimits = whyOffLimits(table, self, fact);
    // Below another user's process (sudo, su) there may be processes of the worker's own again.
    if (offLimits) return { why: offLimits, below: fact.uid === self.uid };
    const owner = ownership.servedBy(fact).find((other) => !sharedWith.includes(other));
    if (owner) return { why: `it is the process of ${owner.workerName}`, below: true };
    const marked = ownership.markedFor(fact);
    if (marked && !sharedWith.includes(marked)) return { why: `it is marked as ${marked.workerName}'s`, below: true };
    return null;
  }

  /** Asked once for each process: looking into open files at every glance would be dear. */
  function spare(fact: ProcessFact): Sparing | null {
    const key = `${fact.pid} ${fact.startTime}`;
    let sparing = judged.get(key);
    if (sparing === undefined) {
      sparing = judge(fact);
      judged.set(key, sparing);
    }
    return sparing;
  }

  const root: Seed = { identity, why: finding.process?.why ?? '' };
  return {
    root,
    sharedWith,
    listing,
    ownGroup,
    grow: (facts, known = [], knownGroups = []) => growTree(facts, [root, ...known], { spare, ownGroup, knownGroups }),
  };
}

function holderOf(holders: Map<KillTarget, ProcessFinding>, target: KillTarget): ProcessFinding {
  const found = holders.get(target);
  if (!found) throw new Error(`no answer for ${target.workerId}`);
  return found;
}
