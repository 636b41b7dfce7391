import { formatDuration, plural } from './format';
import type { BacktestReport } from './model';

/** What a backtest comes to, in a sentence. */
export function backtestVerdict({ since, mistaken, right, undecided }: BacktestReport): string {
  if (since === null) return 'Nothing is recorded yet, so nobody can tell what this would have done.';
  const count = mistaken.length + right.length + undecided.length;
  if (!count) return 'Nothing would have been ended.';
  const fates = [
    mistaken.length && `${mistaken.length} wrongly: they went on or ended well`,
    right.length && `${right.length} rightly: they never came back`,
    undecided.length && `${undecided.length} of which nobody knows`,
  ].filter(Boolean);
  return `${plural(count, 'end', 'ends')} would have been made, ${fates.join('; ')}.`;
}

/** What it rests on: how much is recorded, and what was tried. `name`: a kind of worker, in words. */
export function backtestBasis(
  { since, until, silences, kinds, asIf }: BacktestReport,
  name: (source: BacktestReport['kinds'][number]['source']) => string,
): string {
  const tried = kinds.map(({ source, afterMs }) => `${name(source)} after ${formatDuration(afterMs)}`).join(', ');
  const as = asIf ? 'No kind is set to be ended; as if every one were, once stalled' : 'Ended once stalled';
  const near = plural(silences, 'silence', 'silences');
  const recorded = since === null ? '' : ` In ${formatDuration(until - since)} ${near} came near a threshold.`;
  return `${as}: ${tried}.${recorded}`;
}
