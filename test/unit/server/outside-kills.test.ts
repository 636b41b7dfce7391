import { expect, it } from 'vitest';
import type { Journal } from '../../../src/engine/journal';
import type { NotedKill } from '../../../src/engine/monitor-types';
import type { AuditedKill } from '../../../src/host/registry/kill-reader';
import { createOutsideKills } from '../../../src/server/outside-kills';
import { SteppedClock } from '../../fakes/stepped-clock';

const NOW = 1_000_000;
/** As a reader takes them: what is thrown at comes again. */
const SLICE = 3;

function kill(planId: string, given: Partial<AuditedKill & { ended: boolean }> = {}): AuditedKill {
  const { ended = true, ...rest } = given;
  const content = { workerId: 'w', workerName: 'worker', ended, text: planId, data: { planId } };
  return { at: NOW, step: 'outcome', planId, isOurs: false, read: () => content, ...rest };
}

function made(given: Partial<Journal> = {}) {
  const clock = new SteppedClock({ wallStartMs: NOW });
  const scene = {
    clock,
    audit: [] as AuditedKill[],
    kept: new Map<string, string[]>(),
    failing: null as string | null,
    noted: [] as NotedKill[],
    warnings: [] as string[],
    beginning: null as number | null,
  };
  let next = 0;
  const journal = {
    killsOfPlan(planId: string) {
      if (scene.failing) throw new Error(scene.failing);
      return (scene.kept.get(planId) ?? []) as NotedKill['kind'][];
    },
    ...{ lastEventId: () => 0, firstEventAt: () => null, since: () => null },
    ...given,
  };
  const outside = createOutsideKills({
    killsSince: (at) => (take) => {
      scene.beginning ??= at();
      for (let left = SLICE; left > 0 && next < scene.audit.length; left -= 1) {
        const found = scene.audit[next];
        if (found) take(found);
        next += 1;
      }
      return next === scene.audit.length;
    },
    journal,
    monitor: { noteKill: (noted) => void scene.noted.push(noted) },
    clock,
    log: { warn: (message) => void scene.warnings.push(message) },
  });
  return Object.assign(scene, { outside, plans: () => scene.noted.map(({ kind, text }) => `${kind} ${text}`) });
}

it('notes what others wrote and the event log does not hold, each step of a kill for itself', () => {
  const { audit, kept, outside, clock, plans, noted } = made();
  kept.set('a', ['kill_intent']);
  kept.set('b', ['kill_intent', 'kill_failed']);
  audit.push(kill('a', { step: 'intent' }), kill('a', { ended: false }), kill('b'));
  outside.start();
  expect(plans()).toEqual(['kill_failed a']);
  audit.push(
    kill('ours', { isOurs: true }),
    kill('c', { step: 'intent', at: NOW - 5 }),
    kill('lost', { read: () => null }),
  );
  clock.step(1_000);
  expect(plans()).toEqual(['kill_failed a', 'kill_intent c']);
  expect(noted[1]).toEqual({
    ...{ kind: 'kill_intent', at: NOW - 5, workerId: 'w', workerName: 'worker', text: 'c' },
    data: { planId: 'c' },
  });
  // A file that was opened anew tells it again before it is on the disk.
  audit.push(kill('c', { step: 'intent' }));
  clock.step(1_000);
  expect(noted).toHaveLength(2);
  outside.stop();
  audit.push(kill('d'));
  clock.step(60_000);
  expect([noted.length, clock.timerCount]).toEqual([2, 0]);
});

it('goes through a long log in slices, and then looks once a second', () => {
  const { audit, outside, clock, noted } = made();
  audit.push(...Array.from({ length: 7 }, (_, n) => kill(`p${n}`)));
  outside.start();
  expect(noted).toHaveLength(3);
  clock.step(50);
  expect(noted).toHaveLength(7);
  audit.push(kill('later'));
  clock.step(900);
  expect(noted).toHaveLength(7);
  clock.step(100);
  expect(noted).toHaveLength(8);
});

it('waits while the event log cannot be read, and says so once', () => {
  const scene = made();
  const { audit, outside, clock } = scene;
  audit.push(kill('a'));
  scene.failing = 'history.db is locked';
  outside.start();
  clock.step(3_000);
  expect(scene.plans()).toEqual([]);
  scene.failing = null;
  clock.step(1_000);
  expect(scene.plans()).toEqual(['kill_ended a']);
  expect(scene.warnings).toEqual(['What other programs end cannot be noted for now: history.db is locked']);
});

it.each<[string, number, Partial<Journal>]>([
  ['its earliest event', 700, { lastEventId: () => 9, firstEventAt: () => 700, since: () => 100 }],
  ['now, where all of them were dropped', NOW, { lastEventId: () => 9, since: () => 100 }],
  ['what was first recorded, where there never was an event', 100, { since: () => 100 }],
  ['now, where nothing was recorded', NOW, {}],
  [
    'now, where it cannot be read',
    NOW,
    {
      since() {
        throw new Error('damaged');
      },
    },
  ],
])('begins at %s', (_what, at, journal) => {
  const scene = made(journal);
  scene.outside.start();
  expect(scene.beginning).toBe(at);
});
