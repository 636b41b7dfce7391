import { formatDuration } from '../../../shared/format';
import type { Clock, Multiplexer, TerminalSession } from '../../ports';

/** What is known of one session now. */
export type SessionLook =
  | { known: 'alive'; session: TerminalSession }
  | { known: 'absent' }
  /** `isPassing`: the next answer will tell. */
  | { known: 'unknown'; reason: string; isPassing?: true };

interface Listing {
  beganMs: number;
  byName: Map<string, TerminalSession>;
}

/** An answer older than this many intervals says nothing of now. */
const INTERVALS_VALID = 3;

/**
 * The sessions of tmux, as of the last answers. A session is absent where two answers in a row lack it; whatever else
 * is not an answer of now makes it unknown, never absent.
 */
export class Sessions {
  /** Those that came one after the other, the newest first, two at most. */
  #listings: Listing[] = [];
  #failure: string | null = 'tmux has not been asked yet';
  #asking: Promise<void> | null = null;
  /** Sessions that idlewatch ended, and when: answers from before say nothing of them. */
  readonly #ended = new Map<string, number>();

  constructor(
    private readonly multiplexer: Multiplexer,
    private readonly clock: Clock,
    private readonly intervalMs: number,
  ) {}

  /** Ask tmux. Never rejects. */
  refresh(): Promise<void> {
    this.#asking ??= this.#askUntilTwo().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** It was ended just now, and tmux lists it no more. */
  ended(name: string): void {
    this.#ended.set(name, this.clock.monotonicMs());
    for (const { byName } of this.#listings) byName.delete(name);
  }

  /** `sinceMs`: on the monotonic clock; what tmux said before cannot show that the session has gone. */
  find(name: string, sinceMs: number): SessionLook {
    if (this.#failure !== null) return { known: 'unknown', reason: this.#failure };
    const [newest] = this.#listings;
    const ageMs = this.clock.monotonicMs() - (newest?.beganMs ?? 0);
    if (!newest || ageMs > this.intervalMs * INTERVALS_VALID) {
      return { known: 'unknown', reason: `tmux gave its last answer ${formatDuration(ageMs)} ago` };
    }
    const session = newest.byName.get(name);
    if (session) return { known: 'alive', session };
    if (this.#ended.has(name)) return { known: 'absent' };
    const lacking = this.#listings.filter(({ beganMs, byName }) => beganMs > sinceMs && !byName.has(name));
    return lacking.length > 1
      ? { known: 'absent' }
      : { known: 'unknown', reason: 'tmux has listed it no more, but once', isPassing: true };
  }

  /** After a failure there is nothing to compare with: the second answer follows at once. */
  async #askUntilTwo(): Promise<void> {
    await this.#ask();
    if (this.#listings.length === 1) await this.#ask();
  }

  async #ask(): Promise<void> {
    const beganMs = this.clock.monotonicMs();
    const listing = await this.multiplexer.sessions();
    this.#failure = listing.ok ? null : listing.reason;
    const byName = listing.ok ? new Map(listing.sessions.map((session) => [session.name, session])) : null;
    for (const [name, endedMs] of this.#ended) {
      if (beganMs <= endedMs) byName?.delete(name);
      else if (byName?.has(name)) this.#ended.delete(name);
    }
    this.#listings = byName ? [{ beganMs, byName }, ...this.#listings].slice(0, 2) : [];
  }
}
