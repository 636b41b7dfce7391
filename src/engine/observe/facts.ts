import type { Settings } from '../../shared/settings';
import type { LifeSign, Moment, Reading } from '../sources/source';
import type { WorkerRecord } from '../worker-record';
import { inFlightFact } from './in-flight';
import type { Facts, Limits } from './verdict';
import { FIRST_SIGHT_SILENCE_MS } from './watchdog';

/** A worker cannot ask to be left alone for longer than this from its own heartbeat on. */
const SILENT_UNTIL_MAX_MS = 3_600_000;

/** Now on both clocks, and the moment from which silence counts (after a wake-up). */
export interface Instant {
  monotonicMs: number;
  at: number;
  windowStart: number;
  /** Of the time since then, how much nothing ran; absent: all of it ran. */
  stoodStillMs?(sinceMonotonicMs: number): number;
}

/** Age of a moment without the time before the window. */
export function ageOf(moment: Moment | null, now: Instant): number | null {
  return moment ? Math.max(0, now.monotonicMs - Math.max(moment.monotonicMs, now.windowStart)) : null;
}

/** `nearMs`: how long before a threshold to look again; without it, as soon as the worker would be late. */
export function limitsOf(settings: Settings, nearMs = Number.POSITIVE_INFINITY): Limits {
  return {
    heartbeatMissingMs: settings.heartbeat_missing_secs * 1000,
    heartbeatStaleMs: settings.heartbeat_stale_secs * 1000,
    commandTimeoutMs: settings.command_timeout_secs * 1000,
    startupGraceMs: settings.startupGraceMs,
    requestSilenceMs: settings.requestSilenceMs,
    nearMs,
  };
}

/** Put together what the watchdog judges. */
export function factsOf(record: WorkerRecord, reading: Reading, now: Instant, hold: string | null): Facts {
  const aged = (sign: LifeSign | null) => sign && { ageMs: ageOf(sign, now) ?? 0, from: sign.from };
  const { process } = record;
  return {
    hold,
    previous: record.verdict,
    unreadable: reading.unreadable,
    declared: reading.declared,
    asks: reading.asks,
    task: reading.task,
    heartbeat: reading.heartbeat && { ageMs: ageOf(reading.heartbeat.beat, now), fault: reading.heartbeat.fault },
    otherLife: aged(reading.otherLife),
    progress: aged(reading.progress),
    specAgeMs: ageOf(reading.specWritten, now),
    firstSeenAgeMs: ageOf(record.firstSeen, now) ?? 0,
    silentAtFirstSight: record.silentAtFirstSight,
    endedAgeMs: ageOf(record.ended, now),
    unclear: reading.unclear ?? null,
    command: reading.command && { label: reading.command.label, ageMs: ageOf(reading.command.started, now) ?? 0 },
    requestAgeMs: ageOf(reading.request, now),
    inFlight: inFlightFact(record.inFlight, reading.thinksSilently ?? false),
    openTasks: reading.openTasks,
    runTime: reading.runTime && {
      ageMs: ranForMs(reading.runTime.started, now),
      limitMs: reading.runTime.limitMs,
    },
    inState: reading.inState,
    orphaned: reading.orphaned,
    stoppedReason: reading.stoppedReason,
    intervalMs: reading.intervalMs,
    staleMs: reading.staleMs,
    silentForMs: silentForMs(reading, now),
    liveness: process.liveness,
    pid: process.shown?.pid ?? null,
    goneReadings: process.goneReadings,
    seenAlive: process.seenAlive,
  };
}

/** A wake-up does not begin it anew; the time in which nothing ran is none of it. */
export function ranForMs({ monotonicMs }: Moment, now: Instant): number {
  return Math.max(0, now.monotonicMs - monotonicMs - (now.stoodStillMs?.(monotonicMs) ?? 0));
}

/** How much longer it asked not to be missed; negative: no longer. Null: it did not ask. */
export function silentForMs(reading: Reading, now: Instant): number | null {
  if (reading.silentUntil === null) return null;
  const beat = reading.heartbeat?.beat;
  // On the monotonic clock: setting the wall clock back must not keep the worker unjudged for longer.
  const askedMsAgo = beat ? now.monotonicMs - beat.monotonicMs : 0;
  return Math.min(reading.silentUntil - now.at, SILENT_UNTIL_MAX_MS - askedMsAgo);
}

/** Whether a worker seen for the first time had been silent for so long that this is history. */
export function wasSilentBefore(reading: Reading, now: Instant): boolean {
  const ages = [reading.heartbeat?.beat ?? null, reading.otherLife, reading.request].map((moment) =>
    ageOf(moment, now),
  );
  const known = ages.filter((age) => age !== null);
  const silence = known.length ? Math.min(...known) : ageOf(reading.specWritten, now);
  return silence !== null && silence > FIRST_SIGHT_SILENCE_MS;
}

/** Whether there has been life since the worker was first seen. */
export function livedSince(reading: Reading, firstSeenMs: number): boolean {
  const moments = [reading.heartbeat?.beat ?? null, reading.otherLife, reading.request];
  return moments.some((moment) => moment !== null && moment.monotonicMs > firstSeenMs);
}

/** When a worker's files last showed activity (traffic): never by its heartbeat. Null: they have shown none. */
export function lastActivity(reading: Reading): Moment | null {
  let last: Moment | null = reading.otherLife;
  for (const { moment } of reading.traces)
    if (moment && moment.monotonicMs > (last?.monotonicMs ?? -Infinity)) last = moment;
  return last;
}
