import type { WorkerId, WorkerRow } from '../shared/model';
import type { Picture } from './pictures';

/**
 * Looks through pictures one after the other, and returns the workers that were at something when the engine that told of
 * them ended, and of which the next one has told nothing yet: it may watch other directories.
 */
export function createMissed(): (picture: Picture) => WorkerRow[] {
  let missed = new Map<WorkerId, WorkerRow>();
  let before: WorkerRow[] = [];
  return ({ snapshot: { workers }, delta }) => {
    if (delta === null) {
      for (const row of before) if (!isFinished(row)) missed.set(row.id, row);
    }
    const seen = new Set(workers.map(({ id }) => id));
    missed = new Map([...missed].filter(([id]) => !seen.has(id)));
    before = workers;
    return [...missed.values()];
  };
}

function isFinished({ state }: WorkerRow): boolean {
  return state === 'stopped' || state === 'ready';
}
