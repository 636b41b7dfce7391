import type { Usage } from '../../../shared/model';
import { formatCost, formatTokens, usageWords } from '../../logic/usage';

/** Tokens and cost side by side; where there is room for one, what is known of the cost stands. */
export function UsageCell({ usage }: { usage: Usage | null }) {
  const words = usage ? usageWords(usage) : '';
  if (!usage || !words) return null;
  const { tokens, cost } = usage;
  return (
    <span className={cost === null ? 'usage' : 'usage usage-cost'} title={words}>
      <span className="tokens">{tokens === null ? '' : formatTokens(tokens)}</span>
      <span className="cost">{cost === null ? '' : formatCost(cost)}</span>
    </span>
  );
}
