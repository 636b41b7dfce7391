import type { Journal } from '../engine/journal';
import type { Monitor, NotedKill } from '../engine/monitor-types';
import type { Clock, Logger } from '../engine/ports';
import type { AuditedKill, KillReader } from '../host/registry/kill-reader';

/** The audit log is read on this often. */
const LOOK_MS = 1_000;
/** A long one goes in slices, between other work. */
const SLICE_REST_MS = 20;

export interface OutsideKillsOptions {
  killsSince(at: () => number): KillReader;
  journal: Pick<Journal, 'killsOfPlan' | 'lastEventId' | 'firstEventAt' | 'since'>;
  monitor: Pick<Monitor, 'noteKill'>;
  clock: Clock;
  log: Logger;
}

/**
 * Brings to the event log what other programs end on the same state folder (a command in a terminal, a supervisor at its
 * time limit), each intent and each outcome once: while the engine runs, and at its start what it missed.
 */
export interface OutsideKills {
  /** What was missed is told at once, as far as it is short. */
  start(): void;
  stop(): void;
}

/**
 * Both logs name a kill by its plan, so none needs to be remembered: whatever the audit log holds and the event log does
 * not is told, be it that nobody watched or that the engine was killed in between.
 */
export function createOutsideKills({ killsSince, journal, monitor, clock, log }: OutsideKillsOptions): OutsideKills {
  /** They may still wait for the disk. */
  const told = new Set<string>();
  let startedAt = 0;
  const readKills = killsSince(beginning);
  let cancel = () => {};
  let lastComplaint = '';

  /**
   * What happened before the earliest kept event may have been told and dropped again; where none ever was, what happened
   * since anything is recorded was not told. Where the journal cannot be read, nobody can say, and what was missed waits
   * for the next start.
   */
  function beginning(): number {
    try {
      const knownFrom = journal.lastEventId() > 0 ? journal.firstEventAt() : journal.since();
      return knownFrom ?? startedAt;
    } catch {
      return startedAt;
    }
  }

  function look(): void {
    let isAll = true;
    try {
      isAll = readKills(take);
      lastComplaint = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== lastComplaint) log.warn(`What other programs end cannot be noted for now: ${message}`);
      lastComplaint = message;
    }
    cancel = clock.after(isAll ? LOOK_MS : SLICE_REST_MS, look);
  }

  function take(kill: AuditedKill): void {
    const name = `${kill.step} ${kill.planId}`;
    if (kill.isOurs || told.has(name) || isKept(kill)) return;
    const content = kill.read();
    if (!content) return;
    const { workerId, workerName, text, data, ended } = content;
    const kind: NotedKill['kind'] = kill.step === 'intent' ? 'kill_intent' : ended ? 'kill_ended' : 'kill_failed';
    told.add(name);
    monitor.noteKill({ kind, at: kill.at, workerId, workerName, text, data });
  }

  function isKept({ step, planId }: AuditedKill): boolean {
    return journal.killsOfPlan(planId).some((kind) => (kind === 'kill_intent') === (step === 'intent'));
  }

  return {
    start() {
      startedAt = clock.wallMs();
      look();
    },
    stop: () => cancel(),
  };
}
