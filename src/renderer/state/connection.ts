import type { Bridge } from '../../shared/ipc';
import type { Delta, WorkerId } from '../../shared/model';
import { foldDeltas } from './fold';
import { type AppStore, errorWords } from './store';

/** What a push of the shell asks of the window. */
export interface Asks {
  select(id: WorkerId): void;
  askKill(id: WorkerId): void;
  askReap(): void;
}

export interface Connection {
  /** Ask for the full picture again. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Keep the store at the latest picture: the full one first, then deltas; after a gap the full one again.
 *
 * `now` is the window's monotonic clock, ms. Deltas that come while the full picture is on its way wait for it; if one
 * of them does not follow it, the picture is asked for again. After a failure the next delta asks anew, so a broken
 * engine is never asked more often than it speaks.
 */
export function connect(bridge: Bridge, store: AppStore, asks: Asks, now: () => number): Connection {
  let asking: Promise<void> | null = null;
  let waiting: Delta[] = [];

  async function ask(): Promise<void> {
    let gap = false;
    try {
      const full = await bridge.invoke('snapshot.get');
      const folded = foldDeltas(full, waiting);
      gap = folded.gap;
      store.setState({ snapshot: folded.snapshot, receivedAt: now(), failure: null });
    } catch (error) {
      store.setState({ failure: errorWords(error) });
    }
    waiting = [];
    asking = null;
    if (gap) void refresh();
  }

  function refresh(): Promise<void> {
    asking ??= ask();
    return asking;
  }

  function receive(delta: Delta): void {
    const { snapshot } = store.getState();
    if (asking || !snapshot) {
      waiting.push(delta);
      void refresh();
      return;
    }
    const folded = foldDeltas(snapshot, [delta]);
    if (folded.gap) void refresh();
    else if (folded.snapshot !== snapshot) store.setState({ snapshot: folded.snapshot, receivedAt: now() });
  }

  const stops = [
    bridge.on('delta', receive),
    bridge.on('settings', (settings) => store.setState({ settings })),
    bridge.on('lost', (lost) => store.setState({ lost })),
    bridge.on('select', asks.select),
    bridge.on('askKill', asks.askKill),
    bridge.on('askReap', () => asks.askReap()),
  ];
  void refresh();
  bridge.invoke('settings.get').then(
    (settings) => store.setState({ settings }),
    (error) => store.setState({ notice: `The settings cannot be read: ${errorWords(error)}` }),
  );

  return {
    refresh,
    close: () => {
      for (const stop of stops) stop();
    },
  };
}
