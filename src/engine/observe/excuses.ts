// What excuses silence: the worker said that it would be silent, or it works unseen.
import { type Facts, isBusy, isWrong, isYoung, type Limits, lifeAgeMs } from './verdict';

/** A command that is at work itself excuses its worker for this long from its last progress on. */
export const COMMAND_AT_WORK_MAX_MS = 3_600_000;

/**
 * Anything else its processes do excuses it for so many times the silence allowed to it, for this long at least and never
 * for longer than a command would: whoever hangs with a spinner turning looks just like that.
 */
export const IN_FLIGHT_ALLOWANCES = 3;
export const IN_FLIGHT_LEAST_MS = 600_000;

/** The worker said that it would be silent, or works unseen: silence means nothing, unless it is gone. */
export function isHeldOff(f: Facts, l: Limits): boolean {
  return f.liveness !== 'gone' && (isLeftAlone(f) || hasOpenWork(f, l));
}

/** It asked not to be missed, and that still holds. */
export function isLeftAlone(f: Facts): boolean {
  return f.silentForMs !== null && f.silentForMs > 0;
}

/** A model request is open, or its processes are at work. */
export function hasOpenWork(f: Facts, l: Limits): boolean {
  return isYoung(f.requestAgeMs, l.requestSilenceMs) || isInFlight(f, l);
}

/** Its processes are at work, or may be, and not for longer than that excuses it. */
export function isInFlight(f: Facts, l: Limits): boolean {
  if (!f.inFlight || f.liveness !== 'alive' || quietForMs(f) >= inFlightMaxMs(f, l)) return false;
  // What is wrong already stays so until it is known to be at work.
  return f.inFlight.isMeasured || !isWrong(f.previous);
}

/** Nothing better than that its processes are at work keeps it from being stalled. */
export function isOnlyInFlight(f: Facts, l: Limits): boolean {
  if (isLeftAlone(f) || isYoung(f.requestAgeMs, l.requestSilenceMs)) return false;
  return isInFlight(f, l) && !isCommandAtWork(f);
}

function isCommandAtWork({ command, inFlight }: Facts): boolean {
  return command !== null && inFlight?.isBelow === true;
}

/** For how long work of its processes excuses silence. */
export function inFlightMaxMs(f: Facts, { heartbeatStaleMs }: Limits): number {
  if (isCommandAtWork(f)) return COMMAND_AT_WORK_MAX_MS;
  return Math.min(COMMAND_AT_WORK_MAX_MS, Math.max(IN_FLIGHT_LEAST_MS, IN_FLIGHT_ALLOWANCES * heartbeatStaleMs));
}

/** For how long that has lacked which is asked of it: progress of what is at work, else life. */
export function quietForMs(f: Facts): number {
  const progressMs = isBusy(f) || f.command ? f.progress?.ageMs : undefined;
  return progressMs ?? lifeAgeMs(f) ?? f.firstSeenAgeMs;
}
