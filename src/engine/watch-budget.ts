import type { FileEvents } from './ports';

/** File events cost a kernel watch each: spent on at most this many directories. */
export const WATCHES_MAX = 256;

/**
 * Keeps file events on the directories that matter most now, for all their owners. The caller names them in order of
 * importance; those beyond the budget are left to the deadline queue and the sweep.
 */
export class WatchBudget<Owner> {
  readonly #watches = new Map<string, { owners: ReadonlySet<Owner>; close: () => void }>();

  constructor(
    private readonly events: FileEvents,
    private readonly onChange: (owner: Owner, name: string | null) => void,
  ) {}

  /** Watch exactly these from now on; what is watched already stays as it is. */
  assign(wanted: Iterable<{ directory: string; owner: Owner }>): void {
    const keep = new Map<string, Set<Owner>>();
    for (const { directory, owner } of wanted) {
      const owners = keep.get(directory);
      if (owners) owners.add(owner);
      else if (keep.size < WATCHES_MAX) keep.set(directory, new Set([owner]));
    }
    for (const [directory, { close }] of this.#watches) {
      if (keep.has(directory)) continue;
      close();
      this.#watches.delete(directory);
    }
    for (const [directory, owners] of keep) this.#open(directory, owners);
  }

  close(): void {
    this.assign([]);
  }

  #open(directory: string, owners: ReadonlySet<Owner>): void {
    const watch = this.#watches.get(directory);
    if (watch) {
      watch.owners = owners;
      return;
    }
    const close = this.events.watch(directory, (name) => {
      for (const owner of this.#watches.get(directory)?.owners ?? []) this.onChange(owner, name);
    });
    if (close) this.#watches.set(directory, { owners, close });
  }
}
