import { describe, expect, it } from 'vitest';
import { transitionOf } from '../../../../src/engine/observe/transitions';
import type { Verdict } from '../../../../src/engine/observe/verdict';
import { type Health, type MonitorEvent, WORKER_STATES, type WorkerState } from '../../../../src/shared/model';

const verdict = (state: WorkerState, reason = 'the reason', health: Health = 'healthy'): Verdict => ({
  state,
  health,
  reason,
  rule: 11,
  nextLookMs: 1,
});

function change(from: WorkerState | null, to: WorkerState) {
  const isBad = from === 'stalled' || from === 'dead';
  return transitionOf(from && verdict(from), verdict(to), { badSince: isBad ? 59_000 : null, now: 100_000 });
}

/** What each change from a row's state to a column's is told as, in the order of the head. */
const HEAD: WorkerState[] = ['stalled', 'dead', 'waiting', 'busy', 'starting', 'ready', 'stopped'];
type Kind = MonitorEvent['kind'] | null;
const TABLE: [WorkerState | null, Kind[]][] = [
  [null, ['stalled', 'dead', 'found', 'found', 'found', 'found', 'found']],
  ['stalled', [null, 'dead', 'recovered', 'recovered', 'started', 'recovered', 'stopped']],
  ['dead', ['stalled', null, 'recovered', 'recovered', 'started', 'recovered', 'stopped']],
  ['waiting', ['stalled', 'dead', null, 'busy', 'started', 'ready', 'stopped']],
  ['busy', ['stalled', 'dead', 'waiting', null, 'started', 'ready', 'stopped']],
  ['starting', ['stalled', 'dead', 'waiting', 'busy', null, 'ready', 'stopped']],
  ['ready', ['stalled', 'dead', 'waiting', 'busy', 'started', null, 'stopped']],
  ['stopped', ['stalled', 'dead', 'waiting', 'busy', 'started', 'ready', null]],
];

describe('each transition is one event', () => {
  it('of every state there is', () => {
    expect([...HEAD].sort()).toEqual([...WORKER_STATES].sort());
    expect(TABLE.flatMap(([from]) => from ?? []).sort()).toEqual([...WORKER_STATES].sort());
  });

  it.each(TABLE)('from %s', (from, kinds) => {
    expect(HEAD.map((to) => change(from, to)?.kind ?? null)).toEqual(kinds);
  });

  it('a change of reason or health alone is none', () => {
    const [fresh, late] = [verdict('busy', 'task "a"', 'healthy'), verdict('busy', 'silent for 21 s', 'late')];
    expect(transitionOf(fresh, late, { badSince: null, now: 0 })).toBeNull();
  });
});

describe('its words', () => {
  it.each<[WorkerState | null, WorkerState, string]>([
    ['busy', 'stalled', 'the reason'],
    ['stalled', 'ready', 'Recovered after 41 s'],
    ['dead', 'busy', 'Recovered after 41 s'],
    ['stalled', 'waiting', 'Recovered after 41 s; the reason'],
    [null, 'ready', 'Found, ready'],
    [null, 'stalled', 'the reason'],
    ['ready', 'waiting', 'the reason'],
  ])('from %s to %s', (from, to, text) => {
    expect(change(from, to)?.text).toBe(text);
  });
});
