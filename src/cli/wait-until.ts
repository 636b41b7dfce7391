import { harmless } from '../shared/format';
import type { Snapshot, WorkerId, WorkerRow } from '../shared/model';

/** What `idlewatch wait` waits for. */
export const UNTIL = ['idle', 'all-done'] as const;
export type Until = (typeof UNTIL)[number];

/** `needs_person`: nothing works any more, and it is not reached: only a person can go on. `why`: in words. */
export interface Standing {
  is: 'reached' | 'not_yet' | 'needs_person';
  why: string;
}

/**
 * How far a snapshot is from what is waited for. `ids`: these workers alone, where one that is gone is done; null: all, less
 * those that a person has snoozed.
 */
export function standing(snapshot: Snapshot, until: Until, ids: readonly WorkerId[] | null): Standing {
  const rows = snapshot.workers.filter((row) => (ids ? ids.includes(row.id) : !row.snoozed));
  const working = rows.filter(({ state }) => state === 'busy' || state === 'starting');
  const stuck = rows.filter((row) => isStuck(row, until));
  if (working.length) return { is: 'not_yet', why: listed(working) };
  if (stuck.length) return { is: 'needs_person', why: `nothing works any more, but ${listed(stuck)}` };
  if (until === 'idle' && snapshot.overall !== 'idle') return { is: 'not_yet', why: snapshot.idle.reason };
  return { is: 'reached', why: ids ? listedOf(rows) : snapshot.sentence };
}

/** Whoever waits for an answer is idle, but not done. */
function isStuck({ state }: WorkerRow, until: Until): boolean {
  return state === 'stalled' || state === 'dead' || (state === 'waiting' && until === 'all-done');
}

/** Of named workers alone: how the others are was not asked. */
function listedOf(rows: WorkerRow[]): string {
  return rows.length ? listed(rows) : 'no worker that was named is there any more';
}

const NAMED = 3;

function listed(rows: WorkerRow[]): string {
  const names = rows.slice(0, NAMED).map((row) => `${harmless(row.name)} is ${row.state}`);
  const more = rows.length - NAMED;
  return [...names, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
