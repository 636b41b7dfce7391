import { plural } from '../../shared/format';
import type { KillPlan } from '../../shared/model';

/** Why a plan cannot be carried out; null when it can. */
export function refusalOf({ refused, processes, session, abort }: KillPlan): string | null {
  if (refused !== null) return refused;
  return processes.length || session !== null || abort !== null ? null : 'No process of this worker was found.';
}

/** `2 processes`, `its session and 2 processes`, `its session`. */
export function whatEnds({ processes, session, abort }: KillPlan): string {
  const count = processes.length ? plural(processes.length, 'process', 'processes') : null;
  return [session === null && abort === null ? null : 'its session', count].filter(Boolean).join(' and ');
}

/** What happens, in order; the session comes first, whether or not the plan's own words name it. */
export function stepsOf({ session, steps }: KillPlan): string[] {
  if (session === null || steps.some((step) => step.includes(session))) return steps;
  return [`End the tmux session ${session}.`, ...steps];
}
