import type { Clock } from '../ports';
import { wordsOf } from './words';

export interface BeatOptions {
  clock: Clock;
  intervalMs: number;
  /** One beat. What fails is tried again, sooner than the next would come. */
  write(): void | Promise<void>;
  /** It could not be written, for the first time since it last could. */
  onFailing(reason: string): void;
  onRecovered(failedForMs: number): void;
}

/** Something written again and again while a run lasts. */
export interface Beat {
  /** Now, and from then on every interval. Never rejects. */
  now(): Promise<void>;
  stop(): void;
}

const FIRST_RETRY_MS = 250;

/** Beats at an interval; after a failure again after 0.25 s, twice that with each further one, up to the interval. */
export function createBeat({ clock, intervalMs, write, onFailing, onRecovered }: BeatOptions): Beat {
  let cancel: () => void = () => undefined;
  let isStopped = false;
  let failures = 0;
  let failingSinceMs = 0;

  function failed(reason: string): number {
    if (failures === 0) {
      failingSinceMs = clock.monotonicMs();
      onFailing(reason);
    }
    failures += 1;
    return Math.min(intervalMs, FIRST_RETRY_MS * 2 ** (failures - 1));
  }

  function worked(): number {
    if (failures > 0) onRecovered(clock.monotonicMs() - failingSinceMs);
    failures = 0;
    return intervalMs;
  }

  async function now(): Promise<void> {
    cancel();
    let nextInMs: number;
    try {
      await write();
      nextInMs = worked();
    } catch (error) {
      nextInMs = failed(wordsOf(error));
    }
    cancel();
    if (!isStopped) cancel = clock.after(nextInMs, () => void now());
  }

  return {
    now,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
