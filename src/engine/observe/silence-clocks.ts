import type { Silence } from '../../shared/model';
import type { LifeSign, Moment, Reading } from '../sources/source';
import { ageOf, type Instant, ranForMs } from './facts';
import { isBusy, LATE, type Limits, limitsFor } from './verdict';

/** What is silent of a worker, and for how long: the ages and thresholds of rules 7, 9, 10 and 13. */
export interface SilentClock {
  clock: Silence['clock'];
  /** What silence counts from. */
  base: Moment;
  /** The same on the monotonic clock, without what lies before a wake-up. */
  countedFromMs: number;
  ageMs: number;
  thresholdMs: number;
  /** Of a command: how long it had been running at the base. */
  commandMs: number | null;
  ownLimitMs: number | null;
  /** Over two thirds of all that it is allowed. */
  isNear: boolean;
}

/** Every clock a worker has now, whichever of them it is judged by. Pure. */
export function clocksOf(reading: Reading, now: Instant, settings: Limits): SilentClock[] {
  const limits = limitsFor(reading, settings);
  const clocks = [missing(reading, now, limits), stale(reading, now, limits), command(reading, now, limits)];
  return [...clocks, runTime(reading, now)].filter((clock) => clock !== null);
}

function missing(reading: Reading, now: Instant, { heartbeatMissingMs, heartbeatStaleMs }: Limits): SilentClock | null {
  const life = newestOf([reading.heartbeat?.beat ?? null, reading.otherLife, reading.request]);
  return life && since('missing', life, now, Math.min(heartbeatMissingMs, heartbeatStaleMs));
}

function stale(reading: Reading, now: Instant, { heartbeatStaleMs }: Limits): SilentClock | null {
  return reading.progress && isBusy(reading) ? since('stale', reading.progress, now, heartbeatStaleMs) : null;
}

/** A command over its time is stalled only where no work shows either. */
function command(reading: Reading, now: Instant, limits: Limits): SilentClock | null {
  if (!reading.command) return null;
  const { started } = reading.command;
  const base: Moment | LifeSign = reading.progress ?? started;
  const silence = since('command', base, now, limits.commandTimeoutMs);
  const runningMs = ageOf(started, now) ?? 0;
  const isSilent = silence.ageMs >= limits.heartbeatStaleMs * LATE;
  return {
    ...silence,
    commandMs: base.monotonicMs - started.monotonicMs,
    isNear: isSilent && runningMs >= limits.commandTimeoutMs * LATE,
  };
}

function runTime({ runTime }: Reading, now: Instant): SilentClock | null {
  if (!runTime) return null;
  const { started, limitMs, ownLimitMs = null } = runTime;
  const ageMs = ranForMs(started, now);
  return {
    ...since('run_time', started, now, limitMs),
    ...{ countedFromMs: started.monotonicMs, ageMs, ownLimitMs, isNear: ageMs >= limitMs * LATE },
  };
}

function since(clock: Silence['clock'], base: Moment, now: Instant, thresholdMs: number): SilentClock {
  const ageMs = ageOf(base, now) ?? 0;
  return {
    ...{ clock, base, ageMs, thresholdMs, commandMs: null, ownLimitMs: null },
    countedFromMs: Math.max(base.monotonicMs, now.windowStart),
    isNear: ageMs >= thresholdMs * LATE,
  };
}

function newestOf(moments: (Moment | null)[]): Moment | null {
  let newest: Moment | null = null;
  for (const moment of moments) {
    if (moment && moment.monotonicMs > (newest?.monotonicMs ?? Number.NEGATIVE_INFINITY)) newest = moment;
  }
  return newest;
}
