import { expect, it } from 'vitest';
import { OpenCalls } from '../../../../../src/engine/sources/claude-code/open-calls';
import type { TranscriptLine } from '../../../../../src/engine/sources/claude-code/parse';
import { SteppedClock } from '../../../../fakes/stepped-clock';

const line = (over: Partial<TranscriptLine>): TranscriptLine => ({
  ...{ usage: null, calls: [], results: [], isPrompt: false },
  ...over,
});

function opened(...ids: string[]) {
  const clock = new SteppedClock();
  const calls = new OpenCalls(clock);
  for (const id of ids) {
    clock.step(1_000);
    calls.add(line({ calls: [{ id, label: id, at: clock.wallMs() }] }));
  }
  return { clock, calls };
}

it('knows the first call that has brought no result', () => {
  const { calls } = opened('a', 'b');
  expect(calls.first(0)).toMatchObject({ label: 'a', started: { monotonicMs: 1_000 } });
  calls.add(line({ results: ['a'] }));
  expect(calls.first(0)?.label).toBe('b');
  calls.add(line({ results: ['b', 'c'] }));
  expect(calls.first(0)).toBeNull();
});

it('forgets what was open when something new begins', () => {
  const { calls } = opened('a');
  calls.add(line({ isPrompt: true }));
  expect(calls.first(0)).toBeNull();
});

it('knows none of an earlier turn', () => {
  const { calls } = opened('a', 'b');
  expect(calls.first(1_500)?.label).toBe('b');
  expect(calls.first(2_500)).toBeNull();
});

it('begins one without a time, or of a time to come, when it is read', () => {
  const { clock, calls } = opened();
  clock.step(5_000);
  calls.add(line({ calls: [{ id: 'a', label: 'a', at: null }] }));
  expect(calls.first(0)?.started.monotonicMs).toBe(5_000);
  calls.clear();
  calls.add(line({ calls: [{ id: 'b', label: 'b', at: clock.wallMs() + 60_000 }] }));
  expect(calls.first(0)?.started.monotonicMs).toBe(5_000);
});

it('remembers no more than a few', () => {
  const { calls } = opened(...Array.from({ length: 1_000 }, (_, at) => `c${at}`));
  expect(calls.first(64_500)).toBeNull();
});
