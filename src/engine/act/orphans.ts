import { plural } from '../../shared/format';
import { livenessOf } from '../observe/address';
import type { ProcessTable } from '../ports';
import type { RunChange, RunRecord, RunRegistry } from '../run-registry';
import { type Lives, whatLives } from './run-lives';

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
    let now = run;
    if (change) {
      // Its supervisor may have written the end in the very last moment: that stands, and what it left running with it.
      now = await runs.change(run.id, (asFound) => (asFound.updatedAt === run.updatedAt ? change : null));
      if (now.state !== change.state) continue;
      changed.push(now);
    }
    if (now.state === 'orphaned') onOrphan?.(now);
  }
  return changed;
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
