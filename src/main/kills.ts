import { type Killer, PLANS_KEPT } from '../engine/act/kill';
import type { Clock } from '../engine/ports';
import type { KillAnswer } from '../shared/ipc';
import type { KillPlan, WorkerId } from '../shared/model';

/** After its end a worker is seen dead within this time. */
const SEEN_DEAD_MS = 10_000;
/** No ending takes longer: the longest kill grace, and some. */
const ENDING_MAX_MS = 15 * 60_000;

/** Ending workers as the window and the tray ask for it: notes who asked, and what is under way. */
export interface Kills {
  plan(id: WorkerId): KillPlan;
  execute(planId: string, acceptShared: boolean): Promise<KillAnswer>;
  /** The tray asked for this one: the plan the window now shows is the tray's. */
  askedFromTray(id: WorkerId): void;
  /** Somebody is ending this worker or has just done so, be it the policy: its death is no news. */
  isWanted(id: WorkerId): boolean;
  /** Somebody, be it the policy, begins to end this worker, and has done so. */
  noteEnding(id: WorkerId): void;
  noteEnded(id: WorkerId): void;
  /** Resolves once nothing is being ended any more. */
  settled(): Promise<void>;
}

/** `reasonOf`: why the worker looks as it does, for the audit log. */
export function createKills(killer: Killer, reasonOf: (id: WorkerId) => string, clock: Clock): Kills {
  const underWay = new Set<Promise<KillAnswer>>();
  const trayPlans = new Set<string>();
  const workerOf = new Map<string, WorkerId>();
  const wantedUntilMs = new Map<WorkerId, number>();
  let fromTray: WorkerId | null = null;

  async function carryOut(planId: string, acceptShared: boolean): Promise<KillAnswer> {
    const id = workerOf.get(planId) ?? '';
    const askedBy = trayPlans.delete(planId) ? 'tray' : 'window';
    return await killer.execute(planId, { acceptShared, askedBy, why: reasonOf(id) });
  }

  return {
    plan(id) {
      const plan = killer.plan(id);
      workerOf.set(plan.planId, id);
      for (const oldest of workerOf.keys()) {
        if (workerOf.size <= PLANS_KEPT) break;
        workerOf.delete(oldest);
        trayPlans.delete(oldest);
      }
      if (id === fromTray) trayPlans.add(plan.planId);
      fromTray = null;
      return plan;
    },
    execute(planId, acceptShared) {
      const run = carryOut(planId, acceptShared);
      underWay.add(run);
      return run.finally(() => underWay.delete(run));
    },
    askedFromTray(id) {
      fromTray = id;
    },
    isWanted: (id) => clock.monotonicMs() < (wantedUntilMs.get(id) ?? 0),
    noteEnding: (id) => void wantedUntilMs.set(id, clock.monotonicMs() + ENDING_MAX_MS),
    noteEnded: (id) => void wantedUntilMs.set(id, clock.monotonicMs() + SEEN_DEAD_MS),
    async settled() {
      await Promise.allSettled(underWay);
    },
  };
}
