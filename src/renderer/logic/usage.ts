import type { Usage } from '../../shared/model';

/** `950`, `41k`, `412k`, `1.2M`. */
export function formatTokens(tokens: number): string {
  if (tokens < 1_000) return String(Math.round(tokens));
  if (tokens < 999_500) return `${scaled(tokens / 1_000)}k`;
  return tokens < 999_500_000 ? `${scaled(tokens / 1_000_000)}M` : `${scaled(tokens / 1_000_000_000)}B`;
}

/** Two figures at least: `1.2`, `41`. */
function scaled(value: number): string {
  return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

/** `$0`, `<$0.01`, `$1.24`, `$123`. */
export function formatCost(dollars: number): string {
  if (dollars <= 0) return '$0';
  if (dollars < 0.005) return '<$0.01';
  return dollars < 99.995 ? `$${dollars.toFixed(2)}` : `$${Math.round(dollars).toLocaleString('en')}`;
}

/** All that is known, in words: `412,345 tokens, $1.24`; empty where nothing is. */
export function usageWords({ tokens, cost }: Usage): string {
  const words = [
    tokens === null ? null : `${tokens.toLocaleString('en')} tokens`,
    cost === null ? null : formatCost(cost),
  ];
  return words.filter((word) => word !== null).join(', ');
}
