import type { TokenFile } from '../host/token';
import type { Focus, SettingsView, StreamEvents } from '../shared/ipc';
import type { Delta, Snapshot } from '../shared/model';
import { applyDelta, newPicture } from '../shared/snapshot';
import { type Address, type Client, createClient, type StreamMessage } from './client';
import type { Desk, DeskListener, DeskView } from './desk';
import type { AttachedDesk } from './seated-desk';

/** A stream that broke off may be the engine's doing, who drops whoever reads too slowly: it is opened again so often. */
const REOPENED_MAX = 3;

/** Attach to the engine behind a local API; `url` is asked for each time. Resolves once its first picture is here; rejects in words. */
export async function attachTo(url: Address['url'], token: TokenFile): Promise<AttachedDesk> {
  const client = createClient({ url, token: () => token.read() });
  const stopping = new AbortController();
  const stream = client.stream({ signal: stopping.signal });
  const first = await stream.next();
  if (first.done || first.value.event !== 'open')
    throw new Error('the stream of the local API did not begin with a picture');
  const desk = new RemoteDesk(client, stopping, first.value.data);
  void desk.follow(stream);
  return desk;
}

/** The engine of another process: its picture is kept here, its commands are asked of it. */
class RemoteDesk implements AttachedDesk {
  readonly #listeners = new Set<Partial<DeskListener>>();
  readonly #views = new Set<(delta: Delta) => void>();
  #snapshot: Snapshot;
  #settings: SettingsView;
  #viewer: string;
  #focus: Focus = { visible: [], selected: null };
  #onLost: (why: string) => void = () => undefined;

  constructor(
    private readonly client: Client,
    private readonly stopping: AbortController,
    { snapshot, settings, viewer }: StreamEvents['open'],
  ) {
    this.#snapshot = snapshot;
    this.#settings = settings;
    this.#viewer = viewer;
  }

  readonly invoke: Desk['invoke'] = (name, args, askedBy) => this.client.invoke(name, args, { askedBy });

  /** Read the stream to its end, and again after it broke off, until nobody answers any more or this desk is stopped. */
  async follow(stream: AsyncIterable<StreamMessage>): Promise<void> {
    let failures = 0;
    let current = stream;
    for (;;) {
      try {
        for await (const message of current) {
          this.#take(message);
          failures = 0;
        }
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        failures += 1;
        if (failures > REOPENED_MAX) return this.#onLost((error as Error).message);
        current = this.client.stream({ signal: this.stopping.signal });
      }
    }
  }

  view(listener: (delta: Delta) => void): DeskView {
    return {
      open: () => {
        this.#views.add(listener);
        return this.#snapshot;
      },
      // One focus for this process: it has one window.
      focus: (focus) => {
        this.#focus = focus;
        this.#tellFocus();
      },
      rest: () => {
        this.#views.delete(listener);
        this.#focus = { visible: [], selected: null };
        this.#tellFocus();
      },
    };
  }

  snapshot(): Snapshot {
    return { ...this.#snapshot, detail: null };
  }

  readonly row: Desk['row'] = (id) => this.#snapshot.workers.find((row) => row.id === id) ?? null;

  settings(): SettingsView {
    return this.#settings;
  }

  listen(listener: Partial<DeskListener>): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The engine notices by itself that the machine slept. */
  power(): void {}

  onLost(listener: (why: string) => void): void {
    this.#onLost = listener;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
  }

  #take(message: StreamMessage): void {
    switch (message.event) {
      case 'open':
        this.#settings = message.data.settings;
        this.#viewer = message.data.viewer;
        this.#tellFocus();
        this.#show(message.data.snapshot);
        break;
      case 'delta':
        this.#fold(message.data);
        break;
      case 'settings':
        this.#settings = message.data;
        for (const { settings } of this.#listeners) settings?.(message.data);
        break;
      case 'event':
        for (const { event } of this.#listeners) event?.(message.data);
        break;
      case 'tell':
        for (const { tell } of this.#listeners) tell?.(message.data);
    }
  }

  #fold(delta: Delta): void {
    const next = applyDelta(this.#snapshot, delta);
    // A stream has no gaps: whatever this is, it is not ours to guess at.
    if (!next) throw new Error('a delta does not follow the picture before it');
    this.#snapshot = next;
    for (const listener of this.#views) listener(delta);
    for (const { head } of this.#listeners) head?.(this.snapshot());
  }

  #show(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#views) listener(newPicture(snapshot));
    for (const { head } of this.#listeners) head?.(this.snapshot());
  }

  #tellFocus(): void {
    // Lost with the stream at worst, and told again with the next.
    this.client.focus(this.#viewer, this.#focus, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
