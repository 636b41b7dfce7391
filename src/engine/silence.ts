import type { Silence } from '../shared/model';
import type { Instant } from './observe/facts';
import type { SilentClock } from './observe/silence-clocks';
import type { ProcessIdentity } from './ports';
import type { Moment } from './sources/source';

/** A stretch of a silence: a wake-up ends one and begins the next, as it does for the watchdog. */
interface Part {
  silentFrom: number;
  countedFromMs: number;
  /** As of the last look. */
  lengthMs: number;
  excusedUntil: number | null;
}

/** A silence that is not over yet. */
export interface OpenSilence
  extends Pick<Silence, 'clock' | 'thresholdMs' | 'intervalMs' | 'commandMs' | 'ownLimitMs'> {
  base: Moment;
  /** Who was silent. */
  process: ProcessIdentity | null;
  couldEnd: boolean;
  /** The longest that is over; null: there was none. */
  before: Part | null;
  part: Part;
  seenMs: number;
  /** At the last look it was no fault. */
  isExcused: boolean;
}

type Begun = Pick<OpenSilence, 'intervalMs' | 'process' | 'couldEnd'> & { excusedUntil: number | null };

export function beginSilence(clock: SilentClock, now: Instant, begun: Begun): OpenSilence {
  const { excusedUntil, ...rest } = begun;
  const { base, thresholdMs, commandMs, ownLimitMs } = clock;
  return {
    ...{ clock: clock.clock, base, thresholdMs, commandMs, ownLimitMs, ...rest },
    ...{ before: null, part: partOf(clock, now), seenMs: now.monotonicMs, isExcused: false },
    ...(excusedUntil !== null && { part: { ...partOf(clock, now), excusedUntil } }),
  };
}

/** It lasts: how long it is now. */
export function followSilence(
  silence: OpenSilence,
  clock: SilentClock,
  { now, isExcused }: { now: Instant; isExcused: boolean },
): void {
  if (clock.countedFromMs > silence.part.countedFromMs) {
    silence.before = longer(silence.before, silence.part);
    silence.part = partOf(clock, now);
  }
  silence.part.lengthMs = clock.ageMs;
  if (isExcused) silence.part.excusedUntil = now.at;
  Object.assign(silence, { isExcused, seenMs: now.monotonicMs, thresholdMs: clock.thresholdMs });
}

/** What is recorded of it now that it is over; null: all of it was excused. */
export function silenceOf(
  silence: OpenSilence,
  { end, at, now }: { end: Silence['end']; at: Moment | Instant; now: Instant },
): Omit<Silence, 'workerId' | 'workerName' | 'source'> | null {
  const { clock, thresholdMs, intervalMs, ownLimitMs, couldEnd } = silence;
  const part = longer(silence.before, lastPart(silence, at, now));
  const silentFrom = Math.round(part.silentFrom);
  const lengthMs = Math.round(part.lengthMs);
  const excusedUntil = rounded(part.excusedUntil);
  if (excusedUntil !== null && excusedUntil - silentFrom >= lengthMs) return null;
  return {
    ...{ clock, silentFrom, lengthMs, thresholdMs, intervalMs, ownLimitMs, excusedUntil, couldEnd, end },
    commandMs: rounded(silence.commandMs),
    endedAt: Math.round(at.at),
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

/** The part that was open, up to the end. What lies between the last look and a standstill after it is not counted. */
function lastPart({ part, seenMs, isExcused }: OpenSilence, at: Moment | Instant, now: Instant): Part {
  const isWhole = now.windowStart <= seenMs || at.monotonicMs <= seenMs;
  if (!isWhole) return part;
  const lengthMs = Math.max(0, part.lengthMs + at.monotonicMs - seenMs);
  return {
    ...part,
    lengthMs,
    excusedUntil: isExcused ? Math.round(part.silentFrom) + Math.round(lengthMs) : part.excusedUntil,
  };
}

function partOf({ base, countedFromMs, ageMs }: SilentClock, now: Instant): Part {
  const isFromBase = countedFromMs === base.monotonicMs;
  const silentFrom = isFromBase ? base.at : now.at - (now.monotonicMs - countedFromMs);
  return { silentFrom, countedFromMs, lengthMs: ageMs, excusedUntil: null };
}

function longer(a: Part | null, b: Part): Part {
  return a && a.lengthMs >= b.lengthMs ? a : b;
}
