import { formatDuration } from '../../shared/format';
import type { PolicyStatus, WorkerId, WorkerRow } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { Clock } from '../ports';

/** Workers that turned stalled within this time count as turned at once. */
export const STORM_WINDOW_MS = 60_000;
/** So few are no storm, whatever their share. */
const STORM_MIN = 3;

type Change = 'opened' | 'closed' | null;

/**
 * Where many workers stall at once, something else is wrong (the network, the disk, the machine), and ending them would
 * help nobody. Open, it forbids that; it closes by hand, or once nothing has turned stalled for `breakerQuietMs`.
 * Intervals are by the monotonic clock.
 */
export interface Breaker {
  /** A worker turned stalled or dead now, and no person wanted that. */
  noteStall(id: WorkerId, kind: 'stalled' | 'dead'): void;
  /** The worker is well again, or left. */
  noteRecovery(id: WorkerId): void;
  /** It was ended through idlewatch: its death is no stall. */
  noteEnded(id: WorkerId): void;
  /** Open or close by what is known now; `workers`: all there are. Says what that changed. */
  judge(workers: Iterable<Pick<WorkerRow, 'id' | 'state'>>): Change;
  /** By a person's hand: what stalled before counts no more. False: it was closed. */
  close(): boolean;
  state(): PolicyStatus['breaker'];
  /** Time until it closes by itself, if all stays quiet; null: it is closed. */
  closesInMs(): number | null;
  /** The worker has been stalled since a storm that no person has declared over. */
  isFromStorm(id: WorkerId): boolean;
}

export interface BreakerOptions {
  clock: Clock;
  settings(): Pick<Settings, 'breakerPercent' | 'breakerQuietMs'>;
}

export function createBreaker({ clock, settings }: BreakerOptions): Breaker {
  const recent = new Map<WorkerId, { atMs: number; kind: 'stalled' | 'dead' }>();
  const storm = new Set<WorkerId>();
  let open: { openedAt: number; reason: string; count: number } | null = null;
  let lastStallMs = 0;

  function dropOld(): void {
    const oldestMs = clock.monotonicMs() - STORM_WINDOW_MS;
    for (const [id, { atMs }] of recent) if (atMs < oldestMs) recent.delete(id);
  }

  /** Those that stopped or were wrong for longer could not turn stalled: they make no storm look small. */
  function countOf(workers: Iterable<Pick<WorkerRow, 'id' | 'state'>>): number {
    let count = recent.size;
    for (const { id, state } of workers) {
      if (state !== 'stopped' && state !== 'stalled' && state !== 'dead' && !recent.has(id)) count += 1;
    }
    return count;
  }

  function closesInMs(): number | null {
    return open && Math.max(0, lastStallMs + settings().breakerQuietMs - clock.monotonicMs());
  }

  function judge(workers: Iterable<Pick<WorkerRow, 'id' | 'state'>>): Change {
    if (closesInMs() === 0) {
      open = null;
      recent.clear();
      return 'closed';
    }
    dropOld();
    const count = recent.size;
    const all = countOf(workers);
    const isStorm = count >= STORM_MIN && count > (all * settings().breakerPercent) / 100;
    if (!isStorm && !open) return null;
    for (const id of recent.keys()) storm.add(id);
    if (open && count <= open.count) return null;
    const reason = `${count} of ${all} running workers turned stalled within a minute`;
    const before = open;
    open = { openedAt: before?.openedAt ?? clock.wallMs(), reason, count };
    return before ? null : 'opened';
  }

  return {
    noteStall(id, kind) {
      const nowMs = clock.monotonicMs();
      lastStallMs = nowMs;
      const before = recent.get(id);
      recent.set(id, { atMs: nowMs, kind: before?.kind ?? kind });
      if (open) storm.add(id);
    },
    noteRecovery: (id) => void storm.delete(id),
    noteEnded(id) {
      if (recent.get(id)?.kind === 'dead') recent.delete(id);
      storm.delete(id);
    },
    judge,
    close() {
      const wasOpen = open !== null;
      open = null;
      recent.clear();
      storm.clear();
      return wasOpen;
    },
    state: () => open && { openedAt: open.openedAt, reason: open.reason },
    closesInMs,
    isFromStorm: (id) => storm.has(id),
  };
}

/** How an open breaker closes, in words. */
export function closingWords({ breakerQuietMs }: Pick<Settings, 'breakerQuietMs'>): string {
  return `until a person allows it again or no worker has turned stalled for ${formatDuration(breakerQuietMs)}`;
}
