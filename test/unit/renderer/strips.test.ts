import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAppStore } from '../../../src/renderer/state/store';
import { createStripReader, RENEW_AFTER_MS } from '../../../src/renderer/state/strips';
import type { Ticker } from '../../../src/renderer/state/ticker';
import type { WorkerRow } from '../../../src/shared/model';
import { standInBridge } from '../../fixtures/renderer/bridge';
import { makeRow, makeSnapshot } from '../../fixtures/renderer/pictures';

const row = (id: string, change: Partial<WorkerRow> = {}) => makeRow({ id, name: id, ...change });

/** A reader whose clock and ticks the test holds. */
function reading(workers: WorkerRow[]) {
  const store = createAppStore();
  store.setState({ snapshot: makeSnapshot(1, workers) });
  const asks: string[][] = [];
  const bridge = standInBridge({
    'history.strips': async (ids) => {
      asks.push(ids);
      return Object.fromEntries(ids.filter((id) => id !== 'gone').map((id) => [id, `${asks.length}`.repeat(60)]));
    },
  });
  let nowMs = 0;
  const listeners = new Set<() => void>();
  const ticker: Ticker = {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tickAt: () => nowMs,
  };
  const strips = createStripReader(bridge, store, ticker, () => nowMs);
  const stop = strips.start();
  return {
    store,
    strips,
    asks,
    stop,
    listeners,
    async settle() {
      await vi.advanceTimersByTimeAsync(200);
    },
    async tickAfter(ms: number) {
      nowMs += ms;
      for (const listener of listeners) listener();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe('strips of the rows in view', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are asked for together when rows come into view, and once a minute', async () => {
    const { strips, asks, settle, tickAfter, store } = reading([row('a'), row('b'), row('c')]);
    strips.setRows(['a']);
    strips.setRows(['a', 'b']);
    await settle();
    expect(asks).toEqual([['a', 'b']]);
    expect(store.getState().strips.get('b')?.strip).toBe('1'.repeat(60));
    await tickAfter(RENEW_AFTER_MS - 1);
    expect(asks).toHaveLength(1);
    await tickAfter(1);
    expect(asks.slice(1)).toEqual([['a', 'b']]);
  });

  it('are asked for only where they are not known yet', async () => {
    const { strips, asks, settle } = reading([row('a'), row('b'), row('c')]);
    strips.setRows(['a', 'b']);
    await settle();
    strips.setRows(['b', 'c']);
    await settle();
    expect(asks).toEqual([['a', 'b'], ['c']]);
    strips.setRows(['a']);
    await settle();
    expect(asks).toHaveLength(2);
  });

  it('are asked for anew when a worker’s state or health changes, and not when it beats', async () => {
    const { strips, asks, settle, tickAfter, store } = reading([row('a'), row('b')]);
    strips.setRows(['a', 'b']);
    await settle();
    store.setState({
      snapshot: makeSnapshot(2, [row('a', { state: 'stalled', health: 'stalled' }), row('b', { heartbeatAgeMs: 0 })]),
    });
    await tickAfter(1_000);
    expect(asks.slice(1)).toEqual([['a']]);
  });

  it('are those of the selected worker too, be its row in view or not', async () => {
    const { strips, asks, settle } = reading([row('a'), row('b')]);
    strips.setRows(['a']);
    strips.setSelected('b');
    await settle();
    expect(asks).toEqual([['b', 'a']]);
  });

  it('of workers that have left are forgotten; those nobody knows are not asked for', async () => {
    const { strips, settle, store, asks } = reading([row('a'), row('b')]);
    strips.setRows(['a', 'b', 'never']);
    await settle();
    expect(asks).toEqual([['a', 'b']]);
    store.setState({ snapshot: makeSnapshot(2, [row('b'), row('c')]) });
    strips.setRows(['c']);
    await settle();
    expect([...store.getState().strips.keys()]).toEqual(['b', 'c']);
  });

  it('are no longer asked for once it is stopped', async () => {
    const { strips, asks, settle, stop, listeners } = reading([row('a')]);
    strips.setRows(['a']);
    stop();
    await settle();
    expect(asks).toEqual([]);
    expect(listeners.size).toBe(0);
  });
});
