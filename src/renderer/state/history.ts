import type { Bridge } from '../../shared/ipc';
import type { HistoryAnswer, HistoryRange } from '../../shared/model';
import { engineNow } from '../logic/ages';
import { stretchMs } from '../logic/history';
import { type AppStore, errorWords } from './store';
import type { Ticker } from './ticker';

/** A history that cannot be read is asked for again so soon. */
export const RETRY_AFTER_MS = 10_000;
/** Ticks come every second while the page is seen; after a longer pause it was not. */
const UNSEEN_AFTER_MS = 3_000;

export interface HistoryReader {
  /** How far back the charts look; five minutes need no history. */
  choose(range: HistoryRange): void;
  /** Begin to keep the chosen range up to date; returns what stops it. */
  start(): () => void;
}

/**
 * Keeps what the charts show of the history: asked for when a range is chosen, when the page is seen again, and each time
 * a new stretch of time is over. Until the answer is there the charts stay as they are. `now` is the window's monotonic
 * clock, ms.
 */
export function createHistoryReader(bridge: Bridge, store: AppStore, ticker: Ticker, now: () => number): HistoryReader {
  let askedAt = 0;
  let tickedAt = now();
  /** Of the newest question: answers to older ones are late. */
  let question = 0;

  async function ask(): Promise<void> {
    const { chartRange: range } = store.getState();
    question += 1;
    const mine = question;
    if (range === '5min') {
      store.setState({ history: null });
      return;
    }
    askedAt = now();
    const answer = await read(bridge, range);
    if (mine !== question) return;
    const { snapshot, receivedAt } = store.getState();
    const untilAt = snapshot ? engineNow({ ...snapshot, receivedAt, paused: false }, now()) : Date.now();
    store.setState({ history: { range, untilAt, answer } });
  }

  function tick(): void {
    const at = now();
    const wasUnseen = at - tickedAt > UNSEEN_AFTER_MS;
    tickedAt = at;
    const { chartRange, history } = store.getState();
    if (chartRange === '5min') return;
    const paceMs = history?.answer.ok === false ? RETRY_AFTER_MS : stretchMs(chartRange);
    if (wasUnseen || at - askedAt >= paceMs) void ask();
  }

  return {
    choose(chartRange) {
      if (chartRange === store.getState().chartRange) return;
      store.setState({ chartRange });
      void ask();
    },
    start: () => ticker.subscribe(tick),
  };
}

async function read(bridge: Bridge, range: HistoryRange): Promise<HistoryAnswer> {
  try {
    return await bridge.invoke('history.points', range);
  } catch (error) {
    return { ok: false, reason: errorWords(error) };
  }
}
