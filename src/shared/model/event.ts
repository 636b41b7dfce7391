import type { WorkerId } from './source';

/** Something that happened to a worker or to the whole, once. */
export interface MonitorEvent {
  /** Counts up from 1, and goes on where the event log ends. */
  id: number;
  at: number;
  kind:
    | 'found'
    | 'left'
    | 'started'
    | 'busy'
    | 'ready'
    | 'waiting'
    | 'stalled'
    | 'dead'
    | 'recovered'
    | 'stopped'
    | 'idle'
    | 'running'
    | 'held'
    /** Something its supervisor told of, or what became of an action of ours: neither good nor bad by itself. */
    | 'notice'
    /** What the policy decided. */
    | 'policy'
    /** The circuit breaker. */
    | 'breaker_opened'
    | 'breaker_closed'
    /** Somebody, or the policy, ends a worker: what is meant to be done, and what came of it. */
    | 'kill_intent'
    | 'kill_ended'
    | 'kill_failed'
    | 'reap'
    /** A setting changed. */
    | 'config_changed'
    /** Over its threshold without activity; one that is grouped names no worker. */
    | 'session_idle'
    | 'task_idle'
    /** Ended for being idle. */
    | 'session_timed_out';
  workerId: WorkerId | null;
  workerName: string | null;
  text: string;
}

/** An event as the event log keeps it. */
export interface LoggedEvent extends MonitorEvent {
  /** What belongs to it beside the words, as JSON: a plan, a receipt, what a setting was and is. */
  data?: unknown;
}

/** What the local API and the command line call an event: the kinds that are of a worker say so. */
export function eventName({ kind }: Pick<MonitorEvent, 'kind'>): string {
  return tellsOfWorker(kind) ? `worker_${kind}` : kind;
}

/** It tells how a worker is; all others tell of actions, or of the whole. */
export function tellsOfWorker(kind: MonitorEvent['kind']): boolean {
  return OF_WORKERS.has(kind);
}

const OF_WORKERS: ReadonlySet<MonitorEvent['kind']> = new Set([
  'found',
  'left',
  'started',
  'busy',
  'ready',
  'waiting',
  'stalled',
  'dead',
  'recovered',
  'stopped',
]);

/** Work beginning and ending, as it does all day. */
export function isRoutine({ kind }: MonitorEvent): boolean {
  return kind === 'busy' || kind === 'ready';
}

export const EVENTS_KEPT = 200;
/** And so many of work that begins and ends: many busy workers must not push out what matters. */
export const ROUTINE_EVENTS_KEPT = 50;
