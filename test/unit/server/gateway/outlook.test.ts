import { expect, it } from 'vitest';
import { allowed, createOutlook } from '../../../../src/server/gateway/outlook';
import type { Snapshot } from '../../../../src/shared/model';
import { defaultSettings } from '../../../../src/shared/settings';
import { SteppedClock } from '../../../fakes/stepped-clock';

const settings = { ...defaultSettings(), gatewayRequestsPerMinute: 5, gatewayWorkerRequestsPerMinute: 1 };

function outlookOn(changes: object, isIdleButForRequests = false) {
  let taken = 0;
  const clock = new SteppedClock();
  const calm = {
    memory: { totalBytes: 100, usedBytes: 10 },
    policy: { breaker: null },
    paused: false,
    workers: [{ id: 'worker-directory:/a', name: 'a' }],
  };
  const snapshot = () => {
    taken += 1;
    return { ...calm, ...changes } as unknown as Snapshot;
  };
  const outlook = createOutlook(clock, { snapshot, isIdleButForRequests });
  return { outlook, clock, taken: () => taken };
}

it.each([
  ['usual', {}, false],
  ['idle', {}, true],
  ['critical', { policy: { breaker: { openedAt: 1, reason: 'many stalled' } } }, true],
  ['critical', { memory: { totalBytes: 100, usedBytes: 91 } }, false],
  ['usual', { memory: { totalBytes: 100, usedBytes: 90 } }, false],
  ['usual', { memory: { totalBytes: 0, usedBytes: 0 } }, false],
  ['usual', { paused: true }, true],
  ['usual', { paused: true, memory: { totalBytes: 100, usedBytes: 91 } }, true],
  ['critical', { paused: true, policy: { breaker: { openedAt: 1, reason: 'many stalled' } } }, true],
])('all is %s', (strictness, changes, isIdle) => {
  expect(outlookOn(changes, isIdle).outlook.strictness(settings)).toBe(strictness);
});

it('half is at least one, critical is one, and no limit stays none', () => {
  expect(allowed(settings, 'usual')).toEqual({ inAll: 5, ofWorker: 1 });
  expect(allowed(settings, 'idle')).toEqual({ inAll: 2, ofWorker: 1 });
  expect(allowed(settings, 'critical')).toEqual({ inAll: 1, ofWorker: 1 });
  const none = { ...settings, gatewayRequestsPerMinute: null, gatewayWorkerRequestsPerMinute: null };
  expect(allowed(none, 'critical')).toEqual({ inAll: null, ofWorker: null });
});

it('knows workers by id and name, and takes the picture once a second at most', () => {
  const { outlook, clock, taken } = outlookOn({});
  expect(['a', 'worker-directory:/a', 'b', null].map(outlook.known)).toEqual([
    ...['worker-directory:/a', 'worker-directory:/a'],
    ...[null, null],
  ]);
  clock.step(999);
  outlook.strictness(settings);
  expect(taken()).toBe(1);
  clock.step(1);
  outlook.strictness(settings);
  expect(taken()).toBe(2);
});
