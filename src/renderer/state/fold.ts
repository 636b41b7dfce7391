import type { Delta, Snapshot } from '../../shared/model';
import { applyDelta } from '../../shared/snapshot';

/** What came of folding deltas: the newest picture, and whether one is missing in between. */
export interface Folded {
  snapshot: Snapshot;
  gap: boolean;
}

/**
 * Fold deltas, oldest first, into a snapshot.
 *
 * Deltas the snapshot already holds are passed over. A `seq` that falls back though its time moves on comes from an
 * engine that began anew: that is a gap as well.
 */
export function foldDeltas(snapshot: Snapshot, deltas: readonly Delta[]): Folded {
  let current = snapshot;
  for (const delta of deltas) {
    if (delta.head.seq <= current.seq) {
      if (delta.head.takenAt > current.takenAt) return { snapshot: current, gap: true };
      continue;
    }
    const next = applyDelta(current, delta);
    if (!next) return { snapshot: current, gap: true };
    current = next;
  }
  return { snapshot: current, gap: false };
}
