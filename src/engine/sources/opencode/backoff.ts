const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;

/** Longer with each failure in a row, and never the same for two who lost one server at one time. */
export function backoffMs(failures: number): number {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failures - 1, 16));
  return full / 2 + (Math.random() * full) / 2;
}
