import type { EvidenceKind, Health, Liveness, WorkerState } from '../../shared/model';
import type { HeartbeatFault } from '../sources/source';
import type { InFlightFact } from './in-flight';

/** Everything a verdict rests on. Ages are milliseconds without time slept; null means there is no such sign. */
export interface Facts {
  /** Verdicts hold (wake-up, our own late tick), with the reason; null when they do not. */
  hold: string | null;
  /** The verdict before this one. */
  previous: Verdict | null;
  /** The worker itself cannot be read now, with the reason. */
  unreadable: string | null;
  declared: 'starting' | 'ready' | 'busy' | 'waiting' | 'stopped' | null;
  asks: string | null;
  task: string | null;
  /** Null: the worker keeps no heartbeat and is not judged by one. */
  heartbeat: { ageMs: number | null; fault: HeartbeatFault | null } | null;
  /** Newest life beside the heartbeat. */
  otherLife: { ageMs: number; from: EvidenceKind } | null;
  progress: { ageMs: number; from: EvidenceKind } | null;
  specAgeMs: number | null;
  firstSeenAgeMs: number;
  /** There was no life within the hour before idlewatch first looked, and there has been none since. */
  silentAtFirstSight: boolean;
  /** How long ago a person ended it through idlewatch; null: nobody did. */
  endedAgeMs: number | null;
  /** Nobody can tell whether its work goes on or awaits a person, in words. */
  unclear: string | null;
  command: { label: string; ageMs: number } | null;
  /** Age of the start or last chunk of an open model request. */
  requestAgeMs: number | null;
  /** Its processes are at work though it shows nothing, or may be; null: they are not, or nobody had to ask. */
  inFlight: InFlightFact | null;
  openTasks: number;
  /** How long it has been running in all, and what it may. A wake-up does not begin it anew, as it does the ages. */
  runTime: { ageMs: number; limitMs: number } | null;
  /** In which state its list has it, in words; its run time then is time without activity. */
  inState?: string | null;
  /** Nobody watches over it any more, in words. */
  orphaned: string | null;
  /** Said of a stopped one in place of its own word. */
  stoppedReason: string | null;
  intervalMs: number | null;
  /** Silence allowed to this worker while it is busy; null: as to every other. */
  staleMs: number | null;
  /** How much longer the worker asked not to be missed; null or negative: no longer. */
  silentForMs: number | null;
  liveness: Liveness;
  pid: number | null;
  /** How many readings in a row found the process gone. */
  goneReadings: number;
  /** idlewatch itself saw this process alive before. */
  seenAlive: boolean;
}

export interface Limits {
  heartbeatMissingMs: number;
  heartbeatStaleMs: number;
  commandTimeoutMs: number;
  startupGraceMs: number;
  requestSilenceMs: number;
  /** Look again this long before a threshold, at the earliest at two thirds of it (which is when it is late). */
  nearMs: number;
}

export interface Verdict {
  state: WorkerState;
  health: Health;
  reason: string;
  /** Which rule decided, as `docs/heartbeat.md` numbers them; 0: the worker cannot be read. */
  rule: number;
  /** Silence alone cannot change the verdict before this long from now. */
  nextLookMs: number;
}

/** A verdict as a rule gives it. */
export type Draft = Omit<Verdict, 'nextLookMs' | 'rule'>;

/** Over this share of a threshold a worker is late. */
export const LATE = 2 / 3;

/** A heartbeat's own interval raises the thresholds to this many intervals. */
const INTERVALS_MISSED = 2.5;

/** Limits of one worker: its source may have a `staleMs` of its own, and its `interval_ms` raises those of silence. */
export function limitsFor({ intervalMs, staleMs }: Pick<Facts, 'intervalMs' | 'staleMs'>, limits: Limits): Limits {
  if (intervalMs === null && staleMs === null) return limits;
  const least = (intervalMs ?? 0) * INTERVALS_MISSED;
  return {
    ...limits,
    heartbeatMissingMs: Math.max(limits.heartbeatMissingMs, least),
    heartbeatStaleMs: Math.max(staleMs ?? limits.heartbeatStaleMs, least),
  };
}

/** Age of the newest sign of life of any kind; null when there has been none. */
export function lifeAgeMs(facts: Facts): number | null {
  const ages = [facts.heartbeat?.ageMs, facts.otherLife?.ageMs, facts.requestAgeMs].filter((age) => age != null);
  return ages.length ? Math.min(...ages) : null;
}

/** There is such a sign, and it is younger than that. */
export function isYoung(ageMs: number | null | undefined, limitMs: number): boolean {
  return ageMs != null && ageMs < limitMs;
}

/** Busy: it says so, or says nothing of being free while a task has no result. */
export function isBusy(f: Pick<Facts, 'declared' | 'openTasks'>): boolean {
  if (f.declared === 'busy') return true;
  return f.declared === null && f.openTasks > 0;
}

/** How long ago the worker was set up, as far as is known. */
export function startAgeMs(f: Facts): number {
  return f.specAgeMs ?? f.firstSeenAgeMs;
}

/** Stalled or dead: what a person should know of. */
export function isWrong(judged: { health: Health } | null | undefined): boolean {
  return judged?.health === 'stalled' || judged?.health === 'dead';
}

/** Stalled for its silence alone: work that does not show may excuse it. */
export function isOverTime({ rule, health }: Verdict): boolean {
  return health === 'stalled' && rule >= 7 && rule <= 10;
}
