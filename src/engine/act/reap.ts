import type { ReapAnswer } from '../../shared/ipc';
import type { Asker, ReapCandidate, ReapPlan, ReapReceipt } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { Monitor } from '../monitor-types';
import type { AuditLog, Clock, Logger, TreeRemover } from '../ports';
import type { Leftover } from '../sources/source';
import { isPastTtl, type LookedAt, planReap, type ReapDecision, type ReapGround } from './reap-plan';
import { reapReceipt, type Unremoved } from './reap-receipt';

export interface ReaperOptions {
  monitor: Pick<Monitor, 'leftovers' | 'whyNotFinished' | 'noteReap'>;
  remover: TreeRemover;
  audit: AuditLog;
  clock: Clock;
  /** As they stand now. */
  settings(): Pick<Settings, 'leftoversMaxMB' | 'reapAutomatically'>;
  /** Its directory is gone: what else was kept of it can be forgotten. */
  onRemoved?(leftover: Leftover): void;
  /** Told when an hourly turn fails as a whole. */
  log?: Logger;
}

/** Removes what finished workers left behind: first a plan to look at, then, by the plan's id, the deed. Ends nothing. */
export interface Reaper {
  /** What would be removed, as of now; removes nothing. Good for one execution within REAP_PLAN_VALID_MS. */
  plan(): Promise<ReapPlan>;
  /** Carry out a plan, each removal after one more look. Never rejects: what stayed is said with its reason. */
  execute(planId: string, options: { askedBy: Asker }): Promise<ReapAnswer>;
  /** Once an hour, where the settings then say so. Returns what stops it. */
  startHourly(): () => void;
}

/** How long a plan may be looked at before it must be made anew. */
export const REAP_PLAN_VALID_MS = 5 * 60_000;
export const REAP_INTERVAL_MS = 60 * 60_000;
/** The first time: whoever starts idlewatch anew each hour wants things removed too. */
export const FIRST_REAP_MS = 60_000;
const PLANS_KEPT = 16;

type Kept = ReapDecision & { untilMs: number; capMB: number | null };
type Granted = { leftover: Leftover; ground: ReapGround };

export function createReaper(options: ReaperOptions): Reaper {
  const { monitor, remover, audit, clock } = options;
  const plans = new Map<string, Kept>();
  let isRunning = false;

  async function lookAt(leftover: Leftover): Promise<LookedAt> {
    const mayGo = isPastTtl(leftover) || options.settings().leftoversMaxMB !== null;
    if (!mayGo) return { leftover, bytes: null, mustStay: null };
    const mustStay = await whyStay(leftover.workerId);
    return { leftover, mustStay, bytes: mustStay === null ? await remover.measure(leftover.path) : null };
  }

  async function whyStay(id: string): Promise<string | null> {
    try {
      return await monitor.whyNotFinished(id);
    } catch (error) {
      return `whether it is finished is not known: ${wordsOf(error)}`;
    }
  }

  async function plan(): Promise<ReapPlan> {
    const lookedAt: LookedAt[] = [];
    // One after the other: measuring many at once would only make the disk seek.
    for (const leftover of monitor.leftovers()) lookedAt.push(await lookAt(leftover));
    const planId = crypto.randomUUID();
    const { leftoversMaxMB } = options.settings();
    const decision = planReap({ planId, madeAt: clock.wallMs(), lookedAt, settings: { leftoversMaxMB } });
    plans.set(planId, { ...decision, untilMs: clock.monotonicMs() + REAP_PLAN_VALID_MS, capMB: leftoversMaxMB });
    for (const oldest of plans.keys()) {
      if (plans.size <= PLANS_KEPT) break;
      plans.delete(oldest);
    }
    return decision.plan;
  }

  /** Take a plan out: it is carried out once. */
  function take(planId: string): Kept | null {
    const kept = plans.get(planId);
    plans.delete(planId);
    return kept && clock.monotonicMs() <= kept.untilMs ? kept : null;
  }

  /** Why this very leftover may not go any more; null where it may. */
  async function whyNot({ leftover, ground }: Granted, capMB: number | null): Promise<string | null> {
    const { workerId, path, root, finishedAt } = leftover;
    const now = monitor.leftovers().find((one) => one.workerId === workerId);
    if (!now) return 'it is not among the finished any more';
    if (now.path !== path || now.root !== root || now.finishedAt !== finishedAt) {
      return 'it has changed since the plan was made';
    }
    if (ground === 'ttl' && !isPastTtl(now)) return 'its time has not come any more';
    if (ground === 'cap' && options.settings().leftoversMaxMB !== capMB) {
      return 'how much finished ones may take up was changed since the plan was made';
    }
    return whyStay(workerId);
  }

  /** Null: it is gone. Else why it is not. */
  async function removeOne(granted: Granted, capMB: number | null): Promise<string | null> {
    const { leftover } = granted;
    try {
      const reason = await whyNot(granted, capMB);
      if (reason !== null) return `left alone: ${reason}`;
      await remover.remove(leftover.path, leftover.root);
    } catch (error) {
      return wordsOf(error);
    }
    try {
      options.onRemoved?.(leftover);
      return null;
    } catch (error) {
      return `its directory is gone, but what else is known of it is not: ${wordsOf(error)}`;
    }
  }

  async function carryOut({ plan: shown, grounds, capMB }: Kept, askedBy: Asker): Promise<ReapAnswer> {
    const startedAt = clock.wallMs();
    const startedMs = clock.monotonicMs();
    const { planId, candidates } = shown;
    try {
      await audit.append({ at: startedAt, kind: 'reap_intent', planId, askedBy, candidates });
    } catch (error) {
      return { ok: false, reason: `The audit log cannot be written (${wordsOf(error)}). Nothing was removed.` };
    }
    const removed: ReapCandidate[] = [];
    const failed: Unremoved[] = [];
    for (const candidate of candidates) {
      const granted = grounds.get(candidate.workerId);
      const why = granted ? await removeOne(granted, capMB) : 'it is not in the plan';
      if (why === null) removed.push(candidate);
      else failed.push({ candidate, why });
    }
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    let receipt: ReapReceipt = reapReceipt({ planId, askedBy, startedAt, tookMs, removed, failed });
    try {
      await audit.append({ at: clock.wallMs(), kind: 'reap_outcome', receipt });
    } catch (error) {
      receipt = { ...receipt, summary: `${receipt.summary} The audit log could not be written: ${wordsOf(error)}.` };
    }
    monitor.noteReap(receipt);
    return { ok: true, receipt };
  }

  async function execute(planId: string, { askedBy }: { askedBy: Asker }): Promise<ReapAnswer> {
    if (isRunning) return { ok: false, reason: 'Finished ones are being removed already.' };
    const kept = take(planId);
    if (!kept) return { ok: false, reason: 'This plan is not valid any more. Look at a new one.' };
    isRunning = true;
    try {
      return await carryOut(kept, askedBy);
    } catch (error) {
      return { ok: false, reason: `Cleaning up failed: ${wordsOf(error)}.` };
    } finally {
      isRunning = false;
    }
  }

  async function reapIfWanted(): Promise<void> {
    if (!options.settings().reapAutomatically || isRunning) return;
    const { planId, candidates } = await plan();
    // Making the plan took time, in which a person may have changed their mind.
    if (candidates.length && options.settings().reapAutomatically) await execute(planId, { askedBy: 'policy' });
    else plans.delete(planId);
  }

  function startHourly(): () => void {
    let isStopped = false;
    let cancel = clock.after(FIRST_REAP_MS, turn);
    function turn(): void {
      void reapIfWanted()
        .catch((error) => options.log?.warn(`Cleaning up failed: ${wordsOf(error)}`))
        .finally(() => {
          if (!isStopped) cancel = clock.after(REAP_INTERVAL_MS, turn);
        });
    }
    return () => {
      isStopped = true;
      cancel();
    };
  }

  return { plan, execute, startHourly };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
