import type { Bridge } from '../../shared/ipc';
import type { WorkerId, WorkerRow } from '../../shared/model';
import type { AppStore } from './store';
import type { Ticker } from './ticker';

/** Strips are of minutes, and are asked for again as often. */
export const RENEW_AFTER_MS = 60_000;
/** Rows come and go while a person scrolls; they are asked for together. */
const SETTLE_MS = 100;
/** The contract takes no more at once. */
const MOST_ASKED = 500;

export interface StripReader {
  /** The workers whose strips are in view. */
  setRows(ids: readonly WorkerId[]): void;
  setSelected(id: WorkerId | null): void;
  /** Begin to keep the strips in view up to date; returns what stops it. */
  start(): () => void;
}

/**
 * Keeps the last hour of the rows in view: asked for when a row comes into view, when its state or health changes, and
 * once a minute. A row out of view costs nothing. `now` is the window's monotonic clock, ms.
 */
export function createStripReader(bridge: Bridge, store: AppStore, ticker: Ticker, now: () => number): StripReader {
  /** When each was last asked for, and how its worker was then. */
  const asked = new Map<WorkerId, { at: number; health: string }>();
  let rows: readonly WorkerId[] = [];
  let selected: WorkerId | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let running = false;

  function due(): WorkerId[] {
    const known = new Map(store.getState().snapshot?.workers.map((row) => [row.id, row]));
    const at = now();
    const wanted = new Set(selected === null ? rows : [selected, ...rows]);
    return [...wanted].slice(0, MOST_ASKED).filter((id) => {
      const row = known.get(id);
      if (!row) return false;
      const last = asked.get(id);
      if (last && at - last.at < RENEW_AFTER_MS && last.health === healthOf(row)) return false;
      asked.set(id, { at, health: healthOf(row) });
      return true;
    });
  }

  async function ask(): Promise<void> {
    const ids = due();
    if (!ids.length) return;
    try {
      const told = await bridge.invoke('history.strips', ids);
      const at = Date.now();
      const { snapshot, strips } = store.getState();
      const there = new Set(snapshot?.workers.map((row) => row.id));
      const kept = [...strips].filter(([id]) => there.has(id));
      const fresh = Object.entries(told).map(([id, strip]) => [id, { strip, at }] as const);
      store.setState({ strips: new Map([...kept, ...fresh]) });
      for (const id of asked.keys()) if (!there.has(id)) asked.delete(id);
    } catch {
      // The strips stay as they were; in a minute they are asked for again.
    }
  }

  function settle(): void {
    timer ??= setTimeout(() => {
      timer = null;
      if (running) void ask();
    }, SETTLE_MS);
  }

  return {
    setRows(ids) {
      rows = ids;
      settle();
    },
    setSelected(id) {
      selected = id;
      settle();
    },
    start() {
      running = true;
      const stop = ticker.subscribe(() => void ask());
      return () => {
        running = false;
        stop();
        if (timer) clearTimeout(timer);
        timer = null;
      };
    },
  };
}

function healthOf({ state, health }: WorkerRow): string {
  return `${state} ${health}`;
}
