import { type Overall, WORKER_STATES, type WorkerState } from '../../shared/model';

/** What decides the overall state: how many workers are in each state, and how many bad ones a person snoozed. */
export interface OverallInput {
  counts: Record<WorkerState, number>;
  /** Of these: how many of which it is not known how they are. */
  unknown: Record<WorkerState, number>;
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

/**
 * The overall state in one sentence, what needs a person first. It carries no ages: what shows it (a menu, a line that
 * is read out) changes only when something happened.
 */
export function sentenceOf(input: OverallInput): string {
  const total = sum(input.counts);
  if (total === 0) return 'No workers yet.';
  const unknown = sum(input.unknown);
  const known = statesOf(input, total);
  if (!unknown) return `${known}.`;
  return total === 1
    ? `${known}, as far as is known.`
    : `${known}; ${unknown} ${unknown === 1 ? 'is' : 'are'} unknown.`;
}

/** Those of whom nothing better is known count as what they were last. */
function statesOf({ counts, unknown, needPerson, isIdle }: OverallInput, total: number): string {
  const parts: string[] = [];
  const add = (count: number, one: string, many: string) => {
    if (count) parts.push(`${parts.length ? count : outOf(count, total)} ${count === 1 ? one : many}`);
  };
  add(counts.stalled, 'is stalled', 'are stalled');
  add(counts.dead, 'is dead', 'are dead');
  const bad = counts.stalled + counts.dead;
  const snoozed = bad - unknown.stalled - unknown.dead - needPerson;
  if (snoozed > 0) parts.push(`${parts.pop()} (${bad === 1 ? '' : `${snoozed} `}snoozed)`);
  add(counts.waiting, 'waits for you', 'wait for you');
  add(counts.busy, 'is busy', 'are busy');
  add(counts.starting, 'is starting', 'are starting');
  if (parts.length) return parts.join(', ');
  if (!isIdle) return 'No worker is busy, but the whole is not idle yet';
  add(counts.ready, 'is idle', 'are idle');
  add(counts.stopped, 'has stopped', 'have stopped');
  return parts.join(', ');
}

function sum(counts: Record<WorkerState, number>): number {
  return WORKER_STATES.reduce((total, state) => total + counts[state], 0);
}

function outOf(count: number, total: number): string {
  if (total === 1) return 'The worker';
  if (count < total) return `${count} of ${total} workers`;
  return total === 2 ? 'Both workers' : `All ${total} workers`;
}
