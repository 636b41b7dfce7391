import type { Leftover } from '../../src/engine/sources/source';

/** A workbench in /left that finished long ago and is kept for an hour. */
export function leftover(name: string, over: Partial<Leftover> = {}): Leftover {
  const finishedAgeMs = over.finishedAgeMs ?? 7_200_000;
  return {
    workerId: `workbench:/left/${name}`,
    source: 'workbench',
    name,
    path: `/left/${name}`,
    root: '/left',
    finishedAt: 1_700_000_000_000 - finishedAgeMs,
    finishedAgeMs,
    ttlMs: 3_600_000,
    startedAt: 1_600_000_000_000,
    ...over,
  };
}
