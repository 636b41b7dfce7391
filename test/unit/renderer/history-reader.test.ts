import { describe, expect, it } from 'vitest';
import { createHistoryReader, RETRY_AFTER_MS } from '../../../src/renderer/state/history';
import { createAppStore } from '../../../src/renderer/state/store';
import type { Ticker } from '../../../src/renderer/state/ticker';
import type { HistoryAnswer, HistoryRange } from '../../../src/shared/model';
import { deferred, standInBridge } from '../../fixtures/renderer/bridge';
import { makeSnapshot } from '../../fixtures/renderer/pictures';

const EMPTY: HistoryAnswer = { ok: true, points: [] };

/** A reader whose clock and ticks the test holds; `answer` is given to each question. */
function reading(answer: (range: HistoryRange) => Promise<HistoryAnswer> = async () => EMPTY) {
  const store = createAppStore();
  store.setState({ snapshot: { ...makeSnapshot(1), takenAt: 5_000_000 }, receivedAt: 0 });
  const asked: HistoryRange[] = [];
  const bridge = standInBridge({
    'history.points': (range) => {
      asked.push(range);
      return answer(range);
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
  const history = createHistoryReader(bridge, store, ticker, () => nowMs);
  const stop = history.start();
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ store, history, asked, stop, listeners, settled },
    /** Ticks once a second, or after so long without any. */
    async pass(seconds: number, unseen = false) {
      for (let passed = unseen ? seconds : 1; passed <= seconds; passed += 1) {
        nowMs += unseen ? seconds * 1_000 : 1_000;
        for (const listener of listeners) listener();
        await settled();
      }
    },
  };
}

describe('the history the charts show', () => {
  it('is asked for when a range is chosen, and each time a stretch is over', async () => {
    const { store, history, asked, pass, settled } = reading();
    history.choose('1h');
    await settled();
    expect(asked).toEqual(['1h']);
    expect(store.getState().history).toEqual({ range: '1h', untilAt: 5_000_000, answer: EMPTY });
    await pass(8);
    expect(asked).toHaveLength(1);
    await pass(1);
    expect(asked).toHaveLength(2);
    expect(store.getState().history?.untilAt).toBe(5_009_000);
  });

  it('is not asked for while five minutes are shown', async () => {
    const { store, history, asked, pass, settled } = reading();
    await pass(100);
    expect(asked).toEqual([]);
    history.choose('24h');
    await settled();
    history.choose('5min');
    expect(store.getState().history).toBeNull();
    await pass(1_000);
    expect(asked).toEqual(['24h']);
  });

  it('is asked for anew when the page is seen again', async () => {
    const { history, asked, pass, settled } = reading();
    history.choose('7d');
    await settled();
    await pass(60);
    expect(asked).toHaveLength(1);
    await pass(60, true);
    expect(asked).toHaveLength(2);
  });

  it('that comes late, for a range no longer chosen, is not shown', async () => {
    const late = deferred<HistoryAnswer>();
    const { store, history, settled } = reading((range) => (range === '7d' ? late.promise : Promise.resolve(EMPTY)));
    history.choose('7d');
    history.choose('1h');
    await settled();
    late.resolve({ ok: true, points: [] });
    await settled();
    expect(store.getState().history?.range).toBe('1h');
    const again = deferred<HistoryAnswer>();
    const other = reading(() => again.promise);
    other.history.choose('7d');
    other.history.choose('5min');
    again.resolve(EMPTY);
    await other.settled();
    expect(other.store.getState().history).toBeNull();
  });

  it('stays as it was until the answer for another range is there', async () => {
    const { store, history, settled } = reading((range) =>
      range === '7d' ? new Promise(() => {}) : Promise.resolve(EMPTY),
    );
    history.choose('1h');
    await settled();
    history.choose('7d');
    await settled();
    expect(store.getState()).toMatchObject({ chartRange: '7d', history: { range: '1h' } });
  });

  it('that cannot be read says why, and is asked for again soon', async () => {
    const { store, history, asked, pass, settled } = reading(async (range) => {
      if (range === '24h') throw new Error('The engine does not answer.');
      return { ok: false, reason: 'The disk is gone.' };
    });
    history.choose('7d');
    await settled();
    expect(store.getState().history?.answer).toEqual({ ok: false, reason: 'The disk is gone.' });
    await pass(RETRY_AFTER_MS / 1_000);
    expect(asked).toEqual(['7d', '7d']);
    history.choose('24h');
    await settled();
    expect(store.getState().history?.answer).toEqual({ ok: false, reason: 'The engine does not answer.' });
  });

  it('is no longer asked for once it is stopped', () => {
    const { stop, listeners } = reading();
    stop();
    expect(listeners.size).toBe(0);
  });
});
