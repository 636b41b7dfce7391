import type { ProcessFact, ProcessTable } from '../ports';
import { MARKED, markOf } from './belonging';
import { ancestorsOf, childrenByParent, hasEnded } from './kinship';
import { type Self, whyNoWorker } from './off-limits';
import { noProcess, type ProcessFinding } from './process-claim';

/** Reads the mark of processes, each once: an environment is dear to read again at every glance. */
export interface MarkReader {
  /** The worker directory a process is marked with; null: with none that can be read. */
  markOf(fact: ProcessFact): string | null;
  /** From now on read all of them again: a program may take on a mark, or another one, when it becomes another (exec). */
  forget(): void;
}

export interface MarkedProcesses {
  /** Processes that are the worker's by their mark. */
  marked: ProcessFact[];
  /** Marked processes that may have inherited the mark for no reason, and are never the worker's for it. */
  spared: { fact: ProcessFact; why: string }[];
}

export interface MarkedOptions {
  marks?: MarkReader;
  /** The name of the other worker a process belongs to; null: to none that is known. */
  otherOwner?: (fact: ProcessFact) => string | null;
  /** What is known by other means than the mark, by pid: whether the process belongs to the worker. */
  settled?: ReadonlyMap<number, boolean>;
}

/** `firm`: processes that were there at the start, which need no second reading; others may be about to become a program. */
export function createMarkReader(table: ProcessTable, firm: readonly ProcessFact[] = []): MarkReader {
  const old = new Set(firm.map(keyOf));
  const known = new Map<string, string | null>();
  return {
    markOf(fact) {
      const key = keyOf(fact);
      const before = known.get(key);
      if (before !== undefined) return before;
      const mark = markOf(table, fact.pid);
      if (mark !== null || old.has(key)) known.set(key, mark);
      return mark;
    },
    forget: () => known.clear(),
  };
}

/**
 * All processes of this user that carry the mark of the worker in `path` (a real path), wherever they were moved since.
 *
 * A mark is inherited, so it proves less than a verified pid. Not taken, with all below them: programs on which a whole
 * session hangs, idlewatch and what it runs below, processes with another worker's process below them, and processes
 * below which an unmarked process has a session of its own, as below a multiplexer whose panes get a clean environment.
 */
export function findMarked(
  table: ProcessTable,
  self: Self,
  path: string,
  listing: readonly ProcessFact[],
  options: MarkedOptions = {},
): MarkedProcesses {
  const { marks = createMarkReader(table, listing), otherOwner = () => null, settled = new Map() } = options;
  const lives = (fact: ProcessFact) => fact.uid === self.uid && !hasEnded(fact);
  const isMarked = (fact: ProcessFact) => lives(fact) && marks.markOf(fact) === path;
  const candidates = listing.filter((fact) => !settled.has(fact.pid) && isMarked(fact));
  if (!candidates.length) return { marked: [], spared: [] };

  const byPid = new Map(listing.map((fact) => [fact.pid, fact]));
  const children = childrenByParent(listing);
  const reasons = new Map(candidates.map((fact) => [fact.pid, whyNot(fact)]));
  const found: MarkedProcesses = { marked: [], spared: [] };
  for (const fact of candidates) {
    if (isBelowSpared(fact)) continue;
    const why = reasons.get(fact.pid) ?? null;
    if (why === null) found.marked.push(fact);
    else found.spared.push({ fact, why });
  }
  return found;

  function whyNot(fact: ProcessFact): string | null {
    const forbidden = whyNoWorker(table, self, fact);
    if (forbidden) return forbidden;
    const owner = otherOwner(fact);
    if (owner !== null) return `it belongs to ${owner}`;
    for (const other of below(fact)) {
      if (settled.get(other.pid) === true || !lives(other)) continue;
      const theirs = otherOwner(other);
      if (theirs !== null) return `process ${other.pid} below it belongs to ${theirs}`;
      if (other.sessionId !== fact.sessionId && !isMarked(other)) {
        return `process ${other.pid} below it has a session of its own and no mark`;
      }
    }
    return null;
  }

  function* below(top: ProcessFact): Generator<ProcessFact> {
    const seen = new Set([top.pid]);
    const pending = [top.pid];
    for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
      for (const child of children.get(pid) ?? []) {
        if (seen.has(child.pid)) continue;
        seen.add(child.pid);
        pending.push(child.pid);
        yield child;
      }
    }
  }

  function isBelowSpared(fact: ProcessFact): boolean {
    for (const pid of ancestorsOf(fact.pid, byPid)) if (reasons.get(pid)) return true;
    return false;
  }
}

/** What the mark tells of a worker's process: of several the one that started first. */
export function findByMark(found: MarkedProcesses): ProcessFinding {
  const [first] = found.marked.toSorted((a, b) => a.startedAt - b.startedAt || a.pid - b.pid);
  if (!first) return noProcess('no process carries its mark');
  const { pid, startTime, startedAt } = first;
  return {
    process: { pid, startedAt, from: 'mark', verified: true, why: MARKED },
    identity: { pid, startTime },
    liveness: 'alive',
    reason: `process ${pid} is verified: ${MARKED}`,
  };
}

function keyOf({ pid, startTime }: ProcessFact): string {
  return `${pid} ${startTime}`;
}
