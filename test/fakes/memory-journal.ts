import type { Journal } from '../../src/engine/journal';
import type { LoggedEvent } from '../../src/shared/model';

/** A journal that keeps events in memory, and nothing else. */
export interface MemoryJournal extends Journal {
  kept: LoggedEvent[];
  /** Reading fails from now on, with this sentence; null: it works. */
  failing: string | null;
  /** Tell of events, as a journal does once they are on the disk. */
  tell(events: LoggedEvent[]): void;
}

export function memoryJournal(): MemoryJournal {
  const listeners = new Set<(events: LoggedEvent[]) => void>();
  const journal: MemoryJournal = {
    kept: [],
    failing: null,
    lastEventId: () => journal.kept.at(-1)?.id ?? 0,
    event(event) {
      journal.kept.push(event);
      journal.tell([event]);
    },
    tell(events) {
      for (const listener of listeners) listener(events);
    },
    onKept(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    eventsAfter(id, limit) {
      if (journal.failing !== null) throw new Error(journal.failing);
      return journal.kept.filter((event) => event.id > id).slice(0, limit);
    },
    latestEvents: (limit) => journal.kept.slice(-limit),
    killsOfPlan: () => [],
    firstEventAt: () => null,
    figures: () => undefined,
    silence: () => undefined,
    status: () => ({ failing: null, waiting: 0 }),
    onStatus: () => () => undefined,
    points: () => [],
    silences: () => [],
    since: () => null,
    start: () => undefined,
    close: () => undefined,
  };
  return journal;
}
