import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KillTarget } from '../../src/engine/monitor-types';
import { openRegistry } from '../../src/host/registry';
import { createSignals } from '../../src/host/signals';
import { ASK, killing, table } from './support/killing';
import { waitFor } from './support/wait-for';

const t = killing('ending workers');
const { processes, killer, worker, startWorker, end } = t;
const isRoot = process.getuid?.() === 0;

const refusalOf = (target: KillTarget) => killer().plan(target.workerId).refused;
const workerNamedLongAgo = (pid: number) =>
  worker('w', pid, { claim: { pid, from: 'heartbeat', namedAt: Date.now() - 3_600_000 } });
const auditLines = () => openRegistry(join(t.base, 'state'), { warn: console.error }).audit.entries(100);

describe.runIf(process.platform === 'linux')('ending real processes', () => {
  it('ends a worker on SIGTERM, and its neighbours live', async () => {
    const one = await startWorker('worker-1');
    const ten = await startWorker('worker-10');
    t.bystander(ten.pid);
    const receipt = await end(one.target);
    expect(receipt).toMatchObject({ ended: true, workerName: 'worker-1' });
    expect(receipt.processes).toMatchObject([{ pid: one.pid, outcome: 'ended', signals: [{ signal: 'SIGTERM' }] }]);
    expect(processes.isAlive(one.pid)).toBe(false);
    expect(processes.isAlive(ten.pid)).toBe(true);
    expect(t.receipts).toEqual([receipt]);
  });

  it('ends a worker that ignores SIGTERM, and its children that do, with SIGKILL after the grace', async () => {
    t.killGraceMs = 300;
    const stubborn = await startWorker('stubborn', 'stubborn.mjs', ['--children', '2']);
    expect(stubborn.pids).toHaveLength(3);
    const receipt = await end(stubborn.target);
    expect(receipt.ended).toBe(true);
    expect(receipt.processes.map(({ pid }) => pid).sort()).toEqual([...stubborn.pids].sort());
    for (const { signals, outcome } of receipt.processes) {
      expect(outcome).toBe('ended');
      expect(signals.map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGKILL']);
    }
    expect(stubborn.pids.filter(processes.isAlive)).toEqual([]);
    expect(receipt.summary).toContain('3 only by SIGKILL');
  });

  it('shows in the plan what it then ends: pid, start, command line; and signals nothing for it', async () => {
    const stubborn = await startWorker('stubborn', 'stubborn.mjs', ['--children', '1']);
    const plan = killer().plan(stubborn.target.workerId);
    expect(plan.refused).toBeNull();
    expect(plan.processes.map(({ pid, depth }) => [pid, depth])).toEqual(
      stubborn.pids.map((pid, depth) => [pid, depth]),
    );
    expect(plan.processes[0]?.command).toContain('stubborn.mjs --children 1');
    expect(Math.abs((plan.processes[0]?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(stubborn.pids.every(processes.isAlive)).toBe(true);
    expect(existsSync(join(t.base, 'state'))).toBe(false);
  });

  it('finds and ends the child a worker starts as its last act', async () => {
    const note = join(t.base, 'child');
    t.killGraceMs = 1_000;
    const forking = await startWorker('forking', 'forks-when-ended.sh', [note]);
    const receipt = await end(forking.target);
    // Where the child was ended before it could write its note, there is nothing more to ask.
    const child = existsSync(note) ? Number(readFileSync(note, 'utf8')) : null;
    expect(receipt.ended).toBe(true);
    expect(receipt.processes.length).toBeGreaterThan(2);
    if (child !== null) expect(processes.isAlive(child)).toBe(false);
    const listed = table.list();
    expect(listed.ok && listed.processes.filter((fact) => fact.pgid === forking.pid && fact.stat !== 'Z')).toEqual([]);
  });

  it('ends a worker that goes on starting children while it is ended', async () => {
    t.killGraceMs = 500;
    const forking = await startWorker('forking', 'keeps-forking.sh');
    const receipt = await end(forking.target);
    expect(receipt.ended).toBe(true);
    const listed = table.list();
    expect(listed.ok && listed.processes.filter((fact) => fact.sessionId === forking.pid && fact.stat !== 'Z')).toEqual(
      [],
    );
    expect(receipt.processes.some(({ command }) => command.startsWith('sleep'))).toBe(true);
  });

  it('leaves alone a worker that another worker started', async () => {
    const inner = worker('inner', null).path;
    const outer = await startWorker('outer', 'hosts.mjs', [inner]);
    const [, innerPid] = outer.pids;
    worker('inner', innerPid!);
    t.bystander(innerPid!);
    const receipt = await end(outer.target);
    expect(receipt.processes.map(({ pid }) => pid)).toEqual([outer.pid]);
    expect(processes.isAlive(innerPid!)).toBe(true);
    expect(processes.isAlive(outer.pid)).toBe(false);
  });

  it('keeps intent and outcome on disk, the intent before the first signal', async () => {
    const one = await startWorker('worker-1');
    const real = createSignals();
    let keptAtFirstSignal: string[] = [];
    const it = killer({
      signals: {
        send(pid, signal) {
          keptAtFirstSignal = auditLines().map(({ kind }) => kind);
          return real.send(pid, signal);
        },
      },
    });
    const answer = await it.execute(it.plan(one.target.workerId).planId, { ...ASK, askedBy: 'tray' });
    expect(keptAtFirstSignal).toEqual(['kill_intent']);
    const [intent, outcome] = auditLines();
    expect(intent).toMatchObject({ askedBy: 'tray', processes: [{ pid: one.pid }] });
    expect(answer).toEqual({ ok: true, receipt: outcome?.receipt });
  });

  it('signals nothing where the audit log cannot be written', async () => {
    const one = await startWorker('worker-1');
    writeFileSync(join(t.base, 'state'), 'a file where the folder should be');
    await expect(end(one.target)).rejects.toThrow('audit log cannot be written');
    expect(processes.isAlive(one.pid)).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('whose a real process is', () => {
  it.each<[string, (path: string) => { args?: string[]; cwd?: string; env?: NodeJS.ProcessEnv }]>([
    ['its working directory', (path) => ({ cwd: path })],
    ['an argument', (path) => ({ args: ['--dir', path] })],
    ['the mark', (path) => ({ env: { ...process.env, IDLEWATCH_WORKER_DIR: path } })],
    [
      'an open file',
      (path) => {
        const link = join(t.base, 'by another name');
        symlinkSync(join(path, 'agent.log'), link);
        return { args: ['--hold', link] };
      },
    ],
  ])('is shown by %s', async (_what, start) => {
    const { path } = worker('w', null);
    const { args, ...options } = start(path);
    const { pid } = await processes.start('sleeper.mjs', args, { cwd: t.base, ...options });
    expect(refusalOf(worker('w', pid))).toBeNull();
  });

  it('is not shown by the neighbour worker-10 of worker-1, neither by directory, argument nor mark', async () => {
    const ten = worker('worker-10', null).path;
    const env = { ...process.env, IDLEWATCH_WORKER_DIR: ten };
    const { pid } = await processes.start('sleeper.mjs', ['--hold', join(ten, 'agent.log')], { cwd: ten, env });
    expect(refusalOf(worker('worker-10', pid))).toBeNull();
    t.targets = [];
    expect(refusalOf(worker('worker-1', pid))).toMatch(/not verified: neither/);
  });

  it('refuses a process that has nothing to do with the worker', async () => {
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: t.base });
    expect(refusalOf(worker('w', pid))).toContain('not verified');
    expect(processes.isAlive(pid)).toBe(true);
  });

  it('refuses a process younger than the heartbeat that names it', async () => {
    const { path } = worker('w', null);
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: path });
    expect(refusalOf(workerNamedLongAgo(pid))).toContain('started after the heartbeat');
    const elsewhere = await processes.start('sleeper.mjs', [], { cwd: t.base });
    expect(refusalOf(workerNamedLongAgo(elsewhere.pid))).toContain('given to another program');
  });

  it('refuses ourselves, those above us, and the system’s first', () => {
    for (const pid of [process.pid, process.ppid, 1, 0, -1]) {
      expect(refusalOf(worker('w', pid)), `pid ${pid}`).toContain('not verified');
    }
  });

  it.runIf(isRoot)("refuses another user's process, though root could end it", async () => {
    const { path } = worker('w', null);
    const { pid } = processes.run('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'sleep', '1000'], {
      cwd: path,
    });
    await waitFor('it runs as nobody', () => {
      const look = table.inspect(pid);
      return look.liveness === 'alive' && look.fact.uid === 65534 && look.fact.name === 'sleep';
    });
    expect(refusalOf(worker('w', pid))).toContain('another user (uid 65534)');
  });

  it('finds the process that holds a file of the worker open for writing, where none is named', async () => {
    const target = worker('w', null);
    const { pid } = await processes.start('sleeper.mjs', ['--hold', target.files[1]!], { cwd: t.base });
    const receipt = await end(target);
    expect(receipt).toMatchObject({ ended: true, processes: [{ pid, outcome: 'ended' }] });
  });

  it('names all workers a holder serves, and ends it only where that was agreed to', async () => {
    const [a, b, apart] = [worker('a', null), worker('b', null), await startWorker('apart')];
    const { pid } = await processes.start('sleeper.mjs', ['--hold', a.files[2]!, '--hold', b.files[1]!], {
      cwd: t.base,
    });
    expect(killer().plan(a.workerId).sharedWith).toEqual([{ id: b.workerId, name: 'b' }]);
    await expect(end(a)).rejects.toThrow(/also serves 1 other worker.*: b\./);
    expect(processes.isAlive(pid)).toBe(true);
    expect(await end(a, { acceptShared: true })).toMatchObject({ ended: true, processes: [{ pid }] });
    expect(processes.isAlive(apart.pid)).toBe(true);
  });

  it('refuses a plan whose process was replaced by another one since', async () => {
    const one = await startWorker('w');
    const it = killer();
    const { planId } = it.plan(one.target.workerId);
    process.kill(one.pid, 'SIGKILL');
    await waitFor('it has ended', () => !processes.isAlive(one.pid));
    const two = await startWorker('w');
    const answer = await it.execute(planId, ASK);
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('another one now') });
    expect(processes.isAlive(two.pid)).toBe(true);
  });
});
