import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KillTarget } from '../../src/engine/monitor-types';
import { ASK, killing, table } from './support/killing';
import { tmuxServer } from './support/tmux-server';
import { waitFor } from './support/wait-for';

const t = killing('marked, reparented and forking processes');
const { processes, worker, startWorker, end, killer } = t;
const isRoot = process.getuid?.() === 0;
const marked = ({ path }: { path: string }) => ({ ...process.env, IDLEWATCH_WORKER_DIR: path });
const alive = (pids: number[]) => pids.filter(processes.isAlive);

/** The claim of our supervisor for a process it started. */
function supervised(name: string, pid: number): KillTarget {
  const look = table.inspect(pid);
  if (look.liveness !== 'alive') throw new Error(`${pid} does not live`);
  const claim = { pid, from: 'supervisor' as const, namedAt: Date.now(), startTime: look.fact.startTime };
  return worker(name, pid, { source: 'supervised-run', claim });
}

describe.runIf(process.platform === 'linux')('what carries the mark of a worker', () => {
  it('ends with it, also reparented and in a session of its own; what has none does not', async () => {
    const w = worker('w', null);
    const scattered = await processes.start('scatters.sh', [], { cwd: w.path, env: marked(w) });
    const [root, orphan, apart, daemon, bare, bareDaemon] = scattered.pids as [number, ...number[]];
    t.bystander(bareDaemon!);
    const receipt = await end(worker('w', root!));
    expect(receipt.ended).toBe(true);
    expect(alive([root!, orphan!, apart!, daemon!, bare!])).toEqual([]);
  });

  it('is what is left of a worker that has ended, and is ended then', async () => {
    const w = worker('w', null);
    const { pids, child } = await processes.start('scatters.sh', ['--and-end'], { cwd: w.path, env: marked(w) });
    await waitFor('it has ended', () => child.exitCode !== null);
    const [root, orphan, apart, daemon] = pids;
    const plan = killer().plan(worker('w', root!).workerId);
    expect(plan.refused).toBeNull();
    expect(plan.processes.map(({ pid }) => pid).sort()).toEqual([orphan, apart, daemon].sort());
    expect(plan.processes[0]?.why).toContain('mark');
    const receipt = await end(w);
    expect(receipt).toMatchObject({ ended: true });
    expect(alive([orphan!, apart!, daemon!])).toEqual([]);
  });

  it('is found while the worker is being ended', async () => {
    const w = await startWorker('w', 'stubborn.mjs');
    t.killGraceMs = 1_500;
    const ending = end(w.target);
    await waitFor('its end has begun', () => readdirSync(t.base).includes('state'));
    const late = processes.run('sleep', ['1000'], { env: marked(w.target) });
    const receipt = await ending;
    expect(receipt.ended).toBe(true);
    expect(receipt.processes.map(({ pid }) => pid)).toContain(late.pid);
    expect(processes.isAlive(late.pid)).toBe(false);
  });

  it('is not taken by another worker: neither worker-10 by worker-1, nor what another names', async () => {
    const [one, ten] = [worker('worker-1', null), worker('worker-10', null)];
    const own = await processes.start('sleeper.mjs', [], { env: marked(one) });
    const others = await processes.start('sleeper.mjs', [], { env: marked(ten) });
    // Started from a shell of worker-1, whose mark it inherited, and a worker by its own heartbeat.
    const named = await processes.start('sleeper.mjs', [], { cwd: ten.path, env: marked(one) });
    worker('worker-10', named.pid);
    t.bystander(others.pid);
    t.bystander(named.pid);
    const receipt = await end(one);
    expect(receipt.processes.map(({ pid }) => pid)).toEqual([own.pid]);
  });

  it.runIf(isRoot)("is never another user's, though root could end it", async () => {
    const w = worker('w', null);
    const args = ['--reuid=65534', '--regid=65534', '--clear-groups', 'sleep', '1000'];
    const { pid } = processes.run('setpriv', args, { env: marked(w) });
    await waitFor('it runs as nobody', () => {
      const look = table.inspect(pid);
      return look.liveness === 'alive' && look.fact.uid === 65_534 && look.fact.name === 'sleep';
    });
    t.bystander(pid);
    expect(killer().plan(w.workerId)).toMatchObject({ processes: [], refused: expect.stringContaining('Nothing') });
    const own = await processes.start('sleeper.mjs', [], { env: marked(w) });
    expect((await end(w)).processes.map((one) => one.pid)).toEqual([own.pid]);
  });

  it('spares a tmux server that inherited it, and all its sessions, and says so', async () => {
    const w = worker('w', null);
    const tmux = tmuxServer(t, marked(w));
    const session = await tmux.start('mine', 'sleep 1000');
    for (const pid of [session.serverPid, ...session.panePids]) t.bystander(pid);
    const own = await processes.start('sleeper.mjs', [], { cwd: w.path, env: marked(w) });
    const named = worker('w', own.pid);
    const plan = killer().plan(named.workerId);
    expect(plan.processes.map(({ pid }) => pid)).toEqual([own.pid]);
    expect(plan.spared).toEqual([
      { pid: session.serverPid, command: expect.any(String), why: expect.stringContaining('whole session') },
    ]);
    expect(await end(named)).toMatchObject({ ended: true });
    const left = await tmux.multiplexer.sessions();
    expect(left).toMatchObject({ ok: true, sessions: [{ name: 'mine' }] });
  });

  it('spares a program nobody knows below which sessions without the mark run, and all of them', async () => {
    const w = worker('w', null);
    const host = await processes.start('hosts-sessions.mjs', [], { env: marked(w) });
    const [own, clean, inherited] = host.pids;
    for (const pid of host.pids) t.bystander(pid);
    const plan = killer().plan(w.workerId);
    expect(plan.refused).not.toBeNull();
    expect(plan.spared).toEqual([
      { pid: own, command: expect.anything(), why: `process ${clean} below it has a session of its own and no mark` },
    ]);
    const leftover = await processes.start('sleeper.mjs', [], { env: marked(w) });
    expect((await end(w)).processes.map(({ pid }) => pid)).toEqual([leftover.pid]);
    expect(processes.isAlive(inherited!)).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('what our supervisor started', () => {
  it('is verified by its start time, and its session belongs to it, without any mark', async () => {
    const scattered = await processes.start('scatters.sh', [], { cwd: '/' });
    const [root, orphan, apart, daemon, bare, bareDaemon] = scattered.pids;
    // No parent, no group, no session and no mark lead to these two.
    for (const pid of [daemon!, bareDaemon!]) t.bystander(pid);
    const target = supervised('w', root!);
    const plan = killer().plan(target.workerId);
    expect(plan.processes[0]).toMatchObject({ pid: root, why: 'idlewatch’s supervisor started it' });
    expect(await end(target)).toMatchObject({ ended: true });
    expect(alive([root!, orphan!, apart!, bare!])).toEqual([]);
  });

  it('is ended with all of its session also where its first process has ended, as long as one has the mark', async () => {
    const w = worker('w', null);
    const scattered = await processes.start('scatters.sh', ['--and-end'], { cwd: '/', env: marked(w) });
    const [root, orphan, apart, daemon, bare, bareDaemon] = scattered.pids;
    await waitFor('it has ended', () => scattered.child.exitCode !== null);
    t.bystander(bareDaemon!);
    worker('w', null, { claim: { pid: root!, from: 'supervisor', namedAt: Date.now(), startTime: 'before' } });
    const receipt = await end(w);
    expect(receipt.ended).toBe(true);
    expect(receipt.processes.map(({ pid }) => pid).sort()).toEqual([orphan, apart, daemon, bare].sort());
  });

  it('is another process where the start time is another', async () => {
    const { pid } = await processes.start('sleeper.mjs');
    t.bystander(pid);
    const w = worker('w', null, { claim: { pid, from: 'supervisor', namedAt: Date.now(), startTime: '12' } });
    expect(killer().plan(w.workerId).refused).toContain('given to another program');
  });
});

describe.runIf(process.platform === 'linux')('a fork bomb', () => {
  it('of 200 processes that ignore SIGTERM is ended while it grows', async () => {
    const w = worker('bomb', null);
    const numbers = join(t.base, 'numbers');
    mkdirSync(numbers);
    t.killGraceMs = 100;
    const bomb = await processes.start('fork-bomb.sh', [numbers], { cwd: w.path });
    worker('bomb', bomb.pid);
    await waitFor('it grows', () => readdirSync(numbers).length > 5);
    const it = killer();
    const plan = it.plan(w.workerId);
    const answer = await it.execute(plan.planId, ASK);
    expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
    const ended = answer.ok ? answer.receipt.processes.length : 0;
    expect(ended).toBeGreaterThan(plan.processes.length);
    const listed = table.list();
    expect(listed.ok && listed.processes.filter((fact) => fact.sessionId === bomb.pid && fact.stat !== 'Z')).toEqual(
      [],
    );
  });
});
