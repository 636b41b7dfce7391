import { WORKER_STATES, type WorkerState } from '../shared/model';
import type { Verdict } from './observe/watchdog';

/** How many workers are in each state, kept along with the transitions so that nobody has to count. */
export class HeadCount {
  readonly states = Object.fromEntries(WORKER_STATES.map((state) => [state, 0])) as Record<WorkerState, number>;

  /** A worker went from one verdict to another; null: it was not there before, or is not any more. */
  move(before: Verdict | null, after: Verdict | null): void {
    if (before) this.states[before.state] -= 1;
    if (after) this.states[after.state] += 1;
  }
}
