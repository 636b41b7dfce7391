import type { ProcessFact } from '../ports';
import type { Led } from './tree';

/** Remembers process groups and sessions beyond the end of their leaders. */
export interface LedOnes extends Led {
  /** A process of the tree, while it can be seen. */
  note(fact: ProcessFact): void;
  /** Once a group or session is empty its number may be given to a stranger, who must not be taken for a member. */
  forgetEmptied(listing: readonly ProcessFact[]): void;
}

export function createLed(own: { group: number; session: number }): LedOnes {
  /** Start times of the leaders. */
  const groups = new Map<number, string>();
  const sessions = new Map<number, string>();

  function forget(led: Map<number, string>, listing: readonly ProcessFact[], present: ReadonlySet<number>): void {
    for (const [leader, startTime] of led) {
      const isLedByAnother = listing.some((fact) => fact.pid === leader && fact.startTime !== startTime);
      if (isLedByAnother || !present.has(leader)) led.delete(leader);
    }
  }

  return {
    groups: { [Symbol.iterator]: () => groups.keys() },
    sessions: { [Symbol.iterator]: () => sessions.keys() },
    note({ pid, pgid, sessionId, startTime }) {
      if (pgid === pid && pid !== own.group) groups.set(pid, startTime);
      if (sessionId === pid && pid !== own.session) sessions.set(pid, startTime);
    },
    forgetEmptied(listing) {
      forget(groups, listing, new Set(listing.map(({ pgid }) => pgid)));
      forget(sessions, listing, new Set(listing.map(({ sessionId }) => sessionId)));
    },
  };
}
