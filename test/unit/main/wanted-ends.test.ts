import { expect, it } from 'vitest';
import { createKillAskers } from '../../../src/main/kill-askers';
import { createWantedEnds } from '../../../src/main/wanted-ends';
import type { KillPlan, MonitorEvent } from '../../../src/shared/model';
import { SteppedClock } from '../../fakes/stepped-clock';

const event = (kind: MonitorEvent['kind'], workerId: string | null = 'a'): MonitorEvent => ({
  ...{ id: 1, at: 0, kind, workerId },
  workerName: workerId,
  text: '',
});

it('an end is wanted from its intent on, while it takes, and until its worker was seen dead', () => {
  const clock = new SteppedClock();
  const wanted = createWantedEnds(clock);
  wanted.event(event('dead'));
  expect(wanted.has('a')).toBe(false);
  wanted.event(event('kill_intent'));
  clock.step(600_000);
  expect([wanted.has('a'), wanted.has('b')]).toEqual([true, false]);
  wanted.event(event('kill_ended'));
  clock.step(9_000);
  expect(wanted.has('a')).toBe(true);
  clock.step(2_000);
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
