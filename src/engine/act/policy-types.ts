import type { KillAnswer } from '../../shared/ipc';
import type { Asker, KillPlan, PolicyMessage, PolicyStatus, WorkerId } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { Monitor } from '../monitor-types';
import type { AuditLog, Clock, LoadProbe, Logger } from '../ports';
import type { ExecuteOptions } from './kill';

export interface PolicyOptions {
  monitor: Pick<Monitor, 'snapshot' | 'onEvent' | 'lookNow' | 'noteEvent' | 'noteTimedOut' | 'notePolicy' | 'suggest'>;
  killer: {
    plan(id: WorkerId, options: { killGraceMs: number }): KillPlan;
    execute(planId: string, options: ExecuteOptions): Promise<KillAnswer>;
  };
  clock: Clock;
  settings(): Settings;
  load: LoadProbe;
  /** Why another engine may be acting beside this one; null, or absent: none can. */
  rival?(): string | null;
  audit: AuditLog;
  tell(message: PolicyMessage): void;
  log: Logger;
}

/** Does by itself what the settings say to workers that stay stalled: nothing, unless a person has asked for it. */
export interface Policy {
  /** Begins to listen: before the monitor starts, so that no stall goes unheard. */
  start(): void;
  /** Resolves once nothing of it is under way. */
  stop(): Promise<void>;
  /** New settings take effect at once. */
  configure(): void;
  /** Automatic ending may go on. False: the circuit breaker is not open. */
  closeBreaker(askedBy: Asker): boolean;
  status(): PolicyStatus;
}
