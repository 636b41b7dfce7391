import type { KnownEnds } from '../../engine/ports';
import type { WorkerId } from '../../shared/model';
import type { Database } from '../sqlite/database';
import { STATEMENTS } from './statements';

/** What was ended longer ago has been silent for so long that it counts as stopped anyway. */
const LOOK_BACK_MS = 2 * 3600_000;
/** No ending takes longer: the longest kill grace, and some. One without an outcome since then was cut short. */
const ENDING_MAX_MS = 15 * 60_000;
/** What was read a moment ago is not read again. */
const FRESH_MS = 500;

interface AuditRow {
  id: number;
  at: number;
  kind: string;
  plan_id: string | null;
  entry: string;
}

/** What the audit log tells of ends, read on from where it was read to. */
export function createKnownEnds({ read }: Pick<Database, 'read'>): KnownEnds {
  const endedAt = new Map<WorkerId, number>();
  const underWay = new Map<string, { workerId: WorkerId; at: number }>();
  let readTo = 0;
  let readMs = Number.NEGATIVE_INFINITY;

  function readOn(): void {
    const nowMs = performance.now();
    if (nowMs - readMs < FRESH_MS) return;
    readMs = nowMs;
    const about = { after: readTo, since: Date.now() - LOOK_BACK_MS };
    try {
      const rows: AuditRow[] = read((connection) => connection.statement(STATEMENTS.killsSince).all(about));
      for (const row of rows) take(row);
    } catch {
      // Whoever needs the registry itself tells of it. What cannot be read is not known.
    }
  }

  function take({ id, at, kind, plan_id, entry }: AuditRow): void {
    readTo = id;
    const planId = plan_id ?? '';
    if (kind === 'kill_intent') {
      const { workerId } = JSON.parse(entry) as { workerId: WorkerId };
      underWay.set(planId, { workerId, at });
      return;
    }
    underWay.delete(planId);
    const { workerId, ended } = (JSON.parse(entry) as { receipt: { workerId: WorkerId; ended: boolean } }).receipt;
    if (ended) endedAt.set(workerId, at);
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
