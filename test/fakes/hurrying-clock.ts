import type { Clock } from '../../src/engine/ports';

/** A clock on which waiting takes no time: whatever waits is run at once, with the clock moved on by as much. */
export function hurryingClock(startMs = 1_000_000_000): Clock & { advance(ms: number): void } {
  let nowMs = 0;
  return {
    wallMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, run) {
      let cancelled = false;
      queueMicrotask(() => {
        if (cancelled) return;
        nowMs += delayMs;
        run();
      });
      return () => {
        cancelled = true;
      };
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
