import { describe, expect, it } from 'vitest';
import { planKill } from '../../../../src/engine/act/plan';
import type { KillTarget } from '../../../../src/engine/monitor-types';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable } from '../../../fakes/process-table';

/** A session of another program that works in /work/a, which is the directory of a worker too. */
const session = killTarget('a', null, {
  ...{ workerId: 'claude-code:s', workerName: 's', source: 'claude-code', files: [] },
  claim: { pid: 700, from: 'report', namedAt: 2_000_000, startTime: 'start of 700' },
});
const IN_A = { IDLEWATCH_WORKER_DIR: '/work/a' };

function plan(processes: FakeProcess[], target: KillTarget, others: KillTarget[]) {
  const targets = [target, ...others];
  return planKill(fakeProcessTable(processes), { planId: 'p', target, targets, killGraceMs: 5_000, madeAt: 7 }).plan;
}

const pids = (planned: { processes: { pid: number }[] }) => planned.processes.map(({ pid }) => pid);

describe('a session that works in a directory', () => {
  it('is ended with what runs below it, and with nothing that is marked with that directory', () => {
    const processes = [
      { pid: 700, cwd: '/work/a', args: ['claude'] },
      { pid: 710, ppid: 700, args: ['make'] },
      { pid: 800, cwd: '/work/a', environment: IN_A },
    ];
    expect(pids(plan(processes, session, []))).toEqual([700, 710]);
  });

  it('takes no marked process from the worker whose directory it is', () => {
    const worker = killTarget('a', 900);
    const processes = [
      { pid: 700, cwd: '/work/a', args: ['claude'] },
      { pid: 900, cwd: '/work/a', args: ['agent'] },
      { pid: 800, cwd: '/elsewhere', environment: IN_A },
    ];
    expect(pids(plan(processes, worker, [session])).sort()).toEqual([800, 900]);
  });

  it('shares its process with a worker that names the same one, and says so', () => {
    const worker = killTarget('a', 700);
    const made = plan([{ pid: 700, cwd: '/work/a', args: ['claude'] }], session, [worker]);
    expect(made.sharedWith).toEqual([{ id: worker.workerId, name: 'a' }]);
  });
});
