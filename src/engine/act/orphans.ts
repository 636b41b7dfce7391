import { plural } from '../../shared/format';
import { livenessOf } from '../observe/address';
import { markOf } from '../observe/belonging';
import { hasEnded } from '../observe/kinship';
import { inRunSession } from '../observe/run-session';
import type { ProcessFact, ProcessTable } from '../ports';
import type { RunChange, RunRecord, RunRegistry } from '../run-registry';
import { claimOf } from '../sources/supervised-run/target';

export interface OrphanCheckOptions {
  runs: RunRegistry;
  table: ProcessTable;
  /** Orphaned by now and something of it lives: end it, where the settings say so. */
  onOrphan?(run: RunRecord): void;
}

/**
 * Bring the registry's open runs up to date with what lives. A run is touched only when its supervisor is provably gone
 * (pid and start time on this machine, in this boot and namespace; or another boot):
 *
 * - what is left of it lives: `orphaned`;
 * - nothing does: `failed`, for nobody knows how it ended (`killed` where its end had been asked for).
 *
 * What cannot be found out is left as it is. Returns the runs that changed; throws where the registry cannot be read.
 */
export async function checkOrphans({ runs, table, onOrphan }: OrphanCheckOptions): Promise<RunRecord[]> {
  const changed: RunRecord[] = [];
  for (const run of runs.list(['running', 'orphaned'])) {
    if (livenessOf(table, run.supervisor) !== 'gone') continue;
    const change = changeFor(run, whatLives(table, run));
    if (change) {
      // Its supervisor may have written the end in the very last moment: that stands.
      changed.push(await runs.change(run.id, (now) => (now.updatedAt === run.updatedAt ? change : null)));
    }
    if (change?.state === 'orphaned' || (!change && run.state === 'orphaned')) onOrphan?.(run);
  }
  return changed;
}

type Lives = { pids: number[] } | { unknown: true };

/** What of a run still lives: its first process, the members of its session, and whatever carries its mark. */
function whatLives(table: ProcessTable, run: RunRecord): Lives {
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

function changeFor(run: RunRecord, lives: Lives): RunChange | null {
  if ('unknown' in lives) return null;
  const gone = `its supervisor (pid ${run.supervisor.pid}) is gone`;
  const { pids } = lives;
  if (pids.length) {
    const reason = `${gone}, and ${plural(pids.length, 'process', 'processes')} of it went on (pid ${pids.slice(0, 5).join(', ')})`;
    return run.state === 'orphaned' ? null : { state: 'orphaned', reason };
  }
  if (run.endRequested !== null) return { state: 'killed', reason: run.endRequested };
  return { state: 'failed', reason: `${gone}: how it ended is not known` };
}
