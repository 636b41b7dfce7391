import { expect, it } from 'vitest';
import { createKillAskers } from '../../../src/main/kill-askers';
import { createWantedEnds } from '../../../src/main/wanted-ends';
import type { KillPlan, LoggedEvent } from '../../../src/shared/model';
import { SteppedClock } from '../../fakes/stepped-clock';

function made() {
  const clock = new SteppedClock();
  const wanted = createWantedEnds(clock);
  const event = (kind: LoggedEvent['kind'], { at = clock.wallMs(), askedBy = 'cli' } = {}) =>
    wanted.event({ id: 1, at, kind, workerId: 'a', workerName: 'a', text: '', data: { askedBy } });
  return { clock, wanted, event };
}

it('an end is wanted from its intent on, while it takes, and until its worker was seen dead', () => {
  const { clock, wanted, event } = made();
  event('dead');
  expect(wanted.has('a')).toBe(false);
  event('kill_intent');
  clock.step(600_000);
  expect([wanted.has('a'), wanted.has('b')]).toEqual([true, false]);
  event('kill_ended');
  clock.step(9_000);
  expect(wanted.has('a')).toBe(true);
  clock.step(2_000);
  expect(wanted.has('a')).toBe(false);
});

it('what is told late counts from when it happened, and a time limit’s end is wanted by nobody', () => {
  const { clock, wanted, event } = made();
  event('kill_intent', { at: clock.wallMs() - 3_600_000 });
  expect(wanted.has('a')).toBe(false);
  event('kill_failed', { at: clock.wallMs() - 4_000 });
  expect(wanted.has('a')).toBe(true);
  clock.step(7_000);
  expect(wanted.has('a')).toBe(false);
  event('kill_intent', { askedBy: 'supervisor' });
  event('kill_ended', { askedBy: 'supervisor' });
  expect(wanted.has('a')).toBe(false);
});

it('a plan that follows the tray’s Kill… for the same worker is the tray’s, and only that', () => {
  const askers = createKillAskers();
  const plan = (workerId: string, planId: string) => ({ workerId, planId }) as KillPlan;
  askers.fromTray('a');
  askers.planned(plan('a', 'first'));
  askers.planned(plan('a', 'second'));
  askers.fromTray('a');
  askers.planned(plan('b', 'third'));
  expect(['first', 'second', 'third', 'unknown'].map(askers.of)).toEqual(['tray', 'window', 'window', 'window']);
});
