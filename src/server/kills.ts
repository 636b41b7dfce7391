import { type Killer, PLANS_KEPT } from '../engine/act/kill';
import type { KillAnswer } from '../shared/ipc';
import type { Asker, KillPlan, WorkerId } from '../shared/model';

/** Ending workers as people ask for it: a plan is shown first, and what is under way is known. */
export interface Kills {
  plan(id: WorkerId): KillPlan;
  execute(planId: string, acceptShared: boolean, askedBy: Asker): Promise<KillAnswer>;
  /** Resolves once nothing is being ended any more. */
  settled(): Promise<void>;
}

/** `reasonOf`: why the worker looks as it does, for the audit log. */
export function createKills(killer: Killer, reasonOf: (id: WorkerId) => string): Kills {
  const underWay = new Set<Promise<KillAnswer>>();
  const workerOf = new Map<string, WorkerId>();
  return {
    plan(id) {
      const plan = killer.plan(id);
      workerOf.set(plan.planId, id);
      for (const oldest of workerOf.keys()) {
        if (workerOf.size <= PLANS_KEPT) break;
        workerOf.delete(oldest);
      }
      return plan;
    },
    execute(planId, acceptShared, askedBy) {
      const why = reasonOf(workerOf.get(planId) ?? '');
      const run = killer.execute(planId, { acceptShared, askedBy, why });
      underWay.add(run);
      return run.finally(() => underWay.delete(run));
    },
    async settled() {
      await Promise.allSettled(underWay);
    },
  };
}
