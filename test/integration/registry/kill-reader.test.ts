import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { AuditedKill, KillReader } from '../../../src/host/registry/kill-reader';
import { databaseIn, inDatabase, openedRegistry, ownDirectory } from './state';

const intent = (planId: string, at = 1_000) => ({
  ...{ at, kind: 'kill_intent', planId, workerId: 'w', workerName: 'worker', askedBy: 'cli', why: 'it hangs' },
});
const receipt = { workerId: 'w', workerName: 'worker', askedBy: 'cli', ended: true, summary: 'worker has ended' };
const outcome = (planId: string, at = 1_000) => ({ at, kind: 'kill_outcome', receipt: { planId, ...receipt } });

function taken(read: KillReader): AuditedKill[] {
  const kills: AuditedKill[] = [];
  while (!read((kill) => void kills.push(kill)));
  return kills;
}
const plans = (read: KillReader) => taken(read).map(({ step, planId }) => `${step} ${planId}`);

it('reads each kill once, with what belongs to it, and nothing that is older or no kill', async () => {
  const { audit, killsSince } = openedRegistry(ownDirectory());
  const read = killsSince(() => 500);
  expect(taken(read)).toEqual([]);
  await audit.append(intent('old', 400));
  await audit.append(intent('a'));
  await audit.append({ at: 1_000, kind: 'reap_intent', planId: 'r' });
  await audit.append(outcome('a', 1_200));
  const kills = taken(read);
  const { at: _at, kind: _kind, ...data } = intent('a');
  const worker = { workerId: 'w', workerName: 'worker' };
  expect(kills.map((kill) => ({ ...kill, read: kill.read() }))).toEqual([
    {
      ...{ at: 1_000, step: 'intent', planId: 'a', isOurs: true },
      read: { ...worker, ended: false, text: 'to be ended from the command line: it hangs', data },
    },
    {
      ...{ at: 1_200, step: 'outcome', planId: 'a', isOurs: true },
      read: { ...worker, ended: true, text: 'worker has ended', data: { planId: 'a', ...receipt } },
    },
  ]);
  expect(taken(read)).toEqual([]);
  // What is written from now on is read whatever the clock says.
  await audit.append(intent('b', 1));
  expect(plans(read)).toEqual(['intent b']);
});

it('tells what others wrote from our own, and what cannot be understood', async () => {
  const folder = ownDirectory();
  const { audit, killsSince } = openedRegistry(folder);
  await audit.append(intent('a'));
  inDatabase(databaseIn(folder), (file) => {
    const put = "INSERT INTO audit (at, kind, plan_id, entry, writer) VALUES (1, 'kill_outcome', ?, ?, ?)";
    file.prepare(put).run('b', JSON.stringify(outcome('b')), '{"pid":4}');
    file.prepare(put).run('c', 'null', null);
    file.prepare(put).run('d', '{"receipt":{"workerId":7}}', null);
  });
  const kills = taken(killsSince(() => 0));
  expect(kills.map(({ planId, isOurs }) => [planId, isOurs])).toEqual([
    ['a', true],
    ['b', false],
    ['c', false],
    ['d', false],
  ]);
  expect(kills.map((kill) => kill.read()?.text ?? null).slice(1)).toEqual(['worker has ended', null, null]);
});

it('reads a long log in slices, and again what was not taken', async () => {
  const folder = ownDirectory();
  const { audit, killsSince } = openedRegistry(folder);
  await audit.append(intent('first'));
  inDatabase(databaseIn(folder), (file) => {
    const put = file.prepare("INSERT INTO audit (at, kind, plan_id, entry) VALUES (1, 'kill_intent', ?, ?)");
    file.exec('BEGIN');
    for (let n = 0; n < 1_000; n += 1) put.run(`p${n}`, '{}');
    file.exec('COMMIT');
  });
  const read = killsSince(() => 0);
  const seen: string[] = [];
  const refuse = (planId: string) => () =>
    read((kill) => {
      if (kill.planId === planId) throw new Error('not now');
      seen.push(kill.planId);
    });
  expect(refuse('p7')).toThrow('not now');
  expect(seen).toHaveLength(8);
  expect(read((kill) => void seen.push(kill.planId))).toBe(false);
  expect(seen.length).toBeLessThan(500);
  seen.push(...taken(read).map(({ planId }) => planId));
  expect(seen).toEqual(['first', ...Array.from({ length: 1_000 }, (_, n) => `p${n}`)]);
});

it('begins anew where another file stands in its place', async () => {
  const folder = ownDirectory();
  const { audit, killsSince } = openedRegistry(folder);
  const read = killsSince(() => 500);
  for (const plan of ['a', 'b', 'c']) await audit.append(intent(plan));
  expect(plans(read)).toEqual(['intent a', 'intent b', 'intent c']);
  for (const part of ['-wal', '-shm']) rmSync(databaseIn(folder) + part, { force: true });
  renameSync(databaseIn(folder), `${databaseIn(folder)}.aside`);
  expect(taken(read)).toEqual([]);
  await audit.append(intent('d'));
  expect(plans(read)).toEqual(['intent d']);
});

it.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
  'is not read again where it cannot change',
  async () => {
    const folder = ownDirectory();
    const first = openedRegistry(folder);
    await first.audit.append(intent('a'));
    first.close();
    execFileSync('mount', ['--bind', folder, folder]);
    try {
      execFileSync('mount', ['-o', 'remount,ro,bind', folder]);
      const { killsSince, close } = openedRegistry(folder);
      const read = killsSince(() => 0);
      expect([plans(read), plans(read)]).toEqual([['intent a'], []]);
      close();
    } finally {
      execFileSync('umount', [folder]);
    }
  },
);
