import { describe, expect, it } from 'vitest';
import { type OverallInput, overallOf, sentenceOf } from '../../../../src/engine/observe/overall';
import { type Overall, WORKER_STATES, type WorkerState } from '../../../../src/shared/model';

type Some = Partial<Record<WorkerState, number>>;

/** All stalled and dead need the person, less the snoozed. */
function input(some: Some, isIdle = true, snoozed = 0, unknown: Some = {}): OverallInput {
  const counts = countsOf(some);
  return { counts, unknown: countsOf(unknown), needPerson: counts.stalled + counts.dead - snoozed, isIdle };
}

function countsOf(some: Some): OverallInput['counts'] {
  return Object.fromEntries(WORKER_STATES.map((state) => [state, some[state] ?? 0])) as OverallInput['counts'];
}

describe('the overall state and its sentence', () => {
  it.each<[Some, boolean, Overall, string]>([
    [{}, true, 'idle', 'No workers yet.'],
    [{}, false, 'busy', 'No workers yet.'],
    [
      { stalled: 2, waiting: 1, busy: 4, ready: 3, stopped: 1 },
      false,
      'stalled',
      '2 of 11 workers are stalled, 1 waits for you, 4 are busy.',
    ],
    [{ stalled: 1, dead: 2, ready: 1 }, true, 'stalled', '1 of 4 workers is stalled, 2 are dead.'],
    [{ dead: 1, ready: 1 }, true, 'stalled', '1 of 2 workers is dead.'],
    [{ stalled: 3 }, true, 'stalled', 'All 3 workers are stalled.'],
    [{ stalled: 1 }, true, 'stalled', 'The worker is stalled.'],
    [{ busy: 4, ready: 1 }, true, 'busy', '4 of 5 workers are busy.'],
    [{ starting: 1, ready: 1 }, true, 'busy', '1 of 2 workers is starting.'],
    [{ busy: 2, starting: 2, waiting: 2 }, false, 'busy', '2 of 6 workers wait for you, 2 are busy, 2 are starting.'],
    [{ ready: 3 }, false, 'busy', 'No worker is busy, but the whole is not idle yet.'],
    [{ ready: 5 }, true, 'idle', 'All 5 workers are idle.'],
    [{ ready: 1 }, true, 'idle', 'The worker is idle.'],
    [{ dead: 2 }, true, 'stalled', 'Both workers are dead.'],
    [{ dead: 1, stopped: 1 }, true, 'stalled', '1 of 2 workers is dead.'],
    [{ waiting: 1, ready: 4 }, true, 'idle', '1 of 5 workers waits for you.'],
    [{ ready: 3, stopped: 2 }, true, 'idle', '3 of 5 workers are idle, 2 have stopped.'],
    [{ stopped: 5 }, true, 'idle', 'All 5 workers have stopped.'],
    [{ stopped: 1 }, true, 'idle', 'The worker has stopped.'],
  ])('%j, manager idle: %s', (some, isIdle, overall, sentence) => {
    expect(overallOf(input(some, isIdle))).toBe(overall);
    expect(sentenceOf(input(some, isIdle))).toBe(sentence);
  });

  it.each<[Some, number, Overall, string]>([
    [{ stalled: 2, busy: 1 }, 1, 'stalled', '2 of 3 workers are stalled (1 snoozed), 1 is busy.'],
    [{ stalled: 1, dead: 1, ready: 1 }, 2, 'idle', '1 of 3 workers is stalled, 1 is dead (2 snoozed).'],
    [{ dead: 1, busy: 1 }, 1, 'busy', '1 of 2 workers is dead (snoozed), 1 is busy.'],
    [{ stalled: 1 }, 1, 'idle', 'The worker is stalled (snoozed).'],
  ])('%j, %d of them snoozed', (some, snoozed, overall, sentence) => {
    expect(overallOf(input(some, true, snoozed))).toBe(overall);
    expect(sentenceOf(input(some, true, snoozed))).toBe(sentence);
  });

  it.each<[Some, Some, string]>([
    [{ ready: 3 }, { ready: 1 }, 'All 3 workers are idle; 1 is unknown.'],
    [{ busy: 2, ready: 2 }, { busy: 1, ready: 1 }, '2 of 4 workers are busy; 2 are unknown.'],
    [{ ready: 1 }, { ready: 1 }, 'The worker is idle, as far as is known.'],
  ])('%j, of %j it is not known', (some, unknown, sentence) => {
    expect(sentenceOf(input(some, true, 0, unknown))).toBe(sentence);
  });

  it('whoever was stalled when it was last known needs nobody now, and is not snoozed for that', () => {
    const given = input({ stalled: 2 }, true, 1, { stalled: 1 });
    expect(sentenceOf(given)).toBe('Both workers are stalled; 1 is unknown.');
  });
});
