import type { BacktestReport, Silence } from '../shared/model';
import type { Settings } from '../shared/settings';

/** What these settings would have ended of what is recorded. Pure. `span`: what the record covers, on the wall clock. */
export function backtest(
  silences: readonly Silence[],
  _settings: Settings,
  { since, until }: { since: number | null; until: number },
): BacktestReport {
  return {
    ...{ since, until, kinds: [], asIf: true, silences: silences.length },
    ...{ mistaken: [], right: [], undecided: [], limits: [] },
  };
}
