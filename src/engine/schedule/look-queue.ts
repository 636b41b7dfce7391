import type { Clock } from '../ports';
import { DeadlineQueue } from './deadline-queue';
import { SLICE_MS } from './slices';

/** Thresholds are met this much late at the most, so that many are looked at in one wake-up. */
const GRID_MS = 25;
/** Several events of one change (temporary file, rename) make one look. */
const EVENT_DELAY_MS = 5;
/** A worker that writes all the time is looked at this often. */
const EVENT_GAP_MS = 100;

/** When each worker is looked at next: at its deadline, or soon after an event. One timer for all of them. */
export class LookQueue<Key> {
  readonly #queue = new DeadlineQueue<Key>();
  readonly #lastSoon = new Map<Key, number>();
  #armedFor = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly look: (key: Key, soon: boolean) => void,
  ) {}

  /** Look when the monotonic clock says `atMs`, and not before. Infinity: only when asked again. */
  at(key: Key, atMs: number): void {
    const due = atMs === Number.POSITIVE_INFINITY ? atMs : Math.ceil(atMs / GRID_MS) * GRID_MS;
    this.#queue.set(key, due);
    this.#arm(due);
  }

  /** Look at once, or as soon as the gap since the last such look allows. */
  soon(key: Key): void {
    const now = this.clock.monotonicMs();
    const last = this.#lastSoon.get(key) ?? Number.NEGATIVE_INFINITY;
    const due = Math.max(now + EVENT_DELAY_MS, last + EVENT_GAP_MS);
    if (last > now) return; // Such a look is waiting already.
    this.#lastSoon.set(key, due);
    this.#queue.set(key, due);
    this.#arm(due);
  }

  delete(key: Key): void {
    this.#queue.delete(key);
    this.#lastSoon.delete(key);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#queue.clear();
    this.#lastSoon.clear();
  }

  #arm(due: number): void {
    if (due >= this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = due;
    this.#cancel = this.clock.after(Math.max(0, due - this.clock.monotonicMs()), () => this.#run());
  }

  #run(): void {
    const until = this.clock.monotonicMs() + SLICE_MS;
    this.#armedFor = Number.POSITIVE_INFINITY;
    for (;;) {
      const now = this.clock.monotonicMs();
      if (now >= until) break;
      const key = this.#queue.take(now);
      if (key === undefined) break;
      const soon = this.#lastSoon.has(key);
      if (soon && (this.#lastSoon.get(key) ?? 0) + EVENT_GAP_MS < now) this.#lastSoon.delete(key);
      this.look(key, soon);
    }
    this.#arm(this.#queue.next());
  }
}
