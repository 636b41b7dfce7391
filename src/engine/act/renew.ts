import { plural } from '../../shared/format';
import type { KillPlan } from '../../shared/model';
import type { KillTarget } from '../monitor-types';
import type { ProcessIdentity, ProcessTable, TerminalSession } from '../ports';
import { planKill } from './plan';
import type { ShownPlan } from './plan-shelf';
import type { Scope } from './scope';
import { isSameAbort } from './session-abort';
import { isSameSession, type SessionNow } from './session-end';
import type { SessionScope } from './session-scope';

export interface RenewRequest {
  /** The plan a person has seen. */
  shown: ShownPlan;
  /** What is known of its worker now. */
  target: KillTarget | null;
  targets: readonly KillTarget[];
  madeAt: number;
  /** Where the shown plan's session stands now; null: it has none. */
  sessionBefore: SessionNow | null;
}

export interface Renewed {
  fresh: KillPlan;
  scope: Scope | SessionScope;
  target: KillTarget;
  session: TerminalSession | null;
}

/** The plan as it looks now, or why it is not the one a person has seen any more. */
export function renewPlan(table: ProcessTable, request: RenewRequest): Renewed | { reason: string } {
  const { shown, targets, madeAt, sessionBefore } = request;
  const { planId, workerName, killGraceMs, processes: known } = shown.plan;
  if (!request.target) return { reason: `${workerName} is not known any more. Nothing was signalled.` };
  const { session: named } = request.target;
  if (named && !(shown.session && isSameSession(named, shown.session))) return another(workerName, named.name);
  if (!isSameAbort(shown.abort, request.target.abort)) return another(workerName, 'it lives in another server');
  if (sessionBefore?.state === 'renamed') {
    return another(workerName, `its tmux session is called ${sessionBefore.name} now`);
  }
  const session = sessionBefore?.state === 'there' ? sessionBefore.session : sessionBefore ? named : null;
  const target = { ...request.target, session: sessionBefore?.state === 'gone' ? null : session };

  const { plan: fresh, scope } = planKill(table, { planId, target, targets, killGraceMs, madeAt, known });
  if (!scope || fresh.refused !== null) return { reason: `${fresh.refused} Nothing was signalled.` };
  const change = changeOf(shown.root, scope.root, known);
  if (change) return another(workerName, change);
  const accepted = new Set(shown.plan.sharedWith.map(({ id }) => id));
  const added = fresh.sharedWith.filter(({ id }) => !accepted.has(id));
  if (added.length) return { reason: `${sharedRefusal('now also', added)} Look at a new plan.` };
  return { fresh, scope, target, session: target.session };
}

/** How the process a plan begins at differs from the one that was shown; null: it is the same, or one that was shown too. */
function changeOf(
  before: ProcessIdentity | null,
  now: ProcessIdentity | null,
  known: readonly ProcessIdentity[],
): string | null {
  if (!now || known.some(({ pid, startTime }) => pid === now.pid && startTime === now.startTime)) return null;
  if (!before) return `pid ${now.pid}, which the plan did not name`;
  return before.pid === now.pid ? `pid ${now.pid} was given anew` : `pid ${now.pid} instead of ${before.pid}`;
}

function another(workerName: string, change: string): { reason: string } {
  return {
    reason: `The process of ${workerName} is another one now (${change}). Nothing was signalled. Look at a new plan.`,
  };
}

/** Says that ending a worker would end others too. */
export function sharedRefusal(also: string, workers: KillPlan['sharedWith']): string {
  const names = workers.map(({ name }) => name).join(', ');
  return `The process ${also} serves ${plural(workers.length, 'other worker', 'other workers')}, which would end too: ${names}. Nothing was signalled.`;
}
