import type { Journal } from '../engine/journal';
import { createClock } from '../host/clock';
import { openJournal } from '../host/journal';
import { stateFolder } from '../host/state-folder';
import { eventName, type LoggedEvent } from '../shared/model';
import type { Context } from './command';

/** Read at a time. */
const PAGE = 500;

export interface Wanted {
  /** Behind this event; null: the newest. */
  after: number | null;
  /** At most so many; null: all behind `after`. */
  limit: number | null;
  /** By their names; null: all. */
  names: readonly string[] | null;
}

/** Events of the journal, oldest first; of the newest so many, or of those behind one. */
export function keptEvents(journal: Pick<Journal, 'eventsAfter' | 'latestEvents'>, wanted: Wanted): LoggedEvent[] {
  const { after, limit, names } = wanted;
  if (after === null && names === null && limit !== null) return journal.latestEvents(limit);
  const found: LoggedEvent[] = [];
  for (const event of allAfter(journal, after ?? 0)) {
    if (names && !names.includes(eventName(event))) continue;
    found.push(event);
    if (limit === null || found.length <= limit) continue;
    if (after === null) found.shift();
    else return found.slice(0, limit);
  }
  return found;
}

/** What the state folder keeps of events, and the newest event up to which nothing is missing. */
export function readKept(wanted: Wanted, context: Context): { kept: LoggedEvent[]; newest: number } {
  const journal = openJournal(stateFolder(context.environment), context, createClock());
  try {
    const newest = journal.latestEvents(1)[0]?.id ?? 0;
    return { kept: keptEvents(journal, wanted).filter(({ id }) => id <= newest), newest };
  } finally {
    journal.close();
  }
}

function* allAfter(journal: Pick<Journal, 'eventsAfter'>, after: number): Generator<LoggedEvent> {
  let last = after;
  for (;;) {
    const page = journal.eventsAfter(last, PAGE);
    yield* page;
    const newest = page.at(-1);
    if (!newest) return;
    last = newest.id;
  }
}
