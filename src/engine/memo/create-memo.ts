import { LRUCache } from 'lru-cache';
import { Call, type CallOwner } from './call';
import { type Memo, MemoClosedError, type MemoLimits, type MemoOptions } from './types';

/** An answer may take up this share of the whole and be remembered. */
const LARGEST_SHARE = 1 / 8;
/** What is over is forgotten at once where it is asked for, and its memory given back at most so often. */
const SWEEP_MS = 1_000;

/**
 * Identical calls share one call upstream, and its answer is remembered for a while, in bounded memory.
 *
 * Only whole and successful answers are remembered. Each caller reads at its own pace; the call goes on as fast as the
 * fastest of them reads. One caller's end does not disturb the others.
 */
export function createMemo<Head, Chunk>(options: MemoOptions<Head, Chunk>): Memo<Head, Chunk> {
  const { clock } = options;
  let limits: MemoLimits = options;
  let isDestroyed = false;
  let cancelSweep: (() => void) | null = null;
  /** Calls under way that can be joined. */
  const joinable = new Map<string, Call<Head, Chunk>>();
  const underWay = new Set<Call<Head, Chunk>>();
  let underWayBytes = 0;
  const remembered = new LRUCache<string, Call<Head, Chunk>>({
    maxSize: Number.MAX_SAFE_INTEGER,
    sizeCalculation: ({ bytes }) => bytes,
  });

  const heldBytes = () => underWayBytes + remembered.calculatedSize;

  function expiresAtMs({ startedAtMs, wholeAtMs }: Call<Head, Chunk>): number {
    return Math.max(startedAtMs + limits.windowMs, (wholeAtMs ?? Number.POSITIVE_INFINITY) + limits.ttlMs);
  }

  function makeRoom(): void {
    while (heldBytes() > limits.maxBytes && remembered.size > 0) remembered.pop();
  }

  function sweep(): void {
    const now = clock.monotonicMs();
    for (const [key, call] of remembered.entries()) if (expiresAtMs(call) <= now) remembered.delete(key);
    cancelSweep?.();
    cancelSweep = null;
    sweepLater();
  }

  function sweepLater(): void {
    if (cancelSweep || remembered.size === 0) return;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const call of remembered.values()) firstMs = Math.min(firstMs, expiresAtMs(call));
    cancelSweep = clock.after(Math.max(SWEEP_MS, firstMs - clock.monotonicMs()), () => {
      cancelSweep = null;
      sweep();
    });
  }

  function notJoinable(call: Call<Head, Chunk>): void {
    if (joinable.get(call.key) === call) joinable.delete(call.key);
  }

  const owner: CallOwner<Head, Chunk> = {
    clock,
    headBytes: options.headBytes,
    chunkBytes: options.chunkBytes,
    held(bytes) {
      underWayBytes += bytes;
      makeRoom();
    },
    fits: ({ bytes }) => heldBytes() <= limits.maxBytes && bytes <= limits.maxBytes * LARGEST_SHARE,
    closed: notJoinable,
    over(call) {
      notJoinable(call);
      if (!underWay.delete(call)) return;
      underWayBytes -= call.bytes;
      if (!call.isWorthRemembering || expiresAtMs(call) <= clock.monotonicMs()) return;
      remembered.set(call.key, call);
      sweepLater();
    },
  };

  function find(key: string): Call<Head, Chunk> | null {
    const now = clock.monotonicMs();
    const call = remembered.get(key);
    if (call && expiresAtMs(call) > now) return call;
    if (call) remembered.delete(key);
    const open = joinable.get(key);
    return open && (limits.ttlMs > 0 || open.startedAtMs + limits.windowMs > now) ? open : null;
  }

  function begin(key: string): Call<Head, Chunk> {
    const call = new Call(key, owner);
    underWay.add(call);
    if (call.isOpen) joinable.set(key, call);
    return call;
  }

  return {
    async run({ key, start, signal }) {
      if (isDestroyed) throw new MemoClosedError();
      signal?.throwIfAborted();
      const found = find(key);
      if (found) return found.join(found.wholeAtMs === null ? 'shared' : 'hit', signal);
      const call = begin(key);
      const answer = call.join('miss', signal);
      call.start(start);
      return answer;
    },
    configure(next) {
      limits = next;
      makeRoom();
      sweep();
    },
    getStats: () => ({
      openCalls: underWay.size,
      rememberedAnswers: remembered.size,
      heldBytes: heldBytes(),
    }),
    destroy() {
      isDestroyed = true;
      for (const call of [...underWay]) call.giveUp(new MemoClosedError());
      remembered.clear();
      cancelSweep?.();
      cancelSweep = null;
    },
  };
}
