import type { KillAnswer } from '../../shared/ipc';
import type { Asker, KillPlan, KillReceipt, WorkerId } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { KillTarget } from '../monitor-types';
import type { AuditLog, Clock, Multiplexer, ProcessTable, Signals } from '../ports';
import { endTree } from './end-tree';
import { planKill, unknownWorker } from './plan';
import { createPlanShelf, type ShownPlan } from './plan-shelf';
import { receiptFor } from './receipt';
import { renewPlan, sharedRefusal } from './renew';
import { createAbort, isAbortTarget } from './session-abort';
import { endSession, findSession, lookForSession } from './session-end';
import type { SessionServers } from './session-servers';
import { wordsOf } from './words';

export { PLAN_VALID_MS, PLANS_KEPT } from './plan-shelf';

export interface KillerOptions {
  table: ProcessTable;
  signals: Signals;
  audit: AuditLog;
  clock: Clock;
  /** tmux, for workers that are a session of it; null where there is none. */
  multiplexer?: Multiplexer | null;
  /** Servers of sessions, which are asked to end them; null where none can be asked. */
  servers?: SessionServers | null;
  settings(): Pick<Settings, 'killGraceMs'>;
  /** What is known of a worker now; null when there is none. */
  target(id: WorkerId): KillTarget | null;
  /** All workers that are known now. */
  targets(): KillTarget[];
  /** The intent is on disk, nothing is signalled yet. A failure is told in the receipt and stops nothing. */
  onIntent?(target: KillTarget, intent: KillIntent): Promise<void> | void;
  /** The outcome is on disk. A failure is told in the receipt. */
  onEnded?(target: KillTarget, receipt: KillReceipt): Promise<void>;
  onReceipt(receipt: KillReceipt): void;
}

export interface ExecuteOptions {
  /** Go ahead also where it ends other workers in the same process or tmux session. */
  acceptShared: boolean;
  askedBy: Asker;
  /** Why it is to be ended, in words. */
  why: string;
}

/** Who asked for an end, and why, in words. */
export type Asking = Pick<ExecuteOptions, 'askedBy' | 'why'>;

/** What is about to be done, as the audit log keeps it. */
export type KillIntent = Asking &
  Pick<KillPlan, 'planId' | 'workerId' | 'workerName' | 'killGraceMs' | 'processes' | 'sharedWith'>;

/** Ends workers: first a plan to look at, then, by the plan's id, the deed. */
export interface Killer {
  /**
   * What would be done, as of now; signals nothing. Good for one execution within PLAN_VALID_MS. `killGraceMs`: another
   * grace than the setting's.
   */
  plan(id: WorkerId, options?: { killGraceMs?: number }): KillPlan;
  /** Carry out a plan. Never rejects: what was not done is said with its reason. */
  execute(planId: string, options: ExecuteOptions): Promise<KillAnswer>;
}

export function createKiller(options: KillerOptions): Killer {
  const { table, audit, clock, multiplexer = null, servers = null } = options;
  const shelf = createPlanShelf(() => clock.monotonicMs());
  /** The pids each running execution is about. */
  const running = new Map<WorkerId, number[]>();

  function plan(id: WorkerId, { killGraceMs = options.settings().killGraceMs } = {}): KillPlan {
    const planId = crypto.randomUUID();
    const target = options.target(id);
    const madeAt = clock.wallMs();
    if (!target) {
      const made = unknownWorker(id, planId, madeAt);
      shelf.put({ plan: made, root: null, session: null, abort: null });
      return made;
    }
    const made = planKill(table, { planId, target, targets: options.targets(), killGraceMs, madeAt });
    shelf.put({ plan: made.plan, root: made.scope?.root ?? null, session: target.session, abort: target.abort });
    return made.plan;
  }

  /** Take a plan out: it is carried out once. */
  function take(planId: string, acceptShared: boolean): ShownPlan | { reason: string } {
    const shown = shelf.find(planId);
    if (!shown) return { reason: 'This plan is not valid any more. Look at a new one.' };
    const { refused, sharedWith } = shown.plan;
    if (refused !== null) return { reason: refused };
    if (sharedWith.length && !acceptShared) return { reason: sharedRefusal('also', sharedWith) };
    shelf.remove(planId);
    return shown;
  }

  async function carryOut(shown: ShownPlan, asking: Asking): Promise<KillAnswer> {
    const sessionBefore = shown.session && (await findSession(multiplexer, shown.session));
    const target = options.target(shown.plan.workerId);
    const madeAt = clock.wallMs();
    const renewed = renewPlan(table, { shown, target, targets: options.targets(), madeAt, sessionBefore });
    if ('reason' in renewed) return { ok: false, reason: renewed.reason };
    const { fresh, scope, session } = renewed;
    const startedAt = clock.wallMs();
    const startedMs = clock.monotonicMs();
    const { planId, workerId, workerName, killGraceMs, processes, sharedWith } = fresh;
    const intent = { planId, workerId, workerName, ...asking, killGraceMs, session, processes, sharedWith };
    try {
      await audit.append({ at: startedAt, kind: 'kill_intent', ...intent });
    } catch (error) {
      return { ok: false, reason: `The audit log cannot be written (${wordsOf(error)}). Nothing was signalled.` };
    }
    const troubles: string[] = [];
    await attempt(troubles, 'Its beginning could not be told', () => options.onIntent?.(renewed.target, intent));

    let failure: string | null = null;
    const endItsSession = async () => {
      if (session) failure = await endSession(multiplexer, session);
    };
    const { target: ending } = renewed;
    const abort = isAbortTarget(ending) ? createAbort(servers, clock, ending, options.targets) : null;
    const act = abort ? () => abort.run(scope) : sessionBefore?.state === 'there' ? endItsSession : null;
    const first = act ? { act, words: 'ended with its session' } : undefined;
    const result = await endTree({ ...options, scope, processes, killGraceMs, first });
    const sessionEnd = abort
      ? await abort.result()
      : shown.session && sessionBefore && (await lookForSession(multiplexer, shown.session, sessionBefore, failure));
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    const told = { shown: shown.plan, fresh, result, session: sessionEnd, ...asking, startedAt, tookMs };
    const outcome = receiptFor({ ...told, troubles });
    await attempt(troubles, 'The audit log could not be written', () =>
      audit.append({ at: clock.wallMs(), kind: 'kill_outcome', receipt: outcome }),
    );
    await attempt(troubles, 'Its end could not be noted', () => options.onEnded?.(renewed.target, outcome));
    const receipt = receiptFor({ ...told, troubles });
    options.onReceipt(receipt);
    return { ok: true, receipt };
  }

  async function execute(planId: string, { acceptShared, ...asking }: ExecuteOptions): Promise<KillAnswer> {
    const shown = take(planId, acceptShared);
    if ('reason' in shown) return { ok: false, reason: shown.reason };
    const { workerId, workerName, processes } = shown.plan;
    const pids = processes.map(({ pid }) => pid);
    const isBusy = [...running.values()].flat().some((pid) => pids.includes(pid));
    if (running.has(workerId) || isBusy) return { ok: false, reason: `${workerName} is being ended already.` };
    running.set(workerId, pids);
    try {
      return await carryOut(shown, asking);
    } catch (error) {
      return { ok: false, reason: `Ending ${workerName} failed: ${wordsOf(error)}.` };
    } finally {
      running.delete(workerId);
    }
  }

  return { plan, execute };
}

/** Do what must not stop the ending; what goes wrong is noted as a sentence. */
async function attempt(troubles: string[], what: string, run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
  } catch (error) {
    troubles.push(`${what}: ${wordsOf(error)}.`);
  }
}
