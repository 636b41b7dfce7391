/** The first wait before a request is sent again; each further one is up to twice as long. */
const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/** Methods by which nothing is changed, however often it is asked. */
const ASKING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Answers that speak of a passing failure. 429 is none: it tells the caller to be slower, and the caller must hear it. */
const PASSING = new Set([502, 503, 504]);

/** True: doing it twice does what doing it once does, so it may be sent again although it may have been done. */
export function isRepeatable(method: string, idempotencyKey: string | null): boolean {
  return ASKING.has(method) || Boolean(idempotencyKey);
}

/**
 * How long to wait before an answer with this status is asked for again; null: it is passed on. `tried`: how often it was
 * sent again so far. `retryAfter`: the answer's header; a wait that is longer than we would make is the caller's to make.
 */
export function waitAfterStatus(status: number, retryAfter: string | null, tried: number): number | null {
  if (!PASSING.has(status)) return null;
  const asked = retryAfter === null ? 0 : Number(retryAfter) * 1_000;
  return asked >= 0 && asked <= LONGEST_MS ? Math.max(asked, waitMs(tried)) : null;
}

/** Exponential, with jitter: at least half of it, so that it is a wait, and not the same for all who wait. */
export function waitMs(tried: number, random = Math.random()): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** tried) * (0.5 + random / 2);
}
