import type { Liveness, WorkerProcess } from '../../shared/model';
import type { KillTarget } from '../monitor-types';
import type { ProcessFact, ProcessIdentity, ProcessTable } from '../ports';
import type { ProcessClaim } from '../sources/source';
import { type Belonging, belongsTo } from './belonging';
import { type Self, whyNoWorker, whyOffLimits, whyPersonsShell } from './off-limits';

/** What of a worker tells which process is its own. Paths are real paths. */
export type ProcessSubject = Pick<KillTarget, 'path' | 'claim' | 'files'>;

/** What was found out about a worker's process. */
export interface ProcessFinding {
  /** Null: no process is known to look for. */
  process: WorkerProcess | null;
  /** Set only where the process is verified: what to compare before anything is done to it. */
  identity: ProcessIdentity | null;
  liveness: Liveness;
  /** In words, one line. */
  reason: string;
}

/**
 * How much later than its naming a process may seem to have started and still be the named one. A start is known to
 * 10 ms on top of a time of boot in whole seconds, and that moves when the wall clock is adjusted in small steps.
 */
export const START_TOLERANCE_MS = 2_000;

/** Whoever starts a process and reports when may write that down so much after the process began. */
export const REPORTED_LATE_MS = 10_000;

/**
 * Find out about the process a claim names. It is verified, and so may be ended, when it exists, started before it was
 * named, belongs to the worker (see belongsTo), and nothing forbids ending it (see whyNoWorker). A process our supervisor
 * started, by its start time, and the first process of a worker's tmux session need no other sign of belonging; nor does
 * one that a report names together with when it started (see startOf).
 *
 * Liveness is another question: a process of the worker that is off limits is alive all the same. `gone` is said only
 * where the pid does not exist, or was plainly handed to another program after it was named.
 */
export function findClaimed(table: ProcessTable, self: Self, subject: ProcessSubject): ProcessFinding {
  const { claim, path } = subject;
  if (!claim) return noProcess('no process is named');
  const { pid, from } = claim;
  const answer = (liveness: Liveness, why: string, fact: ProcessFact | null, verified = false): ProcessFinding => ({
    process: { pid, startedAt: fact?.startedAt ?? null, from, verified, why },
    identity: fact && verified ? { pid, startTime: fact.startTime } : null,
    liveness,
    reason: verified ? `process ${pid} is verified: ${why}` : `process ${pid} is not verified: ${why}`,
  });

  if (!Number.isSafeInteger(pid) || pid <= 1) return answer('unknown', `${pid} cannot be the pid of a worker`, null);
  const look = table.inspect(pid);
  if (look.liveness === 'unknown') return answer('unknown', look.reason, null);
  if (look.liveness === 'gone') return answer('gone', 'it does not exist any more', null);

  const { fact } = look;
  const later = `after ${NAMED_BY[from]}`;
  const start = startOf(claim, fact);
  if (start === 'another') return answer('gone', `the pid was given to another program ${later}`, fact);
  if (start === 'earlier')
    return answer('unknown', 'it started long before it was reported to have been started', fact);
  const belonging = ownAlready(claim, fact) ?? belongsTo(table, pid, path, self.commonDirectories);
  if (start === 'unsaid' && fact.startedAt > claim.namedAt + START_TOLERANCE_MS) {
    return belonging.belongs && from !== 'session'
      ? answer('unknown', `it started ${later}, though ${belonging.why}`, fact)
      : answer('gone', `the pid was given to another program ${later}`, fact);
  }
  // What our supervisor was told to start may be any program; what a file or a pane points to may be a bystander.
  const isHint = from !== 'supervisor' && from !== 'session';
  const offLimits =
    (from === 'supervisor' ? whyOffLimits : whyNoWorker)(table, self, fact) ??
    (isHint ? whyPersonsShell(table, fact) : null);
  if (offLimits) return answer(belonging.belongs ? 'alive' : 'unknown', offLimits, fact);
  if (!belonging.belongs) return answer('unknown', belonging.why, fact);
  return answer('alive', belonging.why, fact, true);
}

const NAMED_BY: Record<ProcessClaim['from'], string> = {
  heartbeat: 'the heartbeat that names it was written',
  spec: 'the spec that names it was written',
  session: 'its tmux session was listed',
  supervisor: 'the supervisor noted it',
  report: 'its program reported it',
};

/**
 * Whether a living process is the claimed one, by when it started: a pid is given to another program sooner or later. A
 * start time that was noted says more than any date, for the wall clock may have been set since. `earlier`: by the
 * report it should have started much later, so that one of the two is not what it seems. `unsaid`: the claim tells
 * nothing of its start.
 */
export function startOf(claim: ProcessClaim, fact: ProcessFact): 'same' | 'another' | 'earlier' | 'unsaid' {
  const { startTime, startedAt } = claim;
  if (startTime !== undefined) return startTime === fact.startTime ? 'same' : 'another';
  if (startedAt === undefined) return 'unsaid';
  if (fact.startedAt > startedAt + START_TOLERANCE_MS) return 'another';
  return fact.startedAt < startedAt - REPORTED_LATE_MS ? 'earlier' : 'same';
}

/**
 * Whether the claimed process lives, by its pid and its start alone: enough to know whether something is history, and
 * not enough to do anything to it.
 */
export function claimedLiveness(table: ProcessTable, claim: ProcessClaim): Liveness {
  const look = table.inspect(claim.pid);
  if (look.liveness !== 'alive') return look.liveness;
  switch (startOf(claim, look.fact)) {
    case 'same':
      return 'alive';
    case 'another':
      return 'gone';
    case 'earlier':
      return 'unknown';
    case 'unsaid':
      return look.fact.startedAt > claim.namedAt + START_TOLERANCE_MS ? 'gone' : 'alive';
  }
}

/**
 * What by itself makes a claimed process the worker's; null: its belonging must show. A registry may be damaged or edited:
 * what our supervisor starts leads a session of its own from its beginning to its end, so another process is not it.
 */
function ownAlready(claim: ProcessClaim, fact: ProcessFact): Belonging | null {
  const { from, startTime } = claim;
  const { pid, sessionId } = fact;
  if (from === 'session') return { belongs: true, why: 'its tmux session began with it' };
  if (from === 'report' && startOf(claim, fact) === 'same')
    return { belongs: true, why: claim.why ?? 'it started when its report says' };
  const mayBeIt = sessionId === pid || sessionId === 0;
  if (from !== 'supervisor' || startTime === undefined || !mayBeIt) return null;
  return { belongs: true, why: 'idlewatch’s supervisor started it' };
}

/** Whether a process verified before is still there: one cheap look, by pid and start time. */
export function stillThere(table: ProcessTable, identity: ProcessIdentity): Liveness {
  const look = table.inspect(identity.pid);
  if (look.liveness !== 'alive') return look.liveness;
  return look.fact.startTime === identity.startTime ? 'alive' : 'gone';
}

export function noProcess(reason: string): ProcessFinding {
  return { process: null, identity: null, liveness: 'unknown', reason };
}
