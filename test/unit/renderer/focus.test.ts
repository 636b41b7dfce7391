import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFocusReporter } from '../../../src/renderer/state/focus';
import { standInBridge } from '../../fixtures/renderer/bridge';

describe('what the window looks at', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function reporter(answer: () => Promise<undefined> = async () => undefined) {
    const bridge = standInBridge({ 'view.focus': answer });
    const told = () => bridge.asked.map(({ args }) => args[0]);
    return { focus: createFocusReporter(bridge), told };
  }

  it('is told once it has settled: rows and chart together, each id once', () => {
    const { focus, told } = reporter();
    focus.setRows(['b']);
    vi.advanceTimersByTime(60);
    focus.setRows(['b', 'a']);
    focus.setCharted(['a', 'z']);
    focus.setSelected('a');
    expect(told()).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(told()).toEqual([{ visible: ['a', 'b', 'z'], selected: 'a' }]);
  });

  it('is not told again while it is the same, in whatever order', () => {
    const { focus, told } = reporter();
    focus.setRows(['a', 'b']);
    vi.advanceTimersByTime(100);
    focus.setRows(['b', 'a']);
    vi.advanceTimersByTime(100);
    expect(told()).toHaveLength(1);
    focus.setSelected('b');
    vi.advanceTimersByTime(100);
    expect(told().at(-1)).toEqual({ visible: ['a', 'b'], selected: 'b' });
  });

  it('is told again after it could not be told', async () => {
    let fails = true;
    const { focus, told } = reporter(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve(undefined)));
    focus.setRows(['a']);
    await vi.advanceTimersByTimeAsync(100);
    fails = false;
    focus.setRows(['a']);
    await vi.advanceTimersByTimeAsync(100);
    expect(told()).toHaveLength(2);
  });

  it('never names more rows than the contract takes', () => {
    const { focus, told } = reporter();
    focus.setRows(Array.from({ length: 900 }, (_, index) => `w${index}`));
    vi.advanceTimersByTime(100);
    expect((told()[0] as { visible: string[] }).visible).toHaveLength(500);
  });

  it('is not told after the end', () => {
    const { focus, told } = reporter();
    focus.setRows(['a']);
    focus.close();
    vi.advanceTimersByTime(1_000);
    expect(told()).toEqual([]);
  });
});
