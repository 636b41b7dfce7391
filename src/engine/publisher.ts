import type {
  Delta,
  MonitorEvent,
  SeriesPoint,
  Snapshot,
  SnapshotHead,
  WorkerDetail,
  WorkerId,
  WorkerRow,
} from '../shared/model';
import type { Viewer } from './attention';
import type { Clock } from './ports';

/** At most 8 deltas a second. */
const MIN_GAP_MS = 125;

/** What the publisher asks of the monitor, at the moment it publishes. */
export interface Published {
  head(seq: number): SnapshotHead;
  row(id: WorkerId): WorkerRow | null;
  rows(): WorkerRow[];
  /** What this viewer has selected. */
  detail(viewer: Viewer): WorkerDetail | null;
  events(): MonitorEvent[];
  series(): SeriesPoint[];
}

/**
 * Gathers what changed and tells it: the first change at once, then at most 8 times a second. Costs nothing while
 * nobody listens.
 */
export class Publisher {
  #seq = 0;
  readonly #listeners = new Map<(delta: Delta) => void, Viewer>();
  readonly #headListeners = new Set<(snapshot: Snapshot) => void>();
  readonly #changed = new Set<WorkerId>();
  readonly #removed = new Set<WorkerId>();
  #events: MonitorEvent[] = [];
  #series: SeriesPoint[] = [];
  #detailChanged = false;
  #headChanged = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly source: Published,
    /** Who the picture is for that is told to those who only want the head. */
    private readonly itself: Viewer,
  ) {}

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  snapshot(viewer: Viewer): Snapshot {
    return {
      ...this.source.head(this.#seq),
      workers: this.source.rows(),
      events: this.source.events(),
      series: this.source.series(),
      detail: this.source.detail(viewer),
    };
  }

  subscribe(listener: (delta: Delta) => void, viewer: Viewer): { snapshot: Snapshot; unsubscribe: () => void } {
    const unsubscribe = this.listen(listener, viewer);
    return { snapshot: this.snapshot(viewer), unsubscribe };
  }

  /** Every delta from now on: it follows a `snapshot` that is asked for before anything else happens. */
  listen(listener: (delta: Delta) => void, viewer: Viewer): () => void {
    // Whoever listens already gets what is pending first: the newcomer's picture holds it, and must not get it twice.
    this.#flush();
    this.#listeners.set(listener, viewer);
    return () => void this.#listeners.delete(listener);
  }

  onHead(listener: (snapshot: Snapshot) => void): () => void {
    this.#headListeners.add(listener);
    return () => void this.#headListeners.delete(listener);
  }

  /**
   * A row changed. `salient`: the tray shows it too; `seen`: somebody looks at the row; `unseen`: it goes with whatever
   * is told next.
   */
  changed(id: WorkerId, weight: 'salient' | 'seen' | 'unseen'): void {
    if (this.hasListeners) this.#changed.add(id);
    this.#removed.delete(id);
    this.#headChanged ||= weight === 'salient';
    if (weight !== 'unseen') this.#schedule();
  }

  removed(id: WorkerId): void {
    this.#changed.delete(id);
    if (this.hasListeners) this.#removed.add(id);
    this.headChanged();
  }

  headChanged(): void {
    this.#headChanged = true;
    this.#schedule();
  }

  detailChanged(): void {
    this.#detailChanged = true;
    this.#schedule();
  }

  event(event: MonitorEvent): void {
    if (this.hasListeners) this.#events.unshift(event);
    this.#schedule();
  }

  point(point: SeriesPoint): void {
    if (!this.hasListeners) return;
    this.#series.push(point);
    this.#schedule();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(): void {
    if (this.#cancel || (!this.hasListeners && !(this.#headChanged && this.#headListeners.size))) return;
    const wait = Math.max(0, this.#lastMs + MIN_GAP_MS - this.clock.monotonicMs());
    this.#cancel = this.clock.after(wait, () => this.#flush());
  }

  #flush(): void {
    this.stop();
    this.#lastMs = this.clock.monotonicMs();
    const headChanged = this.#headChanged;
    this.#headChanged = false;
    if (this.hasListeners) this.#tell();
    else this.#forget();
    if (headChanged && this.#headListeners.size) {
      const snapshot = this.snapshot(this.itself);
      for (const listener of this.#headListeners) listener(snapshot);
    }
  }

  #tell(): void {
    this.#seq += 1;
    const delta: Delta = {
      head: this.source.head(this.#seq),
      changed: [...this.#changed].flatMap((id) => this.source.row(id) ?? []),
      removed: [...this.#removed],
      events: this.#events,
      series: this.#series,
    };
    const detailChanged = this.#detailChanged;
    // Before it is told: what a listener causes belongs to the next delta.
    this.#forget();
    for (const [listener, viewer] of [...this.#listeners]) {
      listener(detailChanged ? { ...delta, detail: this.source.detail(viewer) } : delta);
    }
  }

  /** What was waiting is told, or there is nobody to tell: the next to come finds it in the full picture. */
  #forget(): void {
    this.#changed.clear();
    this.#removed.clear();
    this.#events = [];
    this.#series = [];
    this.#detailChanged = false;
  }
}
