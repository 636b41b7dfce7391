import type { Clock } from '../engine/ports';

/** The machine's clocks. Timers do not keep the process alive by themselves longer than `keepAlive` says. */
export function createClock({ keepAlive = true }: { keepAlive?: boolean } = {}): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      if (!keepAlive) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
