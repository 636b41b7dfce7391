import { inFlightMaxMs, isInFlight, quietForMs } from './excuses';
import { FIRST_WINDOW_MS } from './in-flight';
import { type Draft, type Facts, isBusy, isWrong, LATE, type Limits, lifeAgeMs, startAgeMs } from './verdict';

/** Processes that excuse silence are looked at this often, and so soon again where nothing was measured yet. */
const IN_FLIGHT_LOOK_MS = 5_000;
const IN_FLIGHT_FIRST_LOOK_MS = FIRST_WINDOW_MS + 50;

/** A process found gone is looked at again this soon: one reading is not enough. */
const CONFIRM_GONE_MS = 1_000;

/** When silence alone could next change the verdict: the nearest threshold that lies ahead. */
export function nextLookMs(f: Facts, l: Limits, draft: Draft): number {
  const left: number[] = [];
  const ahead = (ageMs: number | null | undefined, ...thresholds: number[]) => {
    if (ageMs == null) return;
    for (const threshold of thresholds) if (threshold > ageMs) left.push(threshold - ageMs);
  };
  const near = (threshold: number) => Math.max(threshold * LATE, threshold - l.nearMs);
  if (f.liveness === 'gone' && f.goneReadings < 2) left.push(CONFIRM_GONE_MS);
  if (draft.state !== 'stopped' && draft.state !== 'waiting') {
    const life = lifeAgeMs(f);
    ahead(life, near(l.heartbeatMissingMs), l.heartbeatMissingMs);
    if (l.heartbeatMissingMs > l.heartbeatStaleMs) ahead(life, near(l.heartbeatStaleMs), l.heartbeatStaleMs);
    ahead(f.otherLife?.ageMs, l.heartbeatMissingMs);
    if (isBusy(f)) ahead(f.progress?.ageMs, near(l.heartbeatStaleMs), l.heartbeatStaleMs);
    if (f.command) ahead(f.command.ageMs, near(l.commandTimeoutMs), l.commandTimeoutMs);
    if (f.command) ahead(f.progress?.ageMs, l.heartbeatStaleMs);
    ahead(f.requestAgeMs, l.requestSilenceMs);
    if (f.runTime) ahead(f.runTime.ageMs, f.runTime.limitMs * LATE, f.runTime.limitMs);
    if (f.heartbeat?.ageMs == null) ahead(startAgeMs(f), l.startupGraceMs);
    if (f.silentForMs !== null && f.silentForMs > 0) left.push(f.silentForMs);
    if (isInFlight(f, l)) {
      left.push(f.inFlight?.isMeasured ? IN_FLIGHT_LOOK_MS : IN_FLIGHT_FIRST_LOOK_MS);
      ahead(quietForMs(f), inFlightMaxMs(f, l));
    }
  }
  // The reason of what is wrong names its age, and recovery should show soon: look more often while it is fresh.
  if (isWrong(draft)) left.push(refreshMs(lifeAgeMs(f)));
  return left.length ? Math.min(...left) : Number.POSITIVE_INFINITY;
}

function refreshMs(ageMs: number | null): number {
  if (ageMs === null || ageMs >= 3_600_000) return 60_000;
  return ageMs < 600_000 ? 1_000 : 10_000;
}
