import type { Clock } from '../engine/ports';
import type { MonitorEvent, WorkerId } from '../shared/model';

/** After its end a worker is seen dead within this time. */
const SEEN_DEAD_MS = 10_000;
/** No ending takes longer: the longest kill grace, and some. */
const ENDING_MAX_MS = 15 * 60_000;

/** Workers that somebody, be it the policy, is ending or has just ended: their death is no news. */
export interface WantedEnds {
  event(event: MonitorEvent): void;
  has(id: WorkerId): boolean;
}

export function createWantedEnds(clock: Clock): WantedEnds {
  const untilMs = new Map<WorkerId, number>();
  return {
    event({ kind, workerId }) {
      if (workerId === null) return;
      if (kind === 'kill_intent') untilMs.set(workerId, clock.monotonicMs() + ENDING_MAX_MS);
      if (kind === 'kill_ended' || kind === 'kill_failed') untilMs.set(workerId, clock.monotonicMs() + SEEN_DEAD_MS);
      if (kind === 'left') untilMs.delete(workerId);
    },
    has: (id) => clock.monotonicMs() < (untilMs.get(id) ?? 0),
  };
}
