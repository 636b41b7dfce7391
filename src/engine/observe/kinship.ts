import type { ProcessFact } from '../ports';

/** The processes of a listing by the pid of their parent. */
export function childrenByParent(listing: readonly ProcessFact[]): Map<number, ProcessFact[]> {
  const children = new Map<number, ProcessFact[]>();
  for (const fact of listing) {
    const siblings = children.get(fact.ppid);
    if (siblings) siblings.push(fact);
    else children.set(fact.ppid, [fact]);
  }
  return children;
}

/** The ancestors of a process, its parent first. Bears listings that are no tree, as read while processes moved. */
export function ancestorsOf(pid: number, byPid: ReadonlyMap<number, ProcessFact>): Set<number> {
  const above = new Set<number>();
  for (let at = byPid.get(pid)?.ppid ?? 0; at > 0 && !above.has(at); at = byPid.get(at)?.ppid ?? 0) above.add(at);
  return above;
}

/** Whether a process of a listing has ended and only waits to be reaped. */
export function hasEnded(fact: ProcessFact): boolean {
  return fact.stat === 'Z' || fact.stat === 'X';
}
