import { expect, it } from 'vitest';
import { EVENT_NAMES, eventNamesIn } from '../../../src/shared/event-names';

it('every event has a name of its own', () => {
  expect(new Set(EVENT_NAMES).size).toBe(EVENT_NAMES.length);
  expect(EVENT_NAMES).toEqual(expect.arrayContaining(['worker_stalled', 'kill_ended', 'idle', 'breaker_opened']));
});

it('a list names them, or their beginnings', () => {
  expect(eventNamesIn('worker_stalled, kill_*')).toEqual({
    names: ['worker_stalled', 'kill_intent', 'kill_ended', 'kill_failed'],
  });
  expect(eventNamesIn('*')).toEqual({ names: [...EVENT_NAMES] });
});

it.each([
  ['stalled', 'stalled'],
  ['worker_stalled,', ''],
  ['nothing_*', 'nothing_*'],
  ['', ''],
])('%j: %j is none of them', (list, wrong) => {
  expect(eventNamesIn(list)).toEqual({ wrong });
});
