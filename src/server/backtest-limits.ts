import { LATE } from '../engine/observe/verdict';
import { formatDuration, plural } from '../shared/format';
import { type BacktestReport, natureOf, type Silence, type SourceKind } from '../shared/model';
import { type SettingKey, type Settings, settingWords } from '../shared/settings';
import type { BacktestSpan, WouldEnd } from './backtest';

/** Less than this much of a record tells little. */
const ENOUGH_MS = 7 * 86_400_000;

type Kinds = BacktestReport['kinds'];

/** What a backtest cannot tell of what is recorded, in sentences. */
export function limitsIn(
  silences: readonly Silence[],
  ends: readonly WouldEnd[],
  tried: Settings,
  span: BacktestSpan,
  kinds: Kinds,
): string[] {
  const { since, until, inForce } = span;
  if (since === null) return [];
  const recordedMs = until - since;
  return [
    recordedMs < ENOUGH_MS &&
      `Only ${formatDuration(recordedMs)} is recorded: long silences that are rare may be missing.`,
    ...CLOCKS.map((clock) => unrecorded(clock, silences, { tried, inForce, kinds })),
    ...ofSilences(silences),
    ...ofEnds(ends),
    tried.IDLE_AUTO_TIMEOUT_ENABLED && 'Sessions that would have been ended for being idle are not looked for.',
    'Stalls for other reasons than silence (a broken heartbeat, an orphaned run) are not recorded.',
  ].filter((sentence) => typeof sentence === 'string');
}

/** A setting that says how long something may be silent. */
interface ClockSetting {
  key: SettingKey;
  clock: Silence['clock'];
  /** Whose it is. */
  isOf(source: SourceKind): boolean;
  /** Null: no limit. */
  ms(settings: Settings): number | null;
}

const isSession = (source: SourceKind) => natureOf(source) === 'session';
const keepsHeartbeat = (source: SourceKind) =>
  source === 'worker-directory' || source === 'supervised-run' || source === 'agent-registry';

const CLOCKS: readonly ClockSetting[] = [
  {
    ...{ key: 'heartbeat_missing_secs', clock: 'missing', isOf: keepsHeartbeat },
    ms: (s) => Math.min(s.heartbeat_missing_secs, s.heartbeat_stale_secs) * 1000,
  },
  {
    ...{ key: 'heartbeat_stale_secs', clock: 'stale', isOf: (source) => source === 'worker-directory' },
    ms: (s) => s.heartbeat_stale_secs * 1000,
  },
  { key: 'session_stale_secs', clock: 'stale', isOf: isSession, ms: (s) => s.session_stale_secs * 1000 },
  {
    ...{ key: 'command_timeout_secs', clock: 'command' },
    isOf: (source) => source === 'worker-directory' || isSession(source),
    ms: (s) => s.command_timeout_secs * 1000,
  },
  {
    ...{ key: 'workbenchMaxRuntimeSecs', clock: 'run_time', isOf: (source) => source === 'workbench' },
    ms: (s) => s.workbenchMaxRuntimeSecs * 1000,
  },
  {
    ...{ key: 'sessionMaxRunMinutes', clock: 'run_time', isOf: isSession },
    ms: (s) => (s.sessionMaxRunMinutes === null ? null : s.sessionMaxRunMinutes * 60_000),
  },
];

/** Silences too short to have been recorded, though they would now be long enough. */
function unrecorded(
  { key, clock, isOf, ms }: ClockSetting,
  silences: readonly Silence[],
  { tried, inForce, kinds }: { tried: Settings; inForce: Settings; kinds: Kinds },
): string | false {
  const after = kinds.filter(({ source }) => isOf(source)).map(({ afterMs }) => afterMs);
  const triedMs = ms(tried);
  if (!after.length || triedMs === null) return false;
  const { title } = settingWords(key);
  const inForceMs = ms(inForce);
  if (inForceMs === null) return `“${title}” had no limit, so nothing is recorded of it.`;
  // Those with an interval of their own are allowed more, under any settings.
  const known = silences.filter((silence) => silence.clock === clock && isOf(silence.source) && !silence.intervalMs);
  const recordedFromMs = LATE * known.reduce((most, { thresholdMs }) => Math.max(most, thresholdMs), inForceMs);
  const endedAfterMs = triedMs + Math.min(...after) + tried.policyCheckIntervalMs;
  if (endedAfterMs >= recordedFromMs) return false;
  const recorded = `only what lasted for over ${formatDuration(recordedFromMs)} is recorded`;
  return `“${title}”: ${recorded}, and after ${formatDuration(endedAfterMs)} a worker would have been ended: more than are named here.`;
}

function ofSilences(silences: readonly Silence[]): (string | false)[] {
  const unreachable = silences.filter(({ couldEnd }) => !couldEnd).length;
  const were = plural(unreachable, 'silence was', 'silences were');
  return [
    unreachable > 0 && `${were} of workers of which nothing was known that could have been ended; they are left out.`,
  ];
}

function ofEnds(ends: readonly WouldEnd[]): (string | false)[] {
  if (!ends.length) return [];
  const ended = ends.filter(({ silence }) => silence.end === 'ended').length;
  const sessions = ends.some(({ silence }) => silence.source === 'opencode' || silence.source === 'claude-code');
  return [
    ended > 0 && `Whether the ${ended} that somebody ended would have come back nobody knows; they count as right.`,
    sessions && 'A session that a person broke off in its own program looks as if it had gone on.',
    'What would have held automatic ending back (the circuit breaker, an overloaded machine, a snooze) is not replayed.',
  ];
}
