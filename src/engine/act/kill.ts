import { plural } from '../../shared/format';
import type { KillAnswer } from '../../shared/ipc';
import type { Asker, KillPlan, KillReceipt, WorkerId } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { KillTarget } from '../monitor-types';
import type { AuditLog, Clock, ProcessTable, Signals } from '../ports';
import { endTree } from './end-tree';
import { planKill } from './plan';
import { receiptFor } from './receipt';
import type { Scope } from './scope';

export interface KillerOptions {
  table: ProcessTable;
  signals: Signals;
  audit: AuditLog;
  clock: Clock;
  settings(): Pick<Settings, 'killGraceMs'>;
  /** What is known of a worker now; null when there is none. */
  target(id: WorkerId): KillTarget | null;
  /** All workers that are known now. */
  targets(): KillTarget[];
  onReceipt(receipt: KillReceipt): void;
}

export interface ExecuteOptions {
  /** Go ahead also where it ends other workers in the same process. */
  acceptShared: boolean;
  askedBy: Asker;
  /** Why it is to be ended, in words. */
  why: string;
}

/** Who asked for an end, and why, in words. */
export type Asking = Pick<ExecuteOptions, 'askedBy' | 'why'>;

/** Ends workers: first a plan to look at, then, by the plan's id, the deed. */
export interface Killer {
  /** What would be done, as of now; signals nothing. Good for one execution within PLAN_VALID_MS. */
  plan(id: WorkerId): KillPlan;
  /** Carry out a plan. Never rejects: what was not done is said with its reason. */
  execute(planId: string, options: ExecuteOptions): Promise<KillAnswer>;
}

/** How long a plan may be looked at before it must be made anew. */
export const PLAN_VALID_MS = 5 * 60_000;
const PLANS_KEPT = 64;

export function createKiller(options: KillerOptions): Killer {
  const { table, audit, clock } = options;
  const plans = new Map<string, { plan: KillPlan; untilMs: number }>();
  const running = new Map<WorkerId, number>();

  function planAfresh(target: KillTarget, planId: string, killGraceMs: number, known: KillPlan['processes'] = []) {
    const targets = options.targets();
    return planKill(table, { planId, target, targets, killGraceMs, madeAt: clock.wallMs(), known });
  }

  function plan(id: WorkerId): KillPlan {
    const planId = crypto.randomUUID();
    const target = options.target(id);
    const made = target
      ? planAfresh(target, planId, options.settings().killGraceMs).plan
      : unknownWorker(id, planId, clock.wallMs());
    plans.set(planId, { plan: made, untilMs: clock.monotonicMs() + PLAN_VALID_MS });
    for (const oldest of plans.keys()) {
      if (plans.size <= PLANS_KEPT) break;
      plans.delete(oldest);
    }
    return made;
  }

  /** Take a plan out: it is carried out once. */
  function take(planId: string, acceptShared: boolean): KillPlan | { reason: string } {
    const kept = plans.get(planId);
    if (!kept || clock.monotonicMs() > kept.untilMs) {
      plans.delete(planId);
      return { reason: 'This plan is not valid any more. Look at a new one.' };
    }
    const { refused, sharedWith } = kept.plan;
    if (refused !== null) return { reason: refused };
    if (sharedWith.length && !acceptShared) return { reason: sharedRefusal('also', sharedWith) };
    plans.delete(planId);
    return kept.plan;
  }

  /** The plan as it looks now, or why it is not the one a person has seen any more. */
  function renew(shown: KillPlan): { fresh: KillPlan; scope: Scope } | { reason: string } {
    const target = options.target(shown.workerId);
    if (!target) return { reason: `${shown.workerName} is not known any more. Nothing was signalled.` };
    const { plan: fresh, scope } = planAfresh(target, shown.planId, shown.killGraceMs, shown.processes);
    if (!scope || fresh.refused !== null) return { reason: `${fresh.refused} Nothing was signalled.` };
    const [before] = shown.processes;
    const { pid, startTime } = scope.root.identity;
    if (before?.pid !== pid || before.startTime !== startTime) {
      const change = before?.pid === pid ? `pid ${pid} was given anew` : `pid ${pid} instead of ${before?.pid}`;
      return {
        reason: `The process of ${shown.workerName} is another one now (${change}). Nothing was signalled. Look at a new plan.`,
      };
    }
    const accepted = new Set(shown.sharedWith.map(({ id }) => id));
    const added = fresh.sharedWith.filter(({ id }) => !accepted.has(id));
    if (added.length) return { reason: `${sharedRefusal('now also', added)} Look at a new plan.` };
    return { fresh, scope };
  }

  async function carryOut(shown: KillPlan, { askedBy, why }: Asking): Promise<KillAnswer> {
    const renewed = renew(shown);
    if ('reason' in renewed) return { ok: false, reason: renewed.reason };
    const { fresh, scope } = renewed;
    const startedAt = clock.wallMs();
    const startedMs = clock.monotonicMs();
    const { planId, workerId, workerName, killGraceMs, processes, sharedWith } = fresh;
    const intent = { planId, workerId, workerName, askedBy, why, killGraceMs, processes, sharedWith };
    try {
      await audit.append({ at: startedAt, kind: 'kill_intent', ...intent });
    } catch (error) {
      return { ok: false, reason: `The audit log cannot be written (${wordsOf(error)}). Nothing was signalled.` };
    }
    const result = await endTree({ ...options, scope, processes, killGraceMs });
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    let receipt = receiptFor({ shown, fresh, result, askedBy, why, startedAt, tookMs });
    try {
      await audit.append({ at: clock.wallMs(), kind: 'kill_outcome', receipt });
    } catch (error) {
      receipt = { ...receipt, summary: `${receipt.summary} The audit log could not be written: ${wordsOf(error)}.` };
    }
    options.onReceipt(receipt);
    return { ok: true, receipt };
  }

  async function execute(planId: string, { acceptShared, ...asking }: ExecuteOptions): Promise<KillAnswer> {
    const shown = take(planId, acceptShared);
    if ('reason' in shown) return { ok: false, reason: shown.reason };
    const root = shown.processes[0]?.pid ?? 0;
    if (running.has(shown.workerId) || [...running.values()].includes(root)) {
      return { ok: false, reason: `${shown.workerName} is being ended already.` };
    }
    running.set(shown.workerId, root);
    try {
      return await carryOut(shown, asking);
    } catch (error) {
      return { ok: false, reason: `Ending ${shown.workerName} failed: ${wordsOf(error)}.` };
    } finally {
      running.delete(shown.workerId);
    }
  }

  return { plan, execute };
}

function sharedRefusal(also: string, workers: KillPlan['sharedWith']): string {
  const names = workers.map(({ name }) => name).join(', ');
  return `The process ${also} serves ${plural(workers.length, 'other worker', 'other workers')}, which would end too: ${names}. Nothing was signalled.`;
}

function unknownWorker(id: WorkerId, planId: string, madeAt: number): KillPlan {
  return {
    planId,
    workerId: id,
    workerName: id,
    madeAt,
    killGraceMs: 0,
    session: null,
    processes: [],
    spared: [],
    refused: 'There is no such worker now.',
    sharedWith: [],
    steps: [],
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
