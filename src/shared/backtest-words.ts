import { formatDuration, plural } from './format';
import type { BacktestReport } from './model';

/** What a backtest comes to, in a sentence. */
export function backtestVerdict({ since, mistaken, right, undecided }: BacktestReport): string {
  if (since === null) return 'Nothing is recorded yet, so nobody can tell what this would have done.';
  const count = mistaken.length + right.length + undecided.length;
  if (!count) return 'Nothing would have been ended.';
  const fates = [
    fateWords(mistaken.length, 'wrongly', 'went on or ended well'),
    fateWords(right.length, 'rightly', 'never came back'),
    undecided.length ? `${undecided.length} of which nobody knows` : null,
  ].filter((words) => words !== null);
  return `${plural(count, 'end', 'ends')} would have been made, ${fates.join('; ')}.`;
}

function fateWords(count: number, how: string, became: string): string | null {
  return count ? `${count} ${how}: ${count === 1 ? 'it' : 'they'} ${became}` : null;
}

/** What it rests on: how much is recorded, and what was tried. `name`: a kind of worker, in words. */
export function backtestBasis(
  { since, until, silences, kinds, asIf }: BacktestReport,
  name: (source: BacktestReport['kinds'][number]['source']) => string,
): string {
  const lengths = [...new Set(kinds.map(({ afterMs }) => afterMs))];
  const isOne = lengths.length === 1 && asIf;
  const each = kinds.map(({ source, afterMs }) => `${name(source)} after ${formatDuration(afterMs)}`).join(', ');
  const tried = isOne ? ` for ${formatDuration(lengths[0] ?? 0)}` : `: ${each}`;
  const as = asIf ? 'No kind is set to be ended; as if every one were, once stalled' : 'Ended once stalled';
  const near = plural(silences, 'silence', 'silences');
  const recorded = since === null ? '' : ` In ${formatDuration(until - since)} ${near} came near a threshold.`;
  return `${as}${tried}.${recorded}`;
}
