import { harmless } from '../shared/format';
import type { WorkerRow } from '../shared/model';

/** The worker that a word names: by its id, or by its name where one alone has it. Throws with the candidates. */
export function findWorker(workers: WorkerRow[], word: string): WorkerRow {
  const byId = workers.find(({ id }) => id === word);
  if (byId) return byId;
  const named = workers.filter(({ name }) => name === word);
  const [only] = named;
  if (only && named.length === 1) return only;
  if (only) throw new Error(`${named.length} workers are called ${harmless(word)}; give one's id:\n${listed(named)}`);
  throw new Error(
    workers.length
      ? `no worker has the id or the name ${harmless(word)}; known are:\n${listed(workers)}`
      : `no worker has the id or the name ${harmless(word)}: there is none at all where idlewatch looks`,
  );
}

const SHOWN = 20;

function listed(workers: WorkerRow[]): string {
  const lines = workers
    .slice(0, SHOWN)
    .map(({ id, name, state }) => `  ${harmless(id, 5_000)}  ${harmless(name)}, ${state}`);
  const more = workers.length - SHOWN;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
