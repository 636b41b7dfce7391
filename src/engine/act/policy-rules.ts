import { formatDuration, harmless, plural } from '../../shared/format';
import {
  type KillPlan,
  natureOf,
  type PolicyStatus,
  type Snapshot,
  type WorkerReport,
  type WorkerRow,
} from '../../shared/model';
import { defaultPolicyRule, type PolicyAction, type PolicyRule, type Settings } from '../../shared/settings';

/** What the policy may do to a worker, and when. Pure: rows and settings in, rules and words out. */

export type ActingRule = PolicyRule & { action: Exclude<PolicyAction, 'monitor'> };

/** The rule a worker stands under now; null: it is only watched, or a person has said to leave it alone. */
export function ruleFor(row: WorkerRow, settings: Settings): ActingRule | null {
  const rule = settings.endingPolicy[row.source] ?? defaultPolicyRule();
  const { action } = rule;
  if (action === 'monitor' || row.snoozed || row.keepAlive || settings.keepAlive.includes(row.id)) return null;
  return isCandidate(row, settings) ? { ...rule, action } : null;
}

type IdleEnding = Pick<Settings, 'IDLE_AUTO_TIMEOUT_ENABLED' | 'endingPolicy'>;

/** Something may have to be done about it: it is stuck, or idle where idle ones are to be ended. */
export function isCandidate(row: WorkerRow, settings: IdleEnding): boolean {
  return isStuck(row) || isIdleToEnd(row, settings);
}

/**
 * A session that nobody has used for long, of a kind whose stalled ones are ended too, where a person wants both. One that
 * waits for a person is none: it is not the session that is idle then.
 */
function isIdleToEnd({ source, state, idle, liveness, pid }: WorkerRow, settings: IdleEnding): boolean {
  if (!settings.IDLE_AUTO_TIMEOUT_ENABLED || settings.endingPolicy[source]?.action !== 'kill') return false;
  const isIdle = natureOf(source) === 'session' && state === 'ready' && idle?.status === 'idle';
  return isIdle && liveness === 'alive' && pid !== null;
}

/** Stalled, or called dead with something left alive to end. */
export function isStuck({ health, canEnd }: WorkerRow): boolean {
  return health === 'stalled' || (health === 'dead' && canEnd);
}

/** Some kind of worker is more than watched; some may be ended without a person. */
export function reachOf({ endingPolicy }: Settings): { acts: boolean; armed: boolean } {
  const actions = Object.values(endingPolicy).map((rule) => rule.action);
  return { acts: actions.some((action) => action !== 'monitor'), armed: actions.includes('kill') };
}

/** Why nothing may be done now. */
export interface HeldBack {
  kind: 'hold' | 'paused' | 'breaker' | 'load' | 'memory' | 'rival' | 'unknown';
  /** In words. */
  reason: string;
  /** Only ending is: telling and suggesting go on. */
  killOnly: boolean;
}

export interface Circumstances {
  snapshot: Pick<Snapshot, 'hold' | 'paused' | 'memory'>;
  /** Null: the system does not tell. */
  loadPerCore: number | null;
  breaker: PolicyStatus['breaker'];
  /** Why another engine may be acting beside this one. */
  rival: string | null;
  settings: Pick<Settings, 'overloadLoadPerCore' | 'memoryPressurePercent'>;
}

/** The first thing that forbids to act; null: nothing does. */
export function heldBackBy({ snapshot, loadPerCore, breaker, rival, settings }: Circumstances): HeldBack | null {
  const { hold, paused, memory } = snapshot;
  const all = (kind: HeldBack['kind'], reason: string): HeldBack => ({ kind, reason, killOnly: false });
  if (paused) return all('paused', 'watching is paused');
  if (hold) return all('hold', `verdicts hold: ${hold.reason}`);
  if (breaker) return all('breaker', `the circuit breaker is open: ${breaker.reason}`);
  const { overloadLoadPerCore, memoryPressurePercent } = settings;
  if (loadPerCore !== null && loadPerCore > overloadLoadPerCore) {
    const load = loadPerCore.toFixed(1);
    return all('load', `the machine is overloaded: ${load} programs for each core, over ${overloadLoadPerCore}`);
  }
  const usedPercent = (100 * memory.usedBytes) / memory.totalBytes;
  if (usedPercent > memoryPressurePercent) {
    return all(
      'memory',
      `the machine uses ${Math.floor(usedPercent)} % of its memory, over ${memoryPressurePercent} %`,
    );
  }
  if (rival !== null) return { kind: 'rival', reason: rival, killOnly: true };
  const unread = Number.isNaN(usedPercent) ? 'memory' : loadPerCore === null ? 'load' : null;
  return unread && { kind: 'unknown', reason: `the machine’s ${unread} is not known`, killOnly: true };
}

/** How long a worker has been in its state, as the row tells. */
export function stuckWords(row: WorkerRow, forMs: number): string {
  if (!isStuck(row) && row.idle) return `idle, without activity for over ${formatDuration(row.idle.thresholdMs)}`;
  return `${row.state} for ${formatDuration(forMs)}. ${row.reason}`;
}

/** True where a reading was taken at or after `sinceAt` and shows the stall that began at `since`. */
export function showsStall(
  reading: WorkerReport | null,
  since: number,
  sinceAt: number,
  settings: IdleEnding,
): reading is WorkerReport {
  return reading !== null && isCandidate(reading, settings) && reading.since === since && reading.judgedAt >= sinceAt;
}

const MAX_NAMES = 5;

/** `a, b and 3 more`. */
export function namesOf(rows: WorkerRow[]): string {
  const more = rows.length > MAX_NAMES ? ` and ${rows.length - MAX_NAMES} more` : '';
  return rows
    .slice(0, MAX_NAMES)
    .map(({ name }) => harmless(name, 60))
    .join(', ')
    .concat(more);
}

/** Why a plan is not for the policy to carry out; null: it is. */
export function obstacleIn(plan: Pick<KillPlan, 'refused' | 'sharedWith' | 'processes'>): string | null {
  if (plan.refused !== null) return plan.refused;
  const { sharedWith, processes } = plan;
  const held = processes.find(({ heldStill }) => heldStill);
  if (held) return `Process ${held.pid} is stopped, by a signal or a debugger: somebody may be looking into it.`;
  if (!sharedWith.length) return null;
  const others = plural(sharedWith.length, 'other worker', 'other workers');
  return `Its process also serves ${others}, which would end too: ${sharedWith.map(({ name }) => name).join(', ')}.`;
}
