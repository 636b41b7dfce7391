import { harmless } from '../shared/format';
import type { WorkerRow } from '../shared/model';

/**
 * The worker that a word names: by its id, a supervised run by the run's id too, or by its name where one alone has it.
 * Of several of one name those that have stopped do not count beside those that have not: a job that runs every hour
 * leaves many behind. Throws with the candidates.
 */
export function findWorker(workers: WorkerRow[], word: string): WorkerRow {
  const byId = workers.find(
    ({ id, source }) => id === word || (source === 'supervised-run' && id === `${source}:${word}`),
  );
  if (byId) return byId;
  const named = workers.filter(({ name }) => name === word);
  const open = named.filter((row) => !isOver(row));
  const [only, ...others] = open.length ? open : named;
  if (only && !others.length) return only;
  if (only) throw new Error(`${named.length} workers are called ${harmless(word)}; give one’s id:\n${listed(named)}`);
  throw new Error(
    workers.length
      ? `no worker has the id or the name ${harmless(word)}; known are:\n${listed(workers)}`
      : `no worker has the id or the name ${harmless(word)}: there is none at all where idlewatch looks`,
  );
}

/** It has stopped, and nothing of it is known to live. */
function isOver({ state, liveness }: WorkerRow): boolean {
  return state === 'stopped' && liveness !== 'alive';
}

const SHOWN = 20;

function listed(workers: WorkerRow[]): string {
  const lines = workers
    .toSorted((a, b) => Number(isOver(a)) - Number(isOver(b)))
    .slice(0, SHOWN)
    .map(({ id, name, state }) => `  ${harmless(id, 5_000)}  ${harmless(name)}, ${state}`);
  const more = workers.length - SHOWN;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
