import { describe, expect, it } from 'vitest';
import { createKiller, PLAN_VALID_MS } from '../../../../src/engine/act/kill';
import type { KillTarget } from '../../../../src/engine/monitor-types';
import type { AuditLog, Signals } from '../../../../src/engine/ports';
import type { KillReceipt } from '../../../../src/shared/model';
import { hurryingClock } from '../../../fakes/hurrying-clock';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable } from '../../../fakes/process-table';

const ASK = { acceptShared: false, askedBy: 'test', why: 'for a test' } as const;
const root: FakeProcess = { pid: 700, cwd: '/work/a', args: ['agent'], pgid: 700 };

/** A machine in memory. `onSignal` plays what the processes do when they are signalled. */
function machine(processes: FakeProcess[], targets: KillTarget[] = [killTarget('a', 700)]) {
  const table = fakeProcessTable(processes);
  const clock = hurryingClock();
  const sent: string[] = [];
  const kept: ({ at: number; kind: string } & Record<string, unknown>)[] = [];
  const receipts: KillReceipt[] = [];
  const end = (pid: number) => {
    table.processes = table.processes.filter((process) => process.pid !== pid);
    for (const process of table.processes) if (process.ppid === pid) process.ppid = 1;
  };
  const setup = {
    table,
    clock,
    sent,
    kept,
    receipts,
    targets,
    end,
    settings: { killGraceMs: 5_000 },
    onSignal: (pid: number, _signal: string): ReturnType<Signals['send']> | undefined => {
      end(pid);
      return undefined;
    },
    audit: {
      append: async (entry) => {
        kept.push({ ...entry, sentBefore: sent.length });
      },
    } as AuditLog,
  };
  const killer = createKiller({
    table,
    clock,
    signals: {
      send(pid, signal) {
        sent.push(`${signal} ${pid}`);
        return setup.onSignal(pid, signal) ?? { result: 'sent' };
      },
    },
    audit: { append: (entry) => setup.audit.append(entry) },
    settings: () => setup.settings,
    target: (id) => setup.targets.find(({ workerId }) => workerId === id) ?? null,
    targets: () => setup.targets,
    onReceipt: (receipt) => receipts.push(receipt),
  });
  return Object.assign(setup, { killer });
}

const idOf = (name: string) => killTarget(name, null).workerId;

async function endIt(m: ReturnType<typeof machine>, ask: Parameters<typeof m.killer.execute>[1] = ASK) {
  const answer = await m.killer.execute(m.killer.plan(idOf('a')).planId, ask);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.receipt;
}

describe('what the plan leaves alone stays so', () => {
  const mark = (name: string) => ({ IDLEWATCH_WORKER_DIR: `/work/${name}` });
  const pidsSent = ({ sent }: ReturnType<typeof machine>) => [...new Set(sent.map((each) => each.split(' ')[1]))];

  it('below a server that hangs on what is ended, be it in a group that is', async () => {
    const m = machine([
      { pid: 10, pgid: 10, sessionId: 2, environment: mark('a') },
      { pid: 23, ppid: 10, pgid: 23, sessionId: 2, name: 'tmux: server' },
      { ...root, ppid: 23, sessionId: 2, environment: mark('a') },
      { pid: 12, ppid: 23, pgid: 700, sessionId: 2, uid: 0 },
      { pid: 6, ppid: 12, sessionId: 2 },
    ]);
    await endIt(m);
    expect(pidsSent(m)).toEqual(['700', '10']);
  });

  it('above another worker’s process, be it in a session that is ended', async () => {
    const m = machine(
      [
        { pid: 7, pgid: 7, sessionId: 7, environment: mark('a') },
        { pid: 11, sessionId: 7 },
        { pid: 17, ppid: 11, sessionId: 7, environment: mark('a') },
        { pid: 8, ppid: 17, sessionId: 7, environment: mark('b') },
      ],
      [killTarget('a', null), killTarget('b', null)],
    );
    await endIt(m);
    expect(pidsSent(m)).toEqual(['7', '11']);
  });
});

describe('a kill that goes well', () => {
  it('signals parents before children, once each, and says what ended', async () => {
    const m = machine([root, { pid: 710, ppid: 700 }, { pid: 711, ppid: 710 }, { pid: 800 }]);
    const receipt = await endIt(m);
    expect(m.sent).toEqual(['SIGTERM 700', 'SIGTERM 710', 'SIGTERM 711']);
    expect(receipt).toMatchObject({ ended: true, workerName: 'a', askedBy: 'test' });
    expect(receipt.processes.map(({ pid, outcome }) => [pid, outcome])).toEqual([
      [700, 'ended'],
      [710, 'ended'],
      [711, 'ended'],
    ]);
    expect(receipt.summary).toBe('a has ended: 3 processes in 0 s.');
    expect(m.receipts).toEqual([receipt]);
  });

  it('keeps the intent before the first signal and the outcome after the last', async () => {
    const m = machine([root, { pid: 710, ppid: 700 }]);
    const receipt = await endIt(m);
    expect(m.kept.map(({ kind, sentBefore }) => [kind, sentBefore])).toEqual([
      ['kill_intent', 0],
      ['kill_outcome', 2],
    ]);
    expect(m.kept[0]).toMatchObject({
      askedBy: 'test',
      processes: [
        { pid: 700, startTime: 'start of 700' },
        { pid: 710, startTime: 'start of 710' },
      ],
    });
    expect(m.kept[1]?.receipt).toEqual(receipt);
  });

  it('waits the grace of the plan that was shown before it sends SIGKILL', async () => {
    const m = machine([root]);
    m.onSignal = (pid, signal) => {
      if (signal === 'SIGKILL') m.end(pid);
      return undefined;
    };
    const { planId } = m.killer.plan(idOf('a'));
    m.settings = { killGraceMs: 60_000 };
    const answer = await m.killer.execute(planId, ASK);
    expect(m.sent).toEqual(['SIGTERM 700', 'SIGKILL 700']);
    const signals = answer.ok ? answer.receipt.processes[0]!.signals : [];
    const waitedMs = signals[1]!.at - signals[0]!.at;
    expect(waitedMs).toBeGreaterThanOrEqual(5_000);
    expect(waitedMs).toBeLessThan(6_000);
    expect(answer).toMatchObject({ receipt: { summary: expect.stringContaining('1 only by SIGKILL') } });
  });

  it('ends what the tree starts while it is being ended, also once it was reparented', async () => {
    const m = machine([root, { pid: 710, ppid: 700, pgid: 700 }]);
    m.onSignal = (pid) => {
      if (pid === 700) {
        m.table.processes.push({ pid: 750, ppid: 700, pgid: 700 });
        m.table.processes.push({ pid: 751, ppid: 710, pgid: 751 });
      }
      m.end(pid);
      return undefined;
    };
    const receipt = await endIt(m);
    expect(m.sent).toContain('SIGTERM 750');
    expect(receipt.ended).toBe(true);
    expect(receipt.processes.map(({ pid }) => pid)).toContain(750);
  });
});

describe('what takes on the mark while the rest is ended', () => {
  it('is found at the last look, though it was there before without it', async () => {
    const m = machine([root, { pid: 720 }]);
    m.onSignal = (pid) => {
      if (pid === 700) m.table.processes.find((p) => p.pid === 720)!.environment = { IDLEWATCH_WORKER_DIR: '/work/a' };
      m.end(pid);
      return undefined;
    };
    expect(await endIt(m)).toMatchObject({ ended: true });
    expect(m.sent).toEqual(['SIGTERM 700', 'SIGTERM 720']);
  });
});

describe('a kill that does not go well', () => {
  it('names a process in uninterruptible sleep as a survivor', async () => {
    const m = machine([root, { pid: 710, ppid: 700, stat: 'D' }]);
    m.onSignal = (pid) => {
      if (pid === 700) m.end(pid);
      return undefined;
    };
    const receipt = await endIt(m);
    expect(receipt.ended).toBe(false);
    expect(receipt.summary).toMatch(/^a has not ended: 1 of 2 processes is still there after [\d.]+ s \(pid 710\)\.$/);
    expect(receipt.processes[1]).toMatchObject({ outcome: 'survived', note: expect.stringContaining('(D)') });
    expect(receipt.processes[1]?.signals.map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGKILL']);
  });

  it('never sends SIGKILL to a pid that was given to another program in the grace', async () => {
    const m = machine([root, { pid: 710, ppid: 700 }]);
    m.onSignal = (pid) => {
      if (pid === 710) Object.assign(m.table.processes.find((p) => p.pid === 710)!, { startTime: 'new', ppid: 1 });
      return undefined;
    };
    const receipt = await endIt(m);
    expect(m.sent).toEqual(['SIGTERM 700', 'SIGTERM 710', 'SIGKILL 700']);
    expect(receipt.processes[1]).toMatchObject({ pid: 710, outcome: 'ended' });
  });

  it('leaves a stranger alone who got the number of an ended process and its group in the grace', async () => {
    const m = machine([root, { pid: 710, ppid: 700 }]);
    let looks = 0;
    const { list } = m.table;
    m.table.list = () => {
      looks += 1;
      if (looks === 20)
        m.table.processes.push({ pid: 700, pgid: 700, startTime: 'new' }, { pid: 720, ppid: 700, pgid: 700 });
      return list();
    };
    m.onSignal = (pid, signal) => {
      if (pid === 700 || signal === 'SIGKILL') m.end(pid);
      return undefined;
    };
    const receipt = await endIt(m);
    expect(m.table.processes.map(({ pid }) => pid)).toEqual(expect.arrayContaining([700, 720]));
    expect(m.sent).toEqual(['SIGTERM 700', 'SIGTERM 710', 'SIGKILL 710']);
    expect(receipt.ended).toBe(true);
  });

  it('never signals a process that became another user’s', async () => {
    const m = machine([root, { pid: 710, ppid: 700 }]);
    m.onSignal = (pid) => {
      if (pid === 700) Object.assign(m.table.processes.find((p) => p.pid === 710)!, { uid: 0 });
      m.end(pid);
      return undefined;
    };
    const receipt = await endIt(m);
    expect(m.sent).toEqual(['SIGTERM 700']);
    expect(receipt).toMatchObject({ ended: false });
    expect(receipt.processes[1]).toMatchObject({ outcome: 'not_signalled', note: expect.stringContaining('uid 0') });
  });

  it('says what the system refused', async () => {
    const m = machine([root]);
    m.onSignal = () => ({ result: 'refused', reason: 'the system does not permit it (EPERM)' });
    const receipt = await endIt(m);
    expect(receipt.ended).toBe(false);
    expect(receipt.processes[0]).toMatchObject({ outcome: 'not_signalled', note: expect.stringContaining('EPERM') });
  });

  it('does not claim an end it could not see', async () => {
    const m = machine([root]);
    m.onSignal = (pid) => {
      m.end(pid);
      m.table.list = () => ({ ok: false, reason: '/proc cannot be read (EMFILE)' });
      return undefined;
    };
    const receipt = await endIt(m);
    expect(receipt.ended).toBe(false);
    expect(receipt.summary).toContain('/proc cannot be read (EMFILE)');
  });

  it('signals nothing where the audit log cannot be written', async () => {
    const m = machine([root]);
    m.audit = { append: () => Promise.reject(new Error('no space left on device')) };
    const answer = await m.killer.execute(m.killer.plan(idOf('a')).planId, ASK);
    expect(answer).toEqual({
      ok: false,
      reason: 'The audit log cannot be written (no space left on device). Nothing was signalled.',
    });
    expect(m.sent).toEqual([]);
    expect(m.receipts).toEqual([]);
  });

  it('says so where only the outcome could not be kept', async () => {
    const m = machine([root]);
    m.audit = {
      append: ({ kind }) => (kind === 'kill_intent' ? Promise.resolve() : Promise.reject(new Error('disk full'))),
    };
    const receipt = await endIt(m);
    expect(receipt).toMatchObject({ ended: true, summary: expect.stringContaining('disk full') });
  });
});

describe('a plan is refused at its execution', () => {
  const refusal = async (
    change: (m: ReturnType<typeof machine>) => void,
    { targets = [killTarget('a', 700)], ask = ASK as Parameters<typeof endIt>[1] } = {},
  ) => {
    const m = machine([root, { pid: 710, ppid: 700 }], targets);
    const { planId } = m.killer.plan(idOf('a'));
    change(m);
    const answer = await m.killer.execute(planId, ask!);
    expect(m.sent).toEqual([]);
    expect(m.kept).toEqual([]);
    return answer.ok ? 'not refused' : answer.reason;
  };

  it('where nobody made it', async () => {
    const m = machine([root]);
    expect(await m.killer.execute('made up', ASK)).toMatchObject({ ok: false });
  });

  it('where it is too old', async () => {
    expect(await refusal((m) => m.clock.advance(PLAN_VALID_MS + 1))).toContain('not valid any more');
  });

  it('where the process has ended', async () => {
    const end = (m: ReturnType<typeof machine>) => [700, 710].forEach(m.end);
    expect(await refusal(end)).toContain('does not exist any more');
  });

  it('where the pid was given to another process of the same worker', async () => {
    const reason = await refusal((m) =>
      Object.assign(m.table.processes.find((p) => p.pid === 700)!, { startTime: 'x' }),
    );
    expect(reason).toContain('pid 700 was given anew');
  });

  it('where the worker names another process by now', async () => {
    const reason = await refusal((m) => {
      m.table.processes.push({ pid: 760, cwd: '/work/a' });
      m.targets = [killTarget('a', 760)];
    });
    expect(reason).toContain('pid 760 instead of 700');
  });

  it('where the worker is not known any more', async () => {
    const reason = await refusal((m) => {
      m.targets = [];
    });
    expect(reason).toContain('a is not known any more');
  });

  it('where the process serves another worker too and nobody agreed to that', async () => {
    const targets = [killTarget('a', 700), killTarget('b', 700, { path: '/work/a' })];
    expect(await refusal(() => undefined, { targets })).toMatch(/also serves 1 other worker.*: b\./);
  });

  it('where it serves one more worker than was agreed to', async () => {
    const b = killTarget('b', 700, { path: '/work/a' });
    const reason = await refusal(
      (m) => {
        m.targets = [...m.targets, killTarget('c', 700, { path: '/work/a' })];
      },
      { targets: [killTarget('a', 700), b], ask: { acceptShared: true, askedBy: 'test', why: 'for a test' } },
    );
    expect(reason).toMatch(/now also serves 1 other worker.*: c\./);
  });

  it('where it was refused when it was made', async () => {
    const m = machine([{ ...root, uid: 0 }]);
    const plan = m.killer.plan(idOf('a'));
    expect(plan.refused).toContain('another user');
    expect(await m.killer.execute(plan.planId, ASK)).toEqual({ ok: false, reason: plan.refused });
    expect(m.killer.plan('worker-directory:/nowhere').refused).toBe('There is no such worker now.');
  });
});

describe('a plan', () => {
  it('ends what it showed below a process that has ended since', async () => {
    const m = machine([root, { pid: 710, ppid: 700 }]);
    const { planId } = m.killer.plan(idOf('a'));
    m.end(700);
    const answer = await m.killer.execute(planId, ASK);
    expect(m.sent).toEqual(['SIGTERM 710']);
    expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
    expect(answer.ok && answer.receipt.processes.map(({ pid, note }) => [pid, note])).toEqual([
      [710, expect.stringContaining('ended on SIGTERM')],
      [700, 'it had ended before'],
    ]);
  });

  it('goes ahead for a shared process once a person agreed, after a refusal too', async () => {
    const m = machine([root], [killTarget('a', 700), killTarget('b', 700, { path: '/work/a' })]);
    const { planId } = m.killer.plan(idOf('a'));
    expect(await m.killer.execute(planId, ASK)).toMatchObject({ ok: false });
    expect(await m.killer.execute(planId, { ...ASK, acceptShared: true })).toMatchObject({ ok: true });
    expect(m.sent).toEqual(['SIGTERM 700']);
  });

  it('is carried out once', async () => {
    const m = machine([root]);
    m.onSignal = () => undefined;
    const { planId } = m.killer.plan(idOf('a'));
    expect(await m.killer.execute(planId, ASK)).toMatchObject({ ok: true });
    expect(await m.killer.execute(planId, ASK)).toMatchObject({ ok: false });
  });

  it('is not carried out while the worker is being ended', async () => {
    const m = machine([root]);
    const first = m.killer.plan(idOf('a')).planId;
    const second = m.killer.plan(idOf('a')).planId;
    const [one, two] = await Promise.all([m.killer.execute(first, ASK), m.killer.execute(second, ASK)]);
    expect(one.ok).toBe(true);
    expect(two).toEqual({ ok: false, reason: 'a is being ended already.' });
    expect(m.sent).toEqual(['SIGTERM 700']);
  });

  it('is one of a bounded number', async () => {
    const m = machine([root]);
    const first = m.killer.plan(idOf('a')).planId;
    for (let i = 0; i < 100; i += 1) m.killer.plan(idOf('a'));
    expect(await m.killer.execute(first, ASK)).toMatchObject({ ok: false });
  });

  it('leaves alone what became another worker’s since, and says so', async () => {
    const m = machine([root, { pid: 710, ppid: 700, cwd: '/work/b' }]);
    const { planId } = m.killer.plan(idOf('a'));
    m.targets = [...m.targets, killTarget('b', 710)];
    const answer = await m.killer.execute(planId, ASK);
    expect(m.sent).toEqual(['SIGTERM 700']);
    expect(answer).toMatchObject({ ok: true, receipt: { ended: false } });
    const spared = answer.ok && answer.receipt.processes.find(({ pid }) => pid === 710);
    expect(spared).toMatchObject({ outcome: 'not_signalled', note: 'left alone: it is the process of b' });
  });
});
