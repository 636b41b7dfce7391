import type { Clock } from '../ports';
import { DeadlineQueue } from './deadline-queue';
import { SLICE_MS } from './slices';

/** Thresholds are met this much late at the most, so that many are looked at in one wake-up. */
const GRID_MS = 25;
/** Several events of one change (temporary file, rename) make one look. */
const EVENT_DELAY_MS = 5;
/** A worker that writes all the time is looked at this often. */
const EVENT_GAP_MS = 100;

export type Depth = 'life' | 'full';

/** When each worker is looked at next: at its deadline, or soon after an event. One timer for all of them. */
export class LookQueue<Key> {
  readonly #queue = new DeadlineQueue<Key>();
  /** Looks that an event asked for, and how deep. */
  readonly #asked = new Map<Key, Depth>();
  /** Deadlines for which a look at the heartbeat alone is not enough. */
  readonly #deep = new Set<Key>();
  readonly #lastAsked = new Map<Key, number>();
  #armedFor = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly look: (key: Key, depth: Depth) => void,
  ) {}

  /**
   * Look when the monotonic clock says `atMs`, and not before. Infinity: only when asked again. To learn of silence,
   * `life` is deep enough.
   */
  at(key: Key, atMs: number, depth: Depth = 'life'): void {
    if (this.#asked.has(key)) return; // It is looked at soon anyway, and says then when to look again.
    if (depth === 'full') this.#deep.add(key);
    else this.#deep.delete(key);
    const due = atMs === Number.POSITIVE_INFINITY ? atMs : Math.ceil(atMs / GRID_MS) * GRID_MS;
    this.#queue.set(key, due);
    this.#arm(due);
  }

  /** Look at once, or as soon as the gap since the last such look allows. */
  soon(key: Key, depth: Depth): void {
    const waiting = this.#asked.get(key);
    if (waiting === undefined || depth === 'full') this.#asked.set(key, depth);
    if (waiting !== undefined) return;
    const last = this.#lastAsked.get(key) ?? Number.NEGATIVE_INFINITY;
    const due = Math.max(this.clock.monotonicMs() + EVENT_DELAY_MS, last + EVENT_GAP_MS);
    this.#queue.set(key, due);
    this.#arm(due);
  }

  delete(key: Key): void {
    this.#queue.delete(key);
    this.#asked.delete(key);
    this.#deep.delete(key);
    this.#lastAsked.delete(key);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#queue.clear();
    this.#asked.clear();
    this.#deep.clear();
    this.#lastAsked.clear();
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
    for (let now = this.clock.monotonicMs(); now < until; now = this.clock.monotonicMs()) {
      const key = this.#queue.take(now);
      if (key === undefined) break;
      const depth = this.#asked.get(key);
      if (this.#asked.delete(key)) this.#lastAsked.set(key, now);
      this.look(key, depth ?? (this.#deep.has(key) ? 'full' : 'life'));
    }
    this.#arm(this.#queue.next());
  }
}
