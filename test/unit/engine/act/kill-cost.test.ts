import { expect, it } from 'vitest';
import { createKiller } from '../../../../src/engine/act/kill';
import { hurryingClock } from '../../../fakes/hurrying-clock';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable } from '../../../fakes/process-table';

const PROCESSES = 1_000;
const WORKERS = 200;

/** 1,000 processes, 200 workers with one each; worker-0 does not end on SIGTERM. */
function crowd() {
  const processes = Array.from({ length: PROCESSES }, (_, index): FakeProcess => {
    const cwd = index < WORKERS ? `/work/worker-${index}` : '/srv';
    return { pid: 1_000 + index, cwd, files: [], pgid: 1_000 + index, sessionId: 1_000 + index };
  });
  const table = fakeProcessTable(processes);
  const targets = Array.from({ length: WORKERS }, (_, index) => killTarget(`worker-${index}`, 1_000 + index));
  const byPid = new Map(table.processes.map((one) => [one.pid, one]));
  const asked = { environments: 0, listings: 0 };
  const { list, inspect } = table;
  // The stand-in looks for a pid one by one, which is not what is measured here.
  table.inspect = (pid) => (byPid.has(pid) ? inspect(pid) : { liveness: 'gone' });
  table.environmentValue = () => {
    asked.environments += 1;
    return null;
  };
  table.list = () => {
    asked.listings += 1;
    return list();
  };
  const killer = createKiller({
    ...{ table, clock: hurryingClock(), audit: { append: async () => undefined }, onReceipt: () => undefined },
    signals: {
      send(pid, signal) {
        if (signal === 'SIGKILL') table.processes = table.processes.filter((one) => one.pid !== pid);
        return { result: 'sent' };
      },
    },
    settings: () => ({ killGraceMs: 5_000 }),
    target: (id) => targets.find(({ workerId }) => workerId === id) ?? null,
    targets: () => targets,
  });
  return { killer, asked, id: killTarget('worker-0', null).workerId };
}

it('a plan among 1,000 processes and 200 workers takes well under 100 ms', () => {
  const { killer, id } = crowd();
  killer.plan(id);
  const times = Array.from({ length: 5 }, () => {
    const before = performance.now();
    expect(killer.plan(id).processes).toHaveLength(1);
    return performance.now() - before;
  });
  expect(Math.min(...times)).toBeLessThan(50);
});

it('an ending of 125 looks reads each environment a few times, not at each look', async () => {
  const { killer, asked, id } = crowd();
  const plan = killer.plan(id);
  const answer = await killer.execute(plan.planId, { acceptShared: false, askedBy: 'test', why: 'for a test' });
  expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
  expect(asked.listings).toBeGreaterThan(100);
  expect(asked.environments).toBeLessThan(4 * PROCESSES);
});
