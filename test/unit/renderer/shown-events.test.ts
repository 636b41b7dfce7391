import { describe, expect, it } from 'vitest';
import { shownEvents } from '../../../src/renderer/logic/shown-events';
import type { MonitorEvent } from '../../../src/shared/model';

/** Events in the order in which they happened, told newest first. */
function shown(happened: [MonitorEvent['kind'], string?][], routine = false): string[] {
  const events = happened.map(
    ([kind, worker = 'a'], index): MonitorEvent => ({
      ...{ id: index + 1, at: index, kind, text: '' },
      ...{ workerId: worker, workerName: worker },
    }),
  );
  return shownEvents(events.toReversed(), routine)
    .map(({ kind, workerId }) => `${workerId} ${kind}`)
    .toReversed();
}

describe('the list of events', () => {
  it('tells of work beginning and ending only where that is asked for', () => {
    expect(shown([['busy'], ['stalled'], ['ready']])).toEqual(['a stalled']);
    expect(shown([['busy'], ['stalled']], true)).toEqual(['a busy', 'a stalled']);
  });

  it('tells that a worker is to be ended only until it is told what came of it', () => {
    expect(shown([['kill_intent'], ['kill_intent', 'b'], ['kill_ended', 'b']])).toEqual([
      'a kill_intent',
      'b kill_ended',
    ]);
    expect(shown([['kill_intent'], ['kill_failed']])).toEqual(['a kill_failed']);
  });

  it('tells that it is to be ended again', () => {
    expect(shown([['kill_intent'], ['kill_failed'], ['kill_intent']])).toEqual(['a kill_failed', 'a kill_intent']);
    expect(shown([['kill_intent'], ['kill_intent'], ['kill_ended']])).toEqual(['a kill_intent', 'a kill_ended']);
  });
});
