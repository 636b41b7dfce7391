import type { KnownEnds } from '../../engine/ports';
import type { WorkerId } from '../../shared/model';
import type { AuditedKill, KillReader } from './kill-reader';

/** What was ended longer ago has been silent for so long that it counts as stopped anyway. */
export const LOOK_BACK_MS = 2 * 3600_000;
/** No ending takes longer: the longest kill grace, and some. One without an outcome since then was cut short. */
const ENDING_MAX_MS = 15 * 60_000;
/** What was read a moment ago is not read again. */
const FRESH_MS = 500;

/** What the audit log tells of ends, read on from where it was read to. */
export function createKnownEnds(readKills: KillReader): KnownEnds {
  const endedAt = new Map<WorkerId, number>();
  const underWay = new Map<string, { workerId: WorkerId; at: number }>();
  let readMs = Number.NEGATIVE_INFINITY;

  function readOn(): void {
    const nowMs = performance.now();
    if (nowMs - readMs < FRESH_MS) return;
    readMs = nowMs;
    try {
      while (!readKills(take));
    } catch {
      // Whoever needs the registry itself tells of it. What cannot be read is not known.
    }
  }

  function take({ at, step, planId, read }: AuditedKill): void {
    const content = read();
    if (step === 'outcome') underWay.delete(planId);
    if (!content) return;
    if (step === 'intent') underWay.set(planId, { workerId: content.workerId, at });
    else if (content.ended) endedAt.set(content.workerId, at);
  }

  return {
    endedAt(id) {
      readOn();
      return endedAt.get(id) ?? null;
    },
    isUnderWay(id) {
      readOn();
      const since = Date.now() - ENDING_MAX_MS;
      return [...underWay.values()].some(({ workerId, at }) => workerId === id && at > since);
    },
  };
}
