/** What comes in one after the other, for one who takes it when they can. */
export interface Waiting<T> extends AsyncIterable<T | null> {
  add(item: T): void;
  /** The loop ends. */
  end(): void;
}

/**
 * Items in their order; where more than `max` wait they are dropped, and null says so once. The loop ends with `end` or
 * the signal, at once.
 */
export function createWaiting<T>(max: number, signal: AbortSignal): Waiting<T> {
  let items: (T | null)[] = [];
  let isOver = signal.aborted;
  let wake = (): void => undefined;
  const end = (): void => {
    isOver = true;
    wake();
  };
  signal.addEventListener('abort', end, { once: true });
  return {
    add(item) {
      if (items.length >= max) items = [null];
      else if (items.at(-1) !== null) items.push(item);
      wake();
    },
    end,
    async *[Symbol.asyncIterator]() {
      try {
        while (!isOver) {
          const item = items.shift();
          if (item !== undefined) yield item;
          else await new Promise<void>((done) => (wake = done));
        }
      } finally {
        signal.removeEventListener('abort', end);
      }
    },
  };
}
