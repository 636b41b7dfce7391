/**
 * How a request came to its end, as its caller met it: `passed` an answer of the upstream, whatever it says; `hit`, `shared`
 * one that was at hand or on its way for somebody else; `limited` 429 of the gateway's own; `refused` not passed on at
 * all; `failed` 502; `timed_out` 504; `broken_off` the upstream hung up in the middle; `left` the caller did.
 */
export const OUTCOMES = [
  'passed',
  'hit',
  'shared',
  'limited',
  'refused',
  'failed',
  'timed_out',
  'broken_off',
  'left',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the gateway has done since idlewatch began, and what it holds now. */
export interface GatewayCounts {
  /** Requests that are over. */
  requests: Record<Outcome, number>;
  /** Requests under way. */
  open: number;
  /** How often one was sent upstream again. */
  retries: number;
  /** Answers in memory, and what they take up. */
  remembered: { answers: number; bytes: number };
}

export function createGatewayCounts(): GatewayCounts {
  const requests = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  return { requests, open: 0, retries: 0, remembered: { answers: 0, bytes: 0 } };
}
