/** One clock for all ages on the page. */
export interface Ticker {
  /** Listen to ticks; it runs only while someone listens and the page is seen. */
  subscribe(listener: () => void): () => void;
  /** The time of the last tick, ms on the window's monotonic clock. */
  tickAt(): number;
}

const TICK_MS = 1_000;

export function createTicker(page: Document, now: () => number): Ticker {
  const listeners = new Set<() => void>();
  let last = now();
  let timer: ReturnType<typeof setInterval> | null = null;

  function tick(): void {
    last = now();
    for (const listener of listeners) listener();
  }

  function adjust(): void {
    const wanted = listeners.size > 0 && !page.hidden;
    if (wanted && !timer) {
      timer = setInterval(tick, TICK_MS);
      tick();
    } else if (!wanted && timer) {
      clearInterval(timer);
      timer = null;
    }
  }

  return {
    subscribe(listener) {
      if (!listeners.size) page.addEventListener('visibilitychange', adjust);
      listeners.add(listener);
      adjust();
      return () => {
        listeners.delete(listener);
        if (!listeners.size) page.removeEventListener('visibilitychange', adjust);
        adjust();
      };
    },
    tickAt: () => last,
  };
}
