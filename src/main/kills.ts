import type { KillAnswer } from '../shared/ipc';
import type { Asker, KillPlan, WorkerId } from '../shared/model';

/** Plans and carries out; see src/engine/act. */
export interface Killer {
  plan(id: WorkerId): Promise<KillPlan> | KillPlan;
  execute(planId: string, how: { acceptShared: boolean; askedBy: Asker }): Promise<KillAnswer>;
}

/** Ending workers as the window and the tray ask for it. */
export interface Kills {
  plan(id: WorkerId): Promise<KillPlan>;
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
    async plan(id) {
      const plan = await killer.plan(id);
      if (id === fromTray) trayPlans.add(plan.planId);
      fromTray = null;
      return plan;
    },
    async execute(planId, acceptShared) {
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
