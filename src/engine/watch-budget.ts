import type { FileEvents } from './ports';

/** File events cost a kernel watch each: spent on at most this many directories. */
export const WATCHES_MAX = 256;

/**
 * Keeps file events on the directories that matter most now. The caller names them in order of importance; those
 * beyond the budget are left to the deadline queue and the sweep.
 */
export class WatchBudget<Owner> {
  readonly #watches = new Map<string, { owner: Owner; close: () => void }>();

  constructor(
    private readonly events: FileEvents,
    private readonly onChange: (owner: Owner, name: string | null) => void,
  ) {}

  /** Watch exactly these from now on; what is watched already stays as it is. */
  assign(wanted: Iterable<{ directory: string; owner: Owner }>): void {
    const keep = new Map<string, Owner>();
    for (const { directory, owner } of wanted) {
      if (keep.size >= WATCHES_MAX) break;
      if (!keep.has(directory)) keep.set(directory, owner);
    }
    for (const [directory, { close }] of this.#watches) {
      if (keep.has(directory)) continue;
      close();
      this.#watches.delete(directory);
    }
    for (const [directory, owner] of keep) this.#open(directory, owner);
  }

  close(): void {
    this.assign([]);
  }

  #open(directory: string, owner: Owner): void {
    if (this.#watches.has(directory)) return;
    const close = this.events.watch(directory, (name) => this.onChange(owner, name));
    if (close) this.#watches.set(directory, { owner, close });
  }
}
