import { harmless, plural } from '../../shared/format';
import type { ProcessFact, ProcessTable } from '../ports';
import { type Self, whyNoWorker } from './off-limits';
import { noProcess, type ProcessFinding, type ProcessSubject } from './process-claim';

export interface HolderFinding<Subject> extends ProcessFinding {
  /** All given workers whose files this process holds open for writing, this one included. */
  serves: Subject[];
}

interface Holder<Subject> {
  fact: ProcessFact;
  serves: Map<Subject, string>;
}

/**
 * For workers whose files name no pid: find the process that holds one of the worker's own files open for writing. One
 * pass over the open files of all our processes, so it is dear (some milliseconds a hundred processes): ask only when
 * it is needed, for all workers at once.
 *
 * Children inherit open files. Of several holders the one that serves the fewest workers counts, and of a parent and its
 * descendants the parent. Where two remain that are not related, neither is taken.
 */
export function findHolders<Subject extends ProcessSubject>(
  table: ProcessTable,
  self: Self,
  subjects: readonly Subject[],
): Map<Subject, HolderFinding<Subject>> {
  const none = (reason: string) => new Map(subjects.map((s) => [s, { ...noProcess(reason), serves: [] }]));
  if (!subjects.length) return new Map();
  const listing = table.list();
  if (!listing.ok) return none(listing.reason);

  const holders = collectHolders(table, self, listing.processes, byFile(subjects));
  const parents = new Map(listing.processes.map((fact) => [fact.pid, fact.ppid]));
  return new Map(subjects.map((subject) => [subject, choose(subject, holders.get(subject) ?? [], parents)]));
}

/** Which of the given workers' files a process holds open for writing: each worker with one such file. */
export function filesHeld<Subject>(
  table: ProcessTable,
  pid: number,
  owners: ReadonlyMap<string, readonly Subject[]>,
): Map<Subject, string> {
  const held = new Map<Subject, string>();
  for (const { path, writing } of table.openFiles(pid) ?? []) {
    if (writing) for (const subject of owners.get(path) ?? []) held.set(subject, path);
  }
  return held;
}

/** Workers by the path of each file of theirs. */
export function byFile<Subject extends ProcessSubject>(subjects: readonly Subject[]): Map<string, Subject[]> {
  const owners = new Map<string, Subject[]>();
  for (const subject of subjects) {
    for (const file of subject.files) owners.set(file, [...(owners.get(file) ?? []), subject]);
  }
  return owners;
}

function collectHolders<Subject>(
  table: ProcessTable,
  self: Self,
  processes: readonly ProcessFact[],
  owners: ReadonlyMap<string, readonly Subject[]>,
): Map<Subject, Holder<Subject>[]> {
  const holders = new Map<Subject, Holder<Subject>[]>();
  for (const fact of processes) {
    if (fact.stat === 'Z' || fact.uid !== self.uid) continue;
    const serves = filesHeld(table, fact.pid, owners);
    if (!serves.size || whyNoWorker(table, self, fact)) continue;
    for (const subject of serves.keys()) {
      holders.set(subject, [...(holders.get(subject) ?? []), { fact, serves }]);
    }
  }
  return holders;
}

function choose<Subject>(
  subject: Subject,
  holders: Holder<Subject>[],
  parents: ReadonlyMap<number, number>,
): HolderFinding<Subject> {
  const fewest = Math.min(...holders.map((holder) => holder.serves.size));
  const best = holders.filter((holder) => holder.serves.size === fewest);
  const pids = new Set(best.map((holder) => holder.fact.pid));
  const top = best.filter((holder) => !hasAncestorIn(holder.fact.pid, parents, pids));
  const [holder] = top;
  if (!holder) return { ...noProcess('no process is named, and none holds its files open for writing'), serves: [] };
  if (top.length > 1) {
    const named = top.map(({ fact }) => fact.pid).join(', ');
    return {
      ...noProcess(`no process is named, and several hold its files open for writing (${named}): none is taken`),
      serves: [],
    };
  }
  const { fact, serves } = holder;
  const file = harmless(serves.get(subject) ?? '');
  const others = serves.size - 1;
  const why = `it holds ${file} open for writing${others ? `, and files of ${plural(others, 'other worker', 'other workers')}` : ''}`;
  return {
    process: { pid: fact.pid, startedAt: fact.startedAt, from: 'open_file', verified: true, why },
    identity: { pid: fact.pid, startTime: fact.startTime },
    liveness: 'alive',
    reason: `process ${fact.pid} is verified: ${why}`,
    serves: [...serves.keys()],
  };
}

function hasAncestorIn(pid: number, parents: ReadonlyMap<number, number>, among: ReadonlySet<number>): boolean {
  const seen = new Set([pid]);
  for (let at = parents.get(pid) ?? 0; at > 0 && !seen.has(at); at = parents.get(at) ?? 0) {
    if (among.has(at)) return true;
    seen.add(at);
  }
  return false;
}
