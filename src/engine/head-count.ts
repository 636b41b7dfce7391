import { isUnknown, WORKER_STATES, type WorkerState } from '../shared/model';
import type { Verdict } from './observe/verdict';

/** How many workers are in each state, kept along with the transitions so that nobody has to count. */
export class HeadCount {
  readonly states = noneOf();
  /** Of these: how many of which it is not known how they are. */
  readonly unknown = noneOf();

  /** A worker went from one verdict to another; null: it was not there before, or is not any more. */
  move(before: Verdict | null, after: Verdict | null): void {
    if (before) this.#add(before, -1);
    if (after) this.#add(after, 1);
  }

  #add(verdict: Verdict, change: 1 | -1): void {
    this.states[verdict.state] += change;
    if (isUnknown(verdict)) this.unknown[verdict.state] += change;
  }
}

function noneOf(): Record<WorkerState, number> {
  return Object.fromEntries(WORKER_STATES.map((state) => [state, 0])) as Record<WorkerState, number>;
}
