import { harmless } from '../../shared/format';
import type { WorkerRow } from '../../shared/model';

/**
 * What a person may type for each worker: its name where one alone has it, else its id; behind a tab what it does. Those
 * that have stopped come last. A name that cannot be typed is left out.
 */
export function workerWords(workers: readonly WorkerRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of workers) counts.set(name, (counts.get(name) ?? 0) + 1);
  return workers
    .toSorted((a, b) => Number(a.state === 'stopped') - Number(b.state === 'stopped') || a.name.localeCompare(b.name))
    .map(({ id, name, state }) => ({ word: counts.get(name) === 1 ? name : id, state }))
    .filter(({ word }) => word !== '' && !word.startsWith('-') && harmless(word, Number.POSITIVE_INFINITY) === word)
    .map(({ word, state }) => `${word}\t${state}`);
}
