import { expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { openedRegistry, ownDirectory } from './state';

const intent = (workerId: string, planId: string, at = Date.now()) => ({
  ...{ at, kind: 'kill_intent', planId, workerId, workerName: 'w', askedBy: 'cli', processes: [{ pid: 4 }] },
});
const outcome = (workerId: string, planId: string, ended: boolean, at = Date.now()) => ({
  ...{ at, kind: 'kill_outcome', receipt: { planId, workerId, ended } },
});

it('tells what was ended, what is being ended, and nothing of an end that failed or is long past', async () => {
  const { audit, ends } = openedRegistry(ownDirectory());
  const now = Date.now();
  await audit.append(intent('old', 'p0', now - 3 * 3600_000));
  await audit.append(outcome('old', 'p0', true, now - 3 * 3600_000));
  await audit.append(intent('ended', 'p1'));
  await audit.append(outcome('ended', 'p1', true, now));
  await audit.append(intent('failed', 'p2'));
  await audit.append(outcome('failed', 'p2', false));
  await audit.append(intent('slow', 'p3'));
  await audit.append(intent('cut short', 'p4', now - 3600_000));
  const ids = ['old', 'ended', 'failed', 'slow', 'cut short', 'never'];
  expect(ids.map(ends.endedAt)).toEqual([null, now, null, null, null, null]);
  expect(ids.map(ends.isUnderWay)).toEqual([false, false, false, true, false, false]);
});

it('learns what another program writes, and does without a registry that is not there or cannot be read', async () => {
  const folder = ownDirectory();
  const ours = openedRegistry(folder);
  expect(ours.ends.endedAt('a')).toBeNull();
  const { audit } = openedRegistry(folder);
  await audit.append(intent('a', 'p'));
  await waitFor('it is known to be under way', () => ours.ends.isUnderWay('a'));
  await audit.append(outcome('a', 'p', true));
  await waitFor('it is known to be over', () => !ours.ends.isUnderWay('a'));
  expect(ours.ends.endedAt('a')).toBeGreaterThan(Date.now() - 10_000);
  const { ends } = openedRegistry('/proc/self/status');
  expect([ends.endedAt('a'), ends.isUnderWay('a')]).toEqual([null, false]);
});
