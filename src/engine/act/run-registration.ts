import { livenessOf } from '../observe/address';
import type { ProcessTable } from '../ports';
import type { NewRun, RunRegistry } from '../run-registry';
import { mayLive } from './run-lives';

interface Registration {
  runs: RunRegistry;
  table: ProcessTable;
}

/** Write a run down as its registry promises it; throws where that cannot be done. */
export function register({ runs, table }: Registration, run: NewRun): ReturnType<RunRegistry['begin']> {
  return runs.begin(
    run,
    (address) => livenessOf(table, address),
    (other) => mayLive(table, other),
  );
}

/**
 * A registry may be put aside damaged, or removed, while a run lasts: then it is written down anew, without its key where
 * another has that by now. True where that was needed.
 */
export function registerIfLost({ runs, table }: Registration, run: NewRun): boolean {
  if (runs.get(run.id)) return false;
  if (!register({ runs, table }, run).ok) register({ runs, table }, { ...run, key: null });
  return true;
}
