import type { Killer } from '../engine/act/kill';
import type { KillAnswer } from '../shared/ipc';
import type { KillPlan, WorkerId } from '../shared/model';

/** Ending workers as the window and the tray ask for it: notes who asked, and what is under way. */
export interface Kills {
  plan(id: WorkerId): KillPlan;
  execute(planId: string, acceptShared: boolean): Promise<KillAnswer>;
  /** The tray asked for this one: the plan the window now shows is the tray's. */
  askedFromTray(id: WorkerId): void;
  /** Resolves once nothing is being ended any more. */
  settled(): Promise<void>;
}

export function createKills(killer: Killer): Kills {
  const underWay = new Set<Promise<KillAnswer>>();
  const trayPlans = new Set<string>();
  let fromTray: WorkerId | null = null;

  return {
    plan(id) {
      const plan = killer.plan(id);
      if (id === fromTray) trayPlans.add(plan.planId);
      fromTray = null;
      return plan;
    },
    execute(planId, acceptShared) {
      const askedBy = trayPlans.delete(planId) ? 'tray' : 'window';
      const run = killer.execute(planId, { acceptShared, askedBy });
      underWay.add(run);
      return run.finally(() => underWay.delete(run));
    },
    askedFromTray(id) {
      fromTray = id;
    },
    async settled() {
      await Promise.allSettled(underWay);
    },
  };
}
