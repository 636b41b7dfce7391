import type { Clock } from '../engine/ports';
import type { KillReceipt, LoggedEvent, WorkerId } from '../shared/model';

/** After its end a worker is seen dead within this time. */
const SEEN_DEAD_MS = 10_000;
/** No ending takes longer: the longest kill grace, and some. */
const ENDING_MAX_MS = 15 * 60_000;

/**
 * Workers that somebody, be it the policy, is ending or has just ended: their death is no news. That a run is over its
 * time limit is: nobody sits there and ends it.
 */
export interface WantedEnds {
  event(event: LoggedEvent): void;
  has(id: WorkerId): boolean;
}

export function createWantedEnds(clock: Clock): WantedEnds {
  const untilMs = new Map<WorkerId, number>();
  return {
    event({ kind, workerId, at, data }) {
      if (workerId === null || askedBy(data) === 'supervisor') return;
      // What another program did before idlewatch was started is told late.
      const atMs = clock.monotonicMs() - Math.max(0, clock.wallMs() - at);
      if (kind === 'kill_intent') untilMs.set(workerId, atMs + ENDING_MAX_MS);
      if (kind === 'kill_ended' || kind === 'kill_failed') untilMs.set(workerId, atMs + SEEN_DEAD_MS);
      if (kind === 'left') untilMs.delete(workerId);
    },
    has: (id) => clock.monotonicMs() < (untilMs.get(id) ?? 0),
  };
}

function askedBy(data: unknown): unknown {
  return (data as Partial<KillReceipt> | undefined)?.askedBy;
}
