import { harmless, plural } from '../shared/format';
import type { WorkerId, WorkerRow } from '../shared/model';

const MAX_NAMES = 5;
const MAX_NAME = 60;
const MAX_BODY = 200;

export interface Message {
  title: string;
  body: string;
  /** The worker that a click shows; null: only the window. */
  workerId: WorkerId | null;
}

/** What a person is told of, the most urgent first. */
export const SUBJECTS = ['trouble', 'waiting', 'finished'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** One worker that there is something to tell of. */
export interface Item {
  id: WorkerId;
  name: string;
  /** Whom it works for; itself, where it works for nobody. */
  family: { id: WorkerId; name: string };
  state: 'stalled' | 'dead' | 'waiting' | 'finished';
  /** Of work that has ended: whether it came to nothing. */
  failure: WorkerRow['failure'];
  /** The verdict in words. */
  text: string;
}

/** What is told of these, which are of one subject: one by name, several by their number. Sub-agents count as their parent. */
export function aboutWorkers(subject: Subject, items: readonly Item[]): Message {
  const families = new Map(items.map(({ family }) => [family.id, family]));
  const [first] = items;
  if (families.size === 1 && first) return aboutOne(subject, items, first);
  const names = [...families.values()].map(({ name }) => harmless(name, MAX_NAME));
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return {
    title: `${names.length} workers ${manyDo(subject, items)}`,
    body: names.slice(0, MAX_NAMES).join(', ') + more,
    workerId: first?.family.id ?? null,
  };
}

function aboutOne(subject: Subject, items: readonly Item[], first: Item): Message {
  const { family } = first;
  const shown = items.find(({ id }) => id === family.id) ?? items.at(-1) ?? first;
  const name = harmless(family.name, MAX_NAME);
  if (shown.id === family.id) {
    return { title: `${name} ${oneDoes(shown)}`, body: harmless(shown.text, MAX_BODY), workerId: shown.id };
  }
  const isOne = items.length === 1;
  const does = isOne ? `${harmless(shown.name, MAX_NAME)} ${oneDoes(shown)}` : '';
  return {
    title: isOne ? `${name}: ${does}` : `${name}: ${items.length} sub-agents ${manyDo(subject, items)}`,
    body: harmless(shown.text, MAX_BODY),
    workerId: shown.id,
  };
}

function oneDoes(item: Item): string {
  if (item.state === 'waiting') return 'waits for you';
  return item.state === 'finished' ? howItEnded(item) : `is ${item.state}`;
}

function manyDo(subject: Subject, items: readonly Item[]): string {
  if (subject === 'waiting') return 'wait for you';
  if (subject === 'finished') {
    return ['have finished', ...ofThem(items, 'failed'), ...ofThem(items, 'timed out')].join(', ');
  }
  return `are ${['stalled', 'dead'].filter((state) => items.some((item) => item.state === state)).join(' or ')}`;
}

function ofThem(items: readonly Item[], end: ReturnType<typeof howItEnded>): string[] {
  const count = items.filter((item) => howItEnded(item) === end).length;
  return count ? [`${count} of them ${end}`] : [];
}

/** That something else ended it is told in its words alone. */
function howItEnded({ failure, text }: Item): 'failed' | 'timed out' | 'was ended' | 'has finished' {
  if (failure !== null) return failure === 'timed_out' ? 'timed out' : 'failed';
  return /^(aborted|interrupted|(was |its server has )?ended)/i.test(text) ? 'was ended' : 'has finished';
}

export function aboutIdle(workers: number): Message {
  return {
    title: 'Everything is idle',
    body: `All work has ended: ${plural(workers, 'worker', 'workers')}.`,
    workerId: null,
  };
}
