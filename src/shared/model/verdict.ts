/** What a worker is doing. `waiting` means: for a person. */
export const WORKER_STATES = ['stalled', 'dead', 'waiting', 'busy', 'starting', 'ready', 'stopped'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** How well a worker is. `unknown`: it is not judged by its silence (stopped, starting, or nothing known yet). */
export type Health = 'healthy' | 'late' | 'stalled' | 'dead' | 'unknown';

/** It is not known how a worker is, though its state, the last that was known, says that it should be doing something. */
export function isUnknown({ state, health }: { state: WorkerState; health: Health }): boolean {
  return health === 'unknown' && state !== 'starting' && state !== 'stopped';
}

/** Whether the process exists. `unknown` when no process is known or the question could not be answered. */
export type Liveness = 'alive' | 'gone' | 'unknown';

export type EvidenceKind =
  | 'heartbeat'
  | 'outbox'
  | 'inbox'
  | 'wire_events'
  | 'log'
  | 'request'
  | 'process'
  | 'command'
  | 'spec'
  | 'session'
  | 'run_time'
  /** What its own program says of it: a status, an event. */
  | 'report'
  | 'transcript'
  /** Its processes use processor time while a connection is open. */
  | 'in_flight'
  | 'task'
  | 'first_seen'
  | 'clock_skew';

/** One fact a verdict rests on. */
export interface Evidence {
  kind: EvidenceKind;
  /** In words, one line, safe to show. */
  text: string;
  /** When it last changed, or null where it has no time. */
  at: number | null;
  /** Its age when the worker was judged, without time slept. */
  ageMs: number | null;
  /** `fault`: this is what is wrong; `warn`: worth a look; `info`: the rest. */
  level: 'info' | 'warn' | 'fault';
}

/**
 * How well a worker was in the last hour, one letter a minute, oldest first: `h` healthy, `l` late, `s` stalled, `d` dead,
 * `w` waiting for a person, `o` stopped or starting, `-` not watched. The worst of a minute counts.
 */
export type HealthStrip = string;
export const STRIP_MINUTES = 60;
