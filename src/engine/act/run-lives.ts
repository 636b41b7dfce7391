import { livenessOf } from '../observe/address';
import { markOf } from '../observe/belonging';
import { hasEnded } from '../observe/kinship';
import { inRunSession } from '../observe/run-session';
import type { ProcessFact, ProcessTable } from '../ports';
import type { RunRecord } from '../run-registry';
import { claimOf } from '../sources/supervised-run/target';

export type Lives = { pids: number[] } | { unknown: true };

/** What of a run still lives: its first process, the members of its session, and whatever carries its mark. */
export function whatLives(table: ProcessTable, run: RunRecord): Lives {
  const { child } = run;
  const first = child === null ? 'gone' : livenessOf(table, child);
  if (first === 'unknown') return { unknown: true };
  const listing = table.list();
  if (!listing.ok) return { unknown: true };
  const { uid } = table.self();
  const claim = claimOf(run, table);
  const inSession = new Set(claim && inRunSession(listing.processes, claim));
  const isOurs = (fact: ProcessFact) =>
    (first === 'alive' && fact.pid === child?.pid) || inSession.has(fact) || markOf(table, fact.pid) === run.directory;
  const living = listing.processes.filter((fact) => fact.uid === uid && !hasEnded(fact));
  return { pids: living.filter(isOurs).map(({ pid }) => pid) };
}

/** Whether anything of a run may live: what cannot be found out counts. */
export function mayLive(table: ProcessTable, run: RunRecord): boolean {
  const lives = whatLives(table, run);
  return 'unknown' in lives || lives.pids.length > 0;
}
