import { harmless, plural } from '../../shared/format';
import type { KillPlan, PlannedProcess, WorkerId } from '../../shared/model';
import type { KillTarget } from '../monitor-types';
import type { ProcessFact, ProcessIdentity, ProcessTable } from '../ports';
import type { SessionAbort } from '../sources/source';
import { openScope, type Scope } from './scope';
import { ABORT_DEADLINE_MS, isAbortTarget } from './session-abort';
import { openSessionScope, type SessionScope } from './session-scope';
import { inSeconds } from './words';

export interface PlanRequest {
  planId: string;
  target: KillTarget;
  /** All workers that are known, to find out who shares a process or has one below it. */
  targets: readonly KillTarget[];
  killGraceMs: number;
  madeAt: number;
  /** Processes an earlier plan for this worker named: they belong to it even where their parent has ended since. */
  known?: readonly ProcessIdentity[];
}

/** A plan, and what it rests on where it can be carried out. */
export interface Planned {
  plan: KillPlan;
  scope: Scope | SessionScope | null;
}

const COMMAND_LENGTH = 1000;

/** Find out what ending a worker would do, as of now. Signals nothing. */
export function planKill(table: ProcessTable, request: PlanRequest): Planned {
  const { planId, target, targets, killGraceMs, madeAt, known = [] } = request;
  const nothing: KillPlan = {
    planId,
    workerId: target.workerId,
    workerName: target.workerName,
    madeAt,
    killGraceMs,
    session: target.session?.name ?? null,
    abort: target.abort ? serverWords(target.abort) : null,
    processes: [],
    spared: [],
    refused: null,
    sharedWith: [],
    steps: [],
  };
  const scope = isAbortTarget(target) ? openSessionScope(table, target, targets) : openScope(table, target, targets);
  if ('refused' in scope) return { plan: { ...nothing, refused: scope.refused }, scope: null };

  // First as a plan that knows of none: what that leaves alone stays so, though one of these leads its session or group.
  if (known.length) scope.grow(scope.listing);
  const named = known.map((identity) => ({ identity, why: 'named by the plan, its parent has ended' }));
  const tree = scope.grow(scope.listing, named);
  const spared = tree.spared.map(({ fact, why }) => ({ pid: fact.pid, command: commandOf(table, fact), why }));
  const processes = tree.members.map(({ fact, depth, why }) => plannedProcess(table, fact, depth, why));
  if (!processes.length && !target.session && !target.abort) {
    return { plan: { ...nothing, spared, refused: `Nothing can be ended: ${scope.reason}.` }, scope: null };
  }
  const pids = new Set(processes.map(({ pid }) => pid));
  const inside = targets.filter(({ within }) => within?.id === target.workerId && pids.has(within.pid));
  const plan: KillPlan = {
    ...nothing,
    processes,
    spared,
    sharedWith: scope.sharedWith.map(({ workerId, workerName }) => ({ id: workerId, name: workerName })),
    steps: [
      ...inside.map(withIt),
      ...(target.abort
        ? stepsToAbort(target.abort, processes.length, killGraceMs)
        : stepsFor(processes.length, killGraceMs, nothing.session)),
    ],
  };
  return { plan, scope };
}

export function plannedProcess(table: ProcessTable, fact: ProcessFact, depth: number, why: string): PlannedProcess {
  const { pid, ppid, startTime, startedAt } = fact;
  const process = { pid, ppid, depth, startTime, startedAt, command: commandOf(table, fact), why };
  return isHeldStill(fact, depth) ? { ...process, heldStill: true } : process;
}

/** Below the first process some are stopped by the system itself, as when they ask the terminal for input (SIGTTIN). */
function isHeldStill({ stat }: ProcessFact, depth: number): boolean {
  return stat === 't' || (stat === 'T' && depth === 0);
}

function commandOf(table: ProcessTable, fact: ProcessFact): string {
  return harmless(table.commandLine(fact.pid)?.trim() || `[${fact.name}]`, COMMAND_LENGTH);
}

function stepsFor(count: number, killGraceMs: number, session: string | null): string[] {
  const what = count === 1 ? 'the process' : `${plural(count, 'process', 'processes')}, parents before children`;
  const left = session === null ? '' : ', where it is still there';
  const ending = session === null ? [] : [`End the tmux session ${harmless(session, COMMAND_LENGTH)}, and no other.`];
  const checking = session === null ? [] : ['Look that the tmux session is not listed any more.'];
  if (count === 0) return [...ending, ...checking];
  return [
    ...ending,
    'Before every signal, check that the process is still the same one by pid, start time and user.',
    `Send SIGTERM to ${what}${left}.`,
    killGraceMs > 0 ? `Wait up to ${inSeconds(killGraceMs)} for an end.` : 'Do not wait: the kill grace is 0.',
    'Send SIGKILL to what is left, and to what was started meanwhile.',
    ...checking,
    'Check that nothing is left, and say what is.',
  ];
}

function withIt({ workerName }: KillTarget): string {
  return `End with it ${harmless(workerName, COMMAND_LENGTH)}, which runs in it.`;
}

function serverWords({ serverName }: SessionAbort): string {
  return `the OpenCode server at ${harmless(serverName, COMMAND_LENGTH)}`;
}

function stepsToAbort(abort: SessionAbort, count: number, killGraceMs: number): string[] {
  return [
    `Ask ${serverWords(abort)} to abort the session. The server itself is never ended.`,
    `Ask for up to ${inSeconds(ABORT_DEADLINE_MS)} whether the session is at rest.`,
    ...(count
      ? ['Of what its commands left running, end what is still there then:', ...stepsFor(count, killGraceMs, null)]
      : []),
  ];
}

/** The plan for a worker nobody knows. */
export function unknownWorker(id: WorkerId, planId: string, madeAt: number): KillPlan {
  return {
    planId,
    workerId: id,
    workerName: id,
    madeAt,
    killGraceMs: 0,
    session: null,
    abort: null,
    processes: [],
    spared: [],
    refused: 'There is no such worker now.',
    sharedWith: [],
    steps: [],
  };
}
