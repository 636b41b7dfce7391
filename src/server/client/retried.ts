import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from './client-error';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

export interface RetryOptions {
  signal: AbortSignal | undefined;
  /** A try failed, and the next begins after `waitMs`. */
  onLost?: ((error: ClientError, waitMs: number) => void) | undefined;
}

/**
 * What `open` gives, over and over: where it ends by a failure that may pass it is opened again, after 0.25 s, 0.5 s, …
 * 10 s, less up to half of that by chance. Whatever it gave makes the next wait short again.
 */
export async function* retried<T>(open: () => AsyncIterable<T>, { signal, onLost }: RetryOptions): AsyncGenerator<T> {
  let failures = 0;
  for (;;) {
    try {
      for await (const each of open()) {
        failures = 0;
        yield each;
      }
    } catch (error) {
      if (!(error instanceof ClientError) || !error.mayPass) throw error;
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
      const waitMs = Math.round(longest * (1 - Math.random() / 2));
      failures += 1;
      onLost?.(error, waitMs);
      await waited(waitMs, signal);
    }
  }
}

async function waited(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch {
    throw signal?.reason;
  }
}
