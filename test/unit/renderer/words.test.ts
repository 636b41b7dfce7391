import { describe, expect, it } from 'vitest';
import { refusalOf, stepsOf, whatEnds } from '../../../src/renderer/logic/plan-words';
import { autoEndMark } from '../../../src/renderer/logic/policy-words';
import {
  allowedSilence,
  eventSign,
  eventWord,
  formatInOut,
  inOutWords,
  rowSign,
  runWord,
} from '../../../src/renderer/logic/words';
import type { MonitorEvent, PolicyStatus } from '../../../src/shared/model';
import type { PolicyRule } from '../../../src/shared/settings';
import { makePlan } from '../../fixtures/renderer/pictures';
import { workerRow } from '../../fixtures/snapshot';

describe('the mark of automatic ending', () => {
  const armed: PolicyStatus = { armed: true, heldBack: null, breaker: null };
  const rule = (change: Partial<PolicyRule>): PolicyRule => ({
    action: 'kill',
    afterSecs: 300,
    killGraceMs: 1_000,
    ...change,
  });

  it('is there only where workers may be ended without a person', () => {
    expect(autoEndMark({ ...armed, armed: false, heldBack: 'overloaded' }, {})).toBeNull();
  });

  it('names the kinds that are ended and after how long, and no others', () => {
    const rules = {
      'worker-directory': rule({ action: 'suggest' }),
      workbench: rule({}),
      'supervised-run': rule({ afterSecs: 0 }),
    };
    expect(autoEndMark(armed, rules)).toEqual({
      words: 'Auto-end on',
      title: 'Workbenches are ended once stalled for 5 min\nSupervised runs are ended as soon as they are stalled',
      stopped: false,
    });
  });

  it('says why nothing is ended for now, the circuit breaker before all', () => {
    const held = { ...armed, heldBack: 'the machine is overloaded' };
    expect(autoEndMark(held, { workbench: rule({}) })).toMatchObject({
      words: 'Auto-end held',
      title: expect.stringMatching(/^Held for now: the machine is overloaded\n/),
      stopped: false,
    });
    const breaker = { openedAt: 1, reason: '7 of 11 turned stalled' };
    expect(autoEndMark({ ...held, breaker }, {})).toEqual({
      words: 'Auto-end stopped',
      title: '7 of 11 turned stalled',
      stopped: true,
    });
  });
});

describe('a plan with a tmux session', () => {
  it('begins with the session, said once', () => {
    expect(stepsOf(makePlan({ session: 'moadim-x', steps: ['Send SIGTERM.'] }))).toEqual([
      'End the tmux session moadim-x.',
      'Send SIGTERM.',
    ]);
    const named = ['End the tmux session moadim-x, and no other.', 'Send SIGTERM.'];
    expect(stepsOf(makePlan({ session: 'moadim-x', steps: named }))).toEqual(named);
    expect(stepsOf(makePlan({ steps: ['Send SIGTERM.'] }))).toEqual(['Send SIGTERM.']);
  });

  it('says what ends, and can be carried out without a process', () => {
    expect(whatEnds(makePlan())).toBe('1 process');
    expect(whatEnds(makePlan({ session: 'moadim-x' }))).toBe('its session and 1 process');
    const sessionOnly = makePlan({ session: 'moadim-x', processes: [] });
    expect([whatEnds(sessionOnly), refusalOf(sessionOnly)]).toEqual(['its session', null]);
    expect(refusalOf(makePlan({ processes: [] }))).toMatch(/No process/);
    expect(refusalOf(makePlan({ session: 'moadim-x', refused: 'tmux does not answer' }))).toBe('tmux does not answer');
  });
});

it('events of our own doing say in their text what happened', () => {
  const kinds = ['notice', 'policy', 'breaker_opened', 'kill_ended', 'reap'] as const;
  const events = kinds.map(
    (kind): MonitorEvent => ({ id: 1, at: 0, kind, workerId: null, workerName: null, text: '' }),
  );
  expect(events.map(eventWord)).toEqual([null, null, null, null, null]);
  expect(events.map((event) => eventSign(event).tone)).toEqual(['dim', 'dim', 'amber', 'dim', 'dim']);
});

describe('what a worker belongs to and is allowed', () => {
  const run = (fields = {}) =>
    workerRow({ source: 'supervised-run', runId: 'supervised runs', state: 'busy', ...fields });

  it('a run is named where it says more than the kind', () => {
    expect(runWord(workerRow({ runId: 'nightly' }))).toBe('nightly');
    expect(runWord(run())).toBeNull();
    expect(runWord(workerRow({ source: 'workbench', runId: 'workbenches' }))).toBeNull();
    expect(runWord(workerRow({ source: 'workbench', runId: 'my benches' }))).toBe('my benches');
  });

  it('silence is named where the worker is judged by it', () => {
    expect(allowedSilence(workerRow())).toBe('30 s of silence, 1 min without progress');
    expect(allowedSilence(run())).toBe('30 s of silence');
    expect(allowedSilence(run({ state: 'stalled', heartbeatAgeMs: null }))).toBeNull();
    expect(allowedSilence(workerRow({ source: 'workbench' }))).toBeNull();
    expect(allowedSilence(workerRow({ state: 'stopped' }))).toBeNull();
  });
});

describe('the sign of a row', () => {
  it('one that failed is told from one that ended well, quieter than one that is dead', () => {
    const over = workerRow({ state: 'stopped', health: 'unknown' });
    expect(rowSign(over)).toEqual({ shape: 'dash', tone: 'dim' });
    for (const failure of ['failed', 'timed_out'] as const) {
      expect(rowSign({ ...over, failure })).toEqual({ shape: 'small-cross', tone: 'ink' });
    }
    expect(rowSign({ ...over, failure: 'failed', snoozed: true }).tone).toBe('dim');
  });

  it('one of which it is not known how it is has a question mark, unless it was waiting for the person', () => {
    for (const state of ['ready', 'busy', 'stalled'] as const) {
      expect(rowSign(workerRow({ state, health: 'unknown' }))).toEqual({ shape: 'question', tone: 'ink' });
    }
    expect(rowSign(workerRow({ state: 'waiting', health: 'unknown' })).shape).toBe('diamond');
    expect(rowSign(workerRow({ state: 'starting', health: 'unknown' })).shape).toBe('half');
  });
});

it('tasks and results are short in the table, and told in full beside', () => {
  const counts = (inboxCount: number | null, outboxCount: number | null) => ({ inboxCount, outboxCount });
  expect(formatInOut(counts(128, 120))).toBe('128 / 120');
  expect(formatInOut(counts(12_345, 1_279))).toBe('12k / 1.3k');
  expect(inOutWords(counts(12_345, 1))).toBe('12345 tasks, 1 result');
  expect([formatInOut(counts(3, null)), inOutWords(counts(3, null))]).toEqual(['3 / –', '3 tasks']);
  expect([formatInOut(counts(null, null)), inOutWords(counts(null, null))]).toEqual(['–', '']);
});
