import { type BacktestReport, SOURCE_KINDS, type SourceKind } from '../../shared/model';
import { defaultSettings, mergeSettings, type Settings } from '../../shared/settings';

/** What is shown of what edited settings would have done. */
export type BacktestShown =
  | { state: 'looking' }
  | { state: 'shown'; report: BacktestReport }
  | { state: 'failed'; reason: string };

/** The settings as they would be with this patch; null: something in it is wrong. */
export function settingsAfter(inForce: Settings, patch: Record<string, unknown>): Settings | null {
  const defaults: Record<string, unknown> = defaultSettings();
  const layer = Object.fromEntries(Object.entries(patch).map(([key, value]) => [key, value ?? defaults[key]]));
  const merged = mergeSettings(inForce, layer, 'settings page');
  return merged.ok ? merged.settings : null;
}

/** Lowering one of these makes more workers stalled, or those that are sooner. No value is no limit. */
const THRESHOLDS = [
  'policyCheckIntervalMs',
  'heartbeat_missing_secs',
  'heartbeat_stale_secs',
  'command_timeout_secs',
  'session_stale_secs',
  'sessionMaxRunMinutes',
  'workbenchMaxRuntimeSecs',
] as const satisfies readonly (keyof Settings)[];

/** The kinds that would be ended without a person, and were not before, or not so soon. */
export function endedSooner(before: Settings, after: Settings): SourceKind[] {
  const isLower = THRESHOLDS.some((key) => (after[key] ?? Infinity) < (before[key] ?? Infinity));
  return SOURCE_KINDS.filter((source) => {
    const [was, is] = [before.endingPolicy[source], after.endingPolicy[source]];
    if (is?.action !== 'kill') return false;
    return was?.action !== 'kill' || is.afterSecs < was.afterSecs || isLower;
  });
}

/** Saving takes a plain word of the person: somebody would have been ended wrongly, or nobody can tell. */
export function needsConsent(shown: BacktestShown): boolean {
  return shown.state === 'failed' || (shown.state === 'shown' && shown.report.mistaken.length > 0);
}

/** Why it cannot be saved yet, in a sentence; null: it can. */
export function obstacleTo(shown: BacktestShown, consents: boolean): string | null {
  if (shown.state === 'looking') return 'Not saved yet: what this would have done is being looked up.';
  if (!needsConsent(shown) || consents) return null;
  return 'Not saved yet: tick that workers may be ended all the same, or change what is ended.';
}
