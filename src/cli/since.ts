import { UsageError } from './command';

const UNIT_MS: Record<string, number> = { d: 86_400_000, h: 3_600_000, min: 60_000 };

/** A moment in the past, given as an option: so long ago, or a date with or without a time. */
export function readSince(text: string, option: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})(d|h|min)$/.exec(text) ?? [];
  const at = unit === undefined ? dateIn(text) : now - Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (at <= now) return at;
  const allowed = 'so long ago (7d, 12h, 30min) or a date in the past (2026-11-22, 2026-11-22T07:45)';
  throw new UsageError(`--${option} is ${JSON.stringify(text)}; allowed is ${allowed}`);
}

/** A day without a time begins when it does here. */
function dateIn(text: string): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return Number.NaN;
  return Date.parse(text.length === 10 ? `${text}T00:00` : text);
}
