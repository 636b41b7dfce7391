import type { Clock } from '../../ports';
import type { Moment } from '../source';
import { place } from '../worker-directory/moments';
import type { TranscriptLine } from './parse';

const CALLS_MAX = 64;

interface OpenCall {
  label: string;
  started: Moment;
}

/** Knows which tools a session has called that have brought no result yet. */
export class OpenCalls {
  readonly #open = new Map<string, OpenCall>();

  constructor(private readonly clock: Clock) {}

  add({ calls, results, isPrompt }: TranscriptLine): void {
    // A call that was interrupted brings no result.
    if (isPrompt) this.#open.clear();
    for (const id of results) this.#open.delete(id);
    for (const { id, label, at } of calls) {
      if (this.#open.size >= CALLS_MAX) return;
      this.#open.set(id, { label, started: place(this.clock, at ?? this.clock.wallMs(), 0).moment });
    }
  }

  clear(): void {
    this.#open.clear();
  }

  /** The first that is open of those that began after `sinceMs` on the monotonic clock. */
  first(sinceMs: number): OpenCall | null {
    for (const call of this.#open.values()) if (call.started.monotonicMs >= sinceMs) return call;
    return null;
  }
}
