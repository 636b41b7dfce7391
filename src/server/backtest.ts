import { limitsOf } from '../engine/observe/facts';
import { limitsFor } from '../engine/observe/verdict';
import {
  type BacktestCase,
  type BacktestReport,
  natureOf,
  type Silence,
  SOURCE_KINDS,
  type SourceKind,
} from '../shared/model';
import { defaultPolicyRule, type Settings } from '../shared/settings';
import { limitsIn } from './backtest-limits';
import { caseText } from './backtest-words';

/** What is recorded, and under which settings. Times on the wall clock. */
export interface BacktestSpan {
  /** Null: nothing is. */
  since: number | null;
  until: number;
  /** The settings in force: shorter silences than these make worth a look were not recorded. */
  inForce: Settings;
}

/** A recorded silence that these settings would not have waited for. */
export interface WouldEnd {
  silence: Silence;
  at: number;
}

/**
 * What these settings would have ended of what is recorded: the kinds they end by themselves, or, where they end none,
 * every kind as if they did. Pure.
 */
export function backtest(silences: readonly Silence[], settings: Settings, span: BacktestSpan): BacktestReport {
  const { since, until } = span;
  const { kinds, asIf } = kindsTried(settings);
  const afterMs = new Map(kinds.map((kind) => [kind.source, kind.afterMs]));
  const considered = silences.filter(
    ({ source, endedAt, silentFrom }) => afterMs.has(source) && endedAt >= (since ?? until) && silentFrom <= until,
  );
  const ends = considered.flatMap((silence) => {
    if (!silence.couldEnd || settings.keepAlive.includes(silence.workerId)) return [];
    const atMs = endedAfterMs(silence, afterMs.get(silence.source) ?? 0, settings);
    return atMs < silence.lengthMs ? [{ silence, at: Math.min(silence.silentFrom + atMs, silence.endedAt) }] : [];
  });
  const chosen = quietStretches(ends).map(chosenOf);
  const among = (fate: Fate) =>
    chosen
      .filter(({ silence }) => fateOf(silence) === fate)
      .map(caseOf)
      .toSorted((a, b) => b.wouldEndAt - a.wouldEndAt);
  return {
    ...{ since, until, kinds, asIf, silences: considered.length },
    ...{ mistaken: among('mistaken'), right: among('right'), undecided: among('undecided') },
    limits: limitsIn(considered, chosen, settings, span, kinds),
  };
}

function kindsTried({ endingPolicy }: Settings): Pick<BacktestReport, 'kinds' | 'asIf'> {
  const isEnded = (source: SourceKind) => endingPolicy[source]?.action === 'kill';
  const asIf = !SOURCE_KINDS.some(isEnded);
  // Nothing of a task lives that could be ended.
  const tried = SOURCE_KINDS.filter(asIf ? (source) => natureOf(source) !== 'task' : isEnded);
  const kinds = tried.map((source) => {
    const { afterSecs } = endingPolicy[source] ?? defaultPolicyRule();
    return { source, afterMs: afterSecs * 1000 };
  });
  return { kinds, asIf };
}

/** After how much silence a worker would have been ended, at the earliest: two readings show that it is stalled. */
function endedAfterMs(silence: Silence, afterMs: number, settings: Settings): number {
  const excusedMs = (silence.excusedUntil ?? silence.silentFrom) - silence.silentFrom;
  return Math.max(thresholdMs(silence, settings), excusedMs) + afterMs + settings.policyCheckIntervalMs;
}

/** The silence at which its worker would have been called stalled. */
function thresholdMs(silence: Silence, settings: Settings): number {
  const { clock, source, intervalMs, commandMs } = silence;
  const staleMs = natureOf(source) === 'session' ? settings.session_stale_secs * 1000 : null;
  const limits = limitsFor({ intervalMs, staleMs }, limitsOf(settings));
  switch (clock) {
    case 'missing':
      return Math.min(limits.heartbeatMissingMs, limits.heartbeatStaleMs);
    case 'stale':
      return limits.heartbeatStaleMs;
    case 'command':
      return Math.max(limits.commandTimeoutMs - (commandMs ?? 0), limits.heartbeatStaleMs);
    case 'run_time':
      return runTimeLimitMs(silence, settings);
  }
}

function runTimeLimitMs({ source, ownLimitMs, thresholdMs }: Silence, settings: Settings): number {
  const { workbenchMaxRuntimeSecs, sessionMaxRunMinutes } = settings;
  if (source === 'workbench') return Math.min(workbenchMaxRuntimeSecs * 1000, ownLimitMs ?? Number.POSITIVE_INFINITY);
  if (natureOf(source) === 'session') return (sessionMaxRunMinutes ?? Number.POSITIVE_INFINITY) * 60_000;
  return ownLimitMs ?? thresholdMs;
}

type Fate = 'mistaken' | 'right' | 'undecided';

function fateOf({ end }: Silence): Fate {
  if (end === 'life' || end === 'finished') return 'mistaken';
  return end === 'unknown' ? 'undecided' : 'right';
}

/** Silences of one worker that overlap are one stretch of quiet: it can be ended once. */
function quietStretches(ends: readonly WouldEnd[]): WouldEnd[][] {
  const last = new Map<Silence['workerId'], { stretch: WouldEnd[]; untilAt: number }>();
  const stretches: WouldEnd[][] = [];
  for (const end of ends.toSorted((a, b) => a.silence.silentFrom - b.silence.silentFrom)) {
    const { workerId, silentFrom, endedAt } = end.silence;
    const before = last.get(workerId);
    const goesOn = before !== undefined && silentFrom < before.untilAt;
    const stretch = goesOn ? before.stretch : [];
    if (!goesOn) stretches.push(stretch);
    stretch.push(end);
    last.set(workerId, { stretch, untilAt: Math.max(endedAt, goesOn ? before.untilAt : endedAt) });
  }
  return stretches;
}

/** What a stretch comes to. In doubt it was a mistake; what is known outweighs what is not. */
function chosenOf(stretch: WouldEnd[]): WouldEnd {
  const order: Fate[] = ['mistaken', 'right', 'undecided'];
  const [first] = stretch.toSorted(
    (a, b) => order.indexOf(fateOf(a.silence)) - order.indexOf(fateOf(b.silence)) || a.at - b.at,
  );
  return first as WouldEnd;
}

function caseOf({ silence, at }: WouldEnd): BacktestCase {
  const { workerId, workerName, source, silentFrom, end, endedAt } = silence;
  return {
    ...{ workerId, workerName, source, silentFrom },
    ...{ wouldEndAt: at, outcome: end, outcomeAt: endedAt, text: caseText(silence, at) },
  };
}
