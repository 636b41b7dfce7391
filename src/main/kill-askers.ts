import { PLANS_KEPT } from '../engine/act/kill';
import type { KillPlan, WorkerId } from '../shared/model';

/** Whether a plan the window shows was asked for in the tray's menu or in the window itself. */
export interface KillAskers {
  /** The tray's Kill… was clicked: the next plan for this worker is the tray's. */
  fromTray(id: WorkerId): void;
  planned(plan: KillPlan): void;
  /** Who asks where this plan is carried out. */
  of(planId: string): 'tray' | 'window';
}

export function createKillAskers(): KillAskers {
  const trayPlans: string[] = [];
  let fromTray: WorkerId | null = null;
  return {
    fromTray(id) {
      fromTray = id;
    },
    planned({ workerId, planId }) {
      if (workerId === fromTray) trayPlans.push(planId);
      if (trayPlans.length > PLANS_KEPT) trayPlans.shift();
      fromTray = null;
    },
    of: (planId) => (trayPlans.includes(planId) ? 'tray' : 'window'),
  };
}
