import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTicker } from '../../../src/renderer/state/ticker';

/** As much of a page as a clock looks at. */
class Page extends EventTarget {
  hidden = false;
  show(shown: boolean): void {
    this.hidden = !shown;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

describe('the one clock of all ages', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function ticking() {
    const page = new Page();
    const ticker = createTicker(page as unknown as Document, () => Date.now());
    const ticks: number[] = [];
    return { page, ticker, ticks, listen: () => ticker.subscribe(() => ticks.push(ticker.tickAt())) };
  }

  it('runs one timer for all, only while someone listens', () => {
    const { ticker, ticks, listen } = ticking();
    expect(vi.getTimerCount()).toBe(0);
    const stop = listen();
    const stopOther = ticker.subscribe(() => {});
    expect(vi.getTimerCount()).toBe(1);
    const before = ticks.length;
    vi.advanceTimersByTime(3_000);
    expect(ticks.length - before).toBe(3);
    stop();
    expect(vi.getTimerCount()).toBe(1);
    stopOther();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stands while the page is hidden and is right at once when it is seen again', () => {
    const { page, ticker, ticks, listen } = ticking();
    listen();
    page.show(false);
    expect(vi.getTimerCount()).toBe(0);
    const before = ticks.length;
    vi.advanceTimersByTime(60_000);
    expect(ticks.length).toBe(before);
    page.show(true);
    expect(ticks.length).toBe(before + 1);
    expect(ticker.tickAt()).toBe(Date.now());
  });
});
