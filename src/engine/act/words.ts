/** A length as receipts show it: `0.3 s`, `5 s`, `12.4 s`. */
export function inSeconds(ms: number): string {
  return `${Number((Math.max(0, ms) / 1000).toFixed(1))} s`;
}

/** What went wrong, in its own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
