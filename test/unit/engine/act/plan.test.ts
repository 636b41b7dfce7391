import { describe, expect, it } from 'vitest';
import { planKill } from '../../../../src/engine/act/plan';
import type { KillTarget } from '../../../../src/engine/monitor-types';
import { createUnsupportedProcessTable } from '../../../../src/host/process-table/unsupported';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable, OUR_PID } from '../../../fakes/process-table';

const a = killTarget('a', 700);
const writes = (...paths: string[]) => paths.map((path) => ({ path: `/work/${path}`, writing: true }));
const root: FakeProcess = { pid: 700, cwd: '/work/a', args: ['node', 'agent.js'] };

function plan(processes: FakeProcess[], others: KillTarget[] = [], target = a, ancestors?: number[]) {
  const table = fakeProcessTable(processes, ancestors);
  return planKill(table, {
    planId: 'p',
    target,
    targets: [target, ...others],
    killGraceMs: 5_000,
    madeAt: 7,
  }).plan;
}

const pids = (planned: { processes: { pid: number }[] }) => planned.processes.map(({ pid }) => pid);

describe('planKill', () => {
  it('names the verified process and all below it, parents before children, and what will happen', () => {
    const made = plan([
      { pid: 720, ppid: 710 },
      root,
      { pid: 710, ppid: 700, args: ['sh', '-c', 'make'] },
      { pid: 730, ppid: 700 },
      { pid: 800, args: ['a neighbour'] },
    ]);
    expect(made.refused).toBeNull();
    expect(made.processes.map(({ pid, depth }) => [pid, depth])).toEqual([
      [700, 0],
      [710, 1],
      [720, 2],
      [730, 1],
    ]);
    expect(made.processes[0]).toMatchObject({ startTime: 'start of 700', command: 'node agent.js', ppid: 1 });
    expect(made.processes[1]?.why).toBe('started by process 700');
    expect(made.processes[3]?.command).toBe('[program]');
    expect(made.steps.join('\n')).toMatch(/SIGTERM to 4 processes, parents before children.*5 s.*SIGKILL/s);
  });

  it('shows control characters of a command line harmlessly', () => {
    expect(plan([{ ...root, args: ['a\u001b[2Jb\u202e'] }]).processes[0]?.command).toBe('a␛[2Jb�');
  });

  it('leaves out what has ended', () => {
    expect(pids(plan([root, { pid: 710, ppid: 700, stat: 'Z' }]))).toEqual([700]);
  });

  it('takes in what was reparented but stayed in a process group led from the tree', () => {
    const made = plan([
      { ...root, pgid: 700 },
      { pid: 710, ppid: 1, pgid: 700 },
      { pid: 711, ppid: 710, pgid: 711 },
      { pid: 712, ppid: 1, pgid: 711 },
      { pid: 800, ppid: 1, pgid: 800 },
    ]);
    expect(pids(made)).toEqual([700, 710, 711, 712]);
  });

  it('names parents before children also among what was reparented', () => {
    const made = plan([
      { ...root, pgid: 700 },
      { pid: 710, ppid: 720, pgid: 700 },
      { pid: 720, ppid: 730, pgid: 700 },
      { pid: 730, ppid: 1, pgid: 700 },
    ]);
    expect(pids(made)).toEqual([700, 730, 720, 710]);
  });

  it('takes in no process for a group the tree does not lead, nor one above the root', () => {
    const made = plan([
      { ...root, ppid: 690, pgid: 690 },
      { pid: 690, pgid: 690 },
      { pid: 691, ppid: 690, pgid: 690 },
    ]);
    expect(pids(made)).toEqual([700]);
    const joined = plan([
      { ...root, ppid: 690, pgid: 700 },
      { pid: 690, pgid: 700 },
    ]);
    expect(pids(joined)).toEqual([700]);
  });

  it("spares another worker's process with all below it, by claim, by open file and by mark", () => {
    const marked = killTarget('marked', null);
    const holding = killTarget('holding', null);
    const claiming = killTarget('claiming', 710);
    const made = plan(
      [
        root,
        { pid: 710, ppid: 700, cwd: '/work/claiming' },
        { pid: 711, ppid: 710 },
        { pid: 720, ppid: 700, files: writes('holding/outbox.jsonl') },
        { pid: 730, ppid: 700, environment: { IDLEWATCH_WORKER_DIR: '/work/marked' } },
        { pid: 731, ppid: 730, environment: { IDLEWATCH_WORKER_DIR: '/work/marked' } },
        { pid: 740, ppid: 700 },
      ],
      [marked, holding, claiming],
    );
    expect(pids(made)).toEqual([700, 740]);
    expect(made.spared.map(({ pid, why }) => [pid, why])).toEqual([
      [710, 'it is the process of claiming'],
      [720, 'it is the process of holding'],
      [730, "it is marked as marked's"],
    ]);
  });

  it('does not spare what another worker claims without right, nor for a mark that was inherited', () => {
    const other = killTarget('other', 710, { claim: { pid: 710, from: 'heartbeat', namedAt: 0 } });
    const host = killTarget('host', null);
    const environment = { IDLEWATCH_WORKER_DIR: '/work/host' };
    const made = plan(
      [
        { pid: 690, environment },
        { ...root, ppid: 690, environment },
        { pid: 710, ppid: 700, environment },
      ],
      [other, host],
    );
    expect(pids(made)).toEqual([700, 710]);
  });

  it('takes by the mark what runs in another worker’s session only where that worker has not inherited the mark', () => {
    const environment = { IDLEWATCH_WORKER_DIR: '/work/a' };
    const led = { pgid: 900, sessionId: 900 };
    const other = (inherited: boolean): FakeProcess[] => [
      { pid: 900, cwd: '/work/b', ...led, environment: inherited ? environment : {} },
      { pid: 910, ...led, environment },
    ];
    const b = killTarget('b', 900);
    const inherited = plan([root, ...other(true)], [b]);
    expect(pids(inherited)).toEqual([700]);
    expect(inherited.spared.map(({ pid, why }) => [pid, why])).toEqual([
      [900, 'it belongs to b'],
      [910, 'it belongs to b'],
    ]);
    expect(pids(plan([root, ...other(false)], [b]))).toEqual([700, 910]);
  });

  it('names all workers that share the root process, and does not spare its children for them', () => {
    const shared = killTarget('shared', null);
    const claims = killTarget('claims', 700, { path: '/work/a' });
    const made = plan(
      [
        { ...root, files: writes('shared/outbox.jsonl') },
        { pid: 710, ppid: 700, files: writes('shared/outbox.jsonl') },
      ],
      [shared, claims, killTarget('apart', null)],
    );
    expect(made.sharedWith.map(({ name }) => name).sort()).toEqual(['claims', 'shared']);
    expect(pids(made)).toEqual([700, 710]);
  });

  it('does not count a worker as shared that has a process of its own elsewhere', () => {
    const own = killTarget('own', 900);
    const made = plan(
      [
        { ...root, files: writes('own/agent.log', 'own/outbox.jsonl') },
        { pid: 900, cwd: '/work/own' },
      ],
      [own],
    );
    expect(made.sharedWith).toEqual([]);
  });

  it('finds the process by an open file where none is named', () => {
    const made = plan([{ pid: 700, files: writes('a/outbox.jsonl') }], [], killTarget('a', null));
    expect(pids(made)).toEqual([700]);
    expect(made.processes[0]?.why).toContain('/work/a/outbox.jsonl open for writing');
  });

  it("spares another user's process but not our own below it", () => {
    const made = plan([root, { pid: 710, ppid: 700, uid: 0 }, { pid: 720, ppid: 710 }]);
    expect(pids(made)).toEqual([700, 720]);
    expect(made.spared).toEqual([{ pid: 710, command: '[program]', why: 'it belongs to another user (uid 0)' }]);
  });

  it.each<[string, FakeProcess[], RegExp, number[]?]>([
    ['it does not exist', [], /does not exist/],
    ['it does not belong to the worker', [{ pid: 700, cwd: '/work/a-2', files: [] }], /not verified/],
    ["it is another user's", [{ ...root, uid: 0 }], /another user/],
    ['it is younger than its naming', [{ ...root, startedAt: 9_000_000 }], /started after/],
    ['idlewatch runs below it', [root], /idlewatch runs below it/, [400, 700, 1]],
  ])('refuses where %s', (_what, processes, reason, ancestors) => {
    const made = plan(processes, [], a, ancestors);
    expect(made.refused).toMatch(reason);
    expect(made.processes).toEqual([]);
    expect(made.steps).toEqual([]);
  });

  it('refuses a thread, which answers like a process and is in no listing', () => {
    const table = fakeProcessTable([root]);
    const listing = table.list;
    table.list = () => {
      const all = listing();
      return all.ok ? { ok: true, processes: all.processes.filter(({ pid }) => pid !== 700) } : all;
    };
    const request = { planId: 'p', target: a, targets: [a], killGraceMs: 0, madeAt: 0 };
    expect(planKill(table, request).plan.refused).toContain('not listed as a process of its own');
  });

  it('refuses with the reason of a system whose processes cannot be read', () => {
    for (const target of [a, killTarget('a', null)]) {
      const request = { planId: 'p', target, targets: [target], killGraceMs: 0, madeAt: 0 };
      const { refused } = planKill(createUnsupportedProcessTable('Windows'), request).plan;
      expect(refused).toContain('reading processes is not built for Windows yet');
    }
  });

  it('keeps processes an earlier plan named though their parent has ended, unless another worker has them', () => {
    const table = fakeProcessTable([
      root,
      { pid: 710, ppid: 1 },
      { pid: 720, ppid: 1, cwd: '/work/b' },
      { pid: 730, startTime: 'later' },
    ]);
    const known = [710, 720, 730].map((pid) => ({ pid, startTime: `start of ${pid}` }));
    const targets = [a, killTarget('b', 720)];
    const { plan: made } = planKill(table, { planId: 'p', target: a, targets, killGraceMs: 0, madeAt: 0, known });
    expect(pids(made)).toEqual([700, 710]);
    expect(made.spared.map(({ pid }) => pid)).toEqual([720]);
  });

  it('never takes in idlewatch, should it be in the group of the worker', () => {
    const made = plan([
      { ...root, pgid: 700 },
      { pid: 710, ppid: OUR_PID, pgid: 700, args: ['x', '--type=utility'] },
    ]);
    expect(pids(made)).toEqual([700]);
    expect(made.spared[0]?.why).toContain('idlewatch’s own helper');
  });
});
