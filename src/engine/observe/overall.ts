import { plural } from '../../shared/format';
import { type Overall, WORKER_STATES, type WorkerState } from '../../shared/model';

/** What decides the overall state: how many workers are in each state, and how many bad ones a person snoozed. */
export interface OverallInput {
  counts: Record<WorkerState, number>;
  /** Stalled and dead workers that nobody has snoozed. */
  needPerson: number;
  /** The idle manager says idle. */
  isIdle: boolean;
}

/** `stalled`: somebody needs a person; `idle`: nothing works and the idle manager agrees; else `busy`. */
export function overallOf({ counts, needPerson, isIdle }: OverallInput): Overall {
  if (needPerson > 0) return 'stalled';
  return counts.busy === 0 && counts.starting === 0 && isIdle ? 'idle' : 'busy';
}

/** The overall state in one sentence, what needs a person first. */
export function sentenceOf({ counts, isIdle }: OverallInput, why: string): string {
  const total = WORKER_STATES.reduce((sum, state) => sum + counts[state], 0);
  if (total === 0) return 'No workers yet.';
  const parts: string[] = [];
  const add = (count: number, one: string, many: string) => {
    if (!count) return;
    const of = parts.length ? String(count) : `${count} of ${plural(total, 'worker', 'workers')}`;
    parts.push(`${of} ${count === 1 ? one : many}`);
  };
  add(counts.stalled, 'is stalled', 'are stalled');
  add(counts.dead, 'is dead', 'are dead');
  add(counts.waiting, 'waits for you', 'wait for you');
  add(counts.busy, 'is busy', 'are busy');
  add(counts.starting, 'is starting', 'are starting');
  if (parts.length) return `${parts.join(', ')}.`;
  if (!isIdle) return `No worker is busy, but not idle yet: ${why}.`;
  const all = total === 1 ? 'The worker is' : `All ${total} workers are`;
  return `${all} idle.`;
}
