import type { KillPlan } from '../../shared/model';
import type { ProcessIdentity, TerminalSession } from '../ports';
import type { SessionAbort } from '../sources/source';

/** A plan as it was shown, and what it was made for. */
export interface ShownPlan {
  plan: KillPlan;
  root: ProcessIdentity | null;
  session: TerminalSession | null;
  /** How its program is asked to end it; null: there is no such way. */
  abort: SessionAbort | null;
}

/** Keeps plans until they are carried out, at most PLANS_KEPT and each for PLAN_VALID_MS. */
export interface PlanShelf {
  put(shown: ShownPlan): void;
  /** Null: there is none, or it is too old. */
  find(planId: string): ShownPlan | null;
  remove(planId: string): void;
}

/** How long a plan may be looked at before it must be made anew. */
export const PLAN_VALID_MS = 5 * 60_000;
/** How many plans are kept; the oldest is dropped. */
export const PLANS_KEPT = 64;

export function createPlanShelf(monotonicMs: () => number): PlanShelf {
  const plans = new Map<string, { shown: ShownPlan; untilMs: number }>();
  return {
    put(shown) {
      plans.set(shown.plan.planId, { shown, untilMs: monotonicMs() + PLAN_VALID_MS });
      for (const oldest of plans.keys()) {
        if (plans.size <= PLANS_KEPT) break;
        plans.delete(oldest);
      }
    },
    find(planId) {
      const kept = plans.get(planId);
      if (kept && monotonicMs() <= kept.untilMs) return kept.shown;
      plans.delete(planId);
      return null;
    },
    remove: (planId) => void plans.delete(planId),
  };
}
