import type { Focus } from '../shared/ipc';
import type { WorkerId } from '../shared/model';
import type { FileEvents } from './ports';
import type { Roster } from './roster';
import type { LookQueue } from './schedule/look-queue';
import type { Source } from './sources/source';
import { WatchBudget } from './watch-budget';

/** Up to this many workers all have file events, so that the tray knows of new work at once. */
const WATCHED_WHOLE_MAX = 32;

export interface AttentionParts {
  fileEvents: FileEvents;
  roster: Roster;
  looks: LookQueue<WorkerId>;
  sources: readonly Source[];
  /** Something changed in a directory where workers appear. */
  onRootEvent: () => void;
}

/** Who looks: each has a selection and a view of its own. */
export type Viewer = symbol;

/** What deserves file events now: what a person looks at, what works, what is wrong, and where workers appear. */
export class Attention {
  /** What each viewer looks at. */
  readonly #foci = new Map<Viewer, Focus>();
  #looked: ReadonlySet<WorkerId> = new Set();
  readonly #watches: WatchBudget<WorkerId | null>;

  constructor(private readonly parts: AttentionParts) {
    this.#watches = new WatchBudget(parts.fileEvents, (id, name) => this.#onEvent(id, name));
  }

  /** Look at all of it now, and hear of changes from now on. */
  focus(viewer: Viewer, focus: Focus): void {
    this.set(viewer, focus);
    this.assign();
    for (const id of [focus.selected, ...focus.visible]) if (id !== null) this.parts.looks.soon(id, 'full');
  }

  /** Remember what is looked at, without doing anything about it. Null: this viewer looks no more. */
  set(viewer: Viewer, focus: Focus | null): void {
    if (focus) this.#foci.set(viewer, focus);
    else this.#foci.delete(viewer);
    const foci = [...this.#foci.values()];
    this.#looked = new Set(
      foci.flatMap(({ selected, visible }) => (selected === null ? visible : [selected, ...visible])),
    );
  }

  has(id: WorkerId): boolean {
    return this.#looked.has(id);
  }

  /** Whose detail a viewer has open. */
  selectedBy(viewer: Viewer): WorkerId | null {
    return this.#foci.get(viewer)?.selected ?? null;
  }

  isSelected(id: WorkerId): boolean {
    return [...this.#foci.values()].some(({ selected }) => selected === id);
  }

  /** Somebody has some worker's detail open. */
  get hasSelection(): boolean {
    return [...this.#foci.values()].some(({ selected }) => selected !== null);
  }

  /** Spend the file events anew. */
  assign(): void {
    const { roster, sources } = this.parts;
    const workers = [...roster.all()];
    const wanted = [...this.#looked].flatMap((id) => roster.get(id) ?? []);
    const busy = workers.filter((record) => record.verdict?.state === 'busy');
    // A small team is watched whole. In a large one the quiet are left to their deadlines: a beat costs nothing then.
    const rest = workers.length <= WATCHED_WHOLE_MAX ? workers : [];
    this.#watches.assign([
      ...sources.flatMap((source) => source.rootDirectories()).map((directory) => ({ directory, owner: null })),
      ...[...wanted, ...roster.bad, ...busy, ...rest].flatMap((record) =>
        record.source.watchDirectories(record.id).map((directory) => ({ directory, owner: record.id })),
      ),
    ]);
  }

  close(): void {
    this.#watches.close();
  }

  #onEvent(id: WorkerId | null, name: string | null): void {
    if (id === null) {
      this.parts.onRootEvent();
      return;
    }
    const depth = this.parts.roster.get(id)?.source.depthFor(id, name) ?? 'none';
    if (depth !== 'none') this.parts.looks.soon(id, depth);
  }
}
