import { isUnknown, WORKER_STATES, type WorkerRow, type WorkerState } from './model';

/** A worker's state in a word: of one that has stopped, whether it did as it should. */
export function stateWord({ state, failure }: Pick<WorkerRow, 'state' | 'failure'>): string {
  return failure?.replace('_', ' ') ?? state;
}

/** What a worker's sign tells: its state, that it has not stopped as it should, or that nothing better is known. */
export type Shown = WorkerState | 'failed' | 'unknown';

/** The most urgent first. */
export const SHOWN: readonly Shown[] = WORKER_STATES.flatMap((state) =>
  state === 'stopped' ? ['unknown', 'failed', state] : state,
);

/** What was asked of the person stays asked, though nothing can be read of the worker now. */
export function shownAs(row: Pick<WorkerRow, 'state' | 'health' | 'failure'>): Shown {
  if (row.failure) return 'failed';
  return isUnknown(row) && row.state !== 'waiting' ? 'unknown' : row.state;
}
