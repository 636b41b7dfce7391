import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KillTarget } from '../../src/engine/monitor-types';
import type { TerminalSession } from '../../src/engine/ports';
import { ASK, killing, table } from './support/killing';
import { tmuxServer } from './support/tmux-server';
import { waitFor } from './support/wait-for';

const t = killing('workers in tmux');
const { processes, worker, end, killer } = t;
const QUIET = 'exec sleep 1000';
/** Says that it is ready by a file, and lives through a hang-up and SIGTERM. */
const stubborn = (note: string) => `trap "" HUP TERM; : > '${note}'; while :; do sleep 1000; done`;

/** A worker that is a tmux session, as just listed. */
function inSession(name: string, session: TerminalSession): KillTarget {
  const claim = { pid: session.panePids[0]!, from: 'session' as const, namedAt: Date.now() };
  return worker(name, null, { source: 'workbench', claim, session });
}

describe.runIf(process.platform === 'linux')('a worker that is a tmux session', () => {
  it('foo-1 ends with all its panes; foo-10 does not', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    await tmux.start('foo-1', QUIET);
    tmux.run('split-window', '-t', '=foo-1:', QUIET);
    tmux.run('new-window', '-t', '=foo-1:', QUIET);
    const ten = await tmux.start('foo-10', QUIET);
    const one = await tmux.find('foo-1');
    for (const pid of [ten.serverPid, ...ten.panePids]) t.bystander(pid);
    const target = inSession('foo-1', one);
    const plan = killer().plan(target.workerId);
    expect(plan).toMatchObject({ refused: null, session: 'foo-1' });
    expect(plan.steps[0]).toBe('End the tmux session foo-1, and no other.');
    expect(plan.processes.map(({ pid }) => pid).sort()).toEqual([...one.panePids].sort());
    expect(one.panePids).toHaveLength(3);
    const receipt = await end(target, {}, { multiplexer });
    expect(receipt).toMatchObject({ ended: true, session: 'The tmux session foo-1 has ended.', why: ASK.why });
    expect(one.panePids.filter(processes.isAlive)).toEqual([]);
    const listed = await multiplexer.sessions();
    expect(listed.ok && listed.sessions).toEqual([ten]);
  });

  it('ends without the windows of a person’s own sessions that are linked into it', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    await tmux.start('foo-1', QUIET);
    const mine = await tmux.start('mine', QUIET);
    tmux.run('link-window', '-s', '=mine:', '-t', '=foo-1:7');
    // To look at a session without disturbing it one opens another on the same windows, and may open one more there.
    tmux.run('new-session', '-d', '-t', '=foo-1', '-s', 'watch');
    tmux.run('new-window', '-t', '=watch:', QUIET);
    const watch = await tmux.find('watch');
    const one = await tmux.find('foo-1');
    expect(one.panePids).toHaveLength(1);
    expect(mine.panePids).toHaveLength(1);
    expect(watch.panePids).toHaveLength(1);
    for (const pid of [one.serverPid, ...mine.panePids, ...watch.panePids]) t.bystander(pid);
    const target = inSession('foo-1', one);
    expect(
      killer()
        .plan(target.workerId)
        .processes.map(({ pid }) => pid),
    ).toEqual(one.panePids);
    expect(await end(target, {}, { multiplexer })).toMatchObject({ ended: true });
    expect(one.panePids.filter(processes.isAlive)).toEqual([]);
    expect(tmux.run('list-sessions', '-F', '#{session_name}').split('\n').sort()).toEqual(['mine', 'watch']);
  });

  it('ends also where its programs live through the end of their terminal and SIGTERM', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    const note = join(t.base, 'ready');
    const session = await tmux.start('foo', stubborn(note));
    await waitFor('it is ready', () => existsSync(note));
    t.killGraceMs = 200;
    const receipt = await end(inSession('foo', session), {}, { multiplexer });
    expect(receipt.ended).toBe(true);
    expect(receipt.processes[0]?.signals.map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGKILL']);
    expect(session.panePids.filter(processes.isAlive)).toEqual([]);
  });

  it('whose session has ended is what that left', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    const note = join(t.base, 'ready');
    const session = await tmux.start('foo', stubborn(note));
    await waitFor('it is ready', () => existsSync(note));
    const target = inSession('foo', session);
    const it = killer({ multiplexer });
    t.killGraceMs = 200;
    const { planId } = it.plan(target.workerId);
    tmux.run('kill-session', '-t', '=foo');
    await waitFor('its session has ended', async () => {
      const listed = await multiplexer.sessions();
      return listed.ok && listed.sessions.length === 0;
    });
    const answer = await it.execute(planId, ASK);
    expect(answer).toMatchObject({
      ok: true,
      receipt: { ended: true, session: 'The tmux session foo had ended before.' },
    });
    expect(session.panePids.filter(processes.isAlive)).toEqual([]);
  });

  it('is not the session of the same name and number on a server that came after', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    const target = inSession('foo', await tmux.start('foo', QUIET));
    const it = killer({ multiplexer });
    const { planId } = it.plan(target.workerId);
    tmux.run('kill-server');
    await waitFor('its server has ended', async () => {
      const listed = await multiplexer.sessions();
      return listed.ok && listed.sessions.length === 0 && !processes.isAlive(target.session!.panePids[0]!);
    });
    const after = await tmux.start('foo', QUIET);
    expect(after.id).toBe(target.session!.id);
    t.bystander(after.panePids[0]!);
    const answer = await it.execute(planId, ASK);
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('does not exist any more') });
    expect((await multiplexer.sessions()).ok).toBe(true);
  });

  it('is left alone where somebody has given its session another name', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    const session = await tmux.start('foo', QUIET);
    const target = inSession('foo', session);
    const it = killer({ multiplexer });
    const { planId } = it.plan(target.workerId);
    tmux.run('rename-session', '-t', '=foo', 'bar');
    t.bystander(session.panePids[0]!);
    const answer = await it.execute(planId, ASK);
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('its tmux session is called bar now') });
  });

  it('ends with the other worker that runs in its terminal only where that was agreed to', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    const inner = worker('inner', null);
    const session = await tmux.start('foo', `cd '${inner.path}' && sleep 1000; sleep 1000`);
    const innerPid = await waitFor('the inner worker runs', () => childOf(session.panePids[0]!));
    worker('inner', innerPid);
    const target = inSession('foo', session);
    expect(killer().plan(target.workerId).sharedWith).toEqual([{ id: inner.workerId, name: 'inner' }]);
    await expect(end(target, {}, { multiplexer })).rejects.toThrow('serves 1 other worker');
    expect(processes.isAlive(innerPid)).toBe(true);
    expect(await end(target, { acceptShared: true }, { multiplexer })).toMatchObject({ ended: true });
    expect(processes.isAlive(innerPid)).toBe(false);
  });

  it('ends with the session that is known to run in it, without being asked twice', async () => {
    const { multiplexer, ...tmux } = tmuxServer(t);
    const inner = worker('inner', null);
    const session = await tmux.start('foo', `cd '${inner.path}' && sleep 1000; sleep 1000`);
    const innerPid = await waitFor('the inner worker runs', () => childOf(session.panePids[0]!));
    const target = inSession('foo', session);
    worker('inner', innerPid, { within: { id: target.workerId, pid: innerPid } });
    const plan = killer().plan(target.workerId);
    expect(plan).toMatchObject({
      sharedWith: [],
      steps: expect.arrayContaining(['End with it inner, which runs in it.']),
    });
    expect(await end(target, {}, { multiplexer })).toMatchObject({ ended: true });
    expect(processes.isAlive(innerPid)).toBe(false);
  });

  it('has not certainly ended where tmux could not be asked, though its processes have', async () => {
    const tmux = tmuxServer(t);
    const session = await tmux.start('foo', QUIET);
    const receipt = await end(inSession('foo', session), {}, { multiplexer: null });
    expect(receipt).toMatchObject({
      ended: false,
      session: expect.stringContaining('not known: tmux cannot be asked'),
    });
    expect(receipt.summary).toContain('may not have ended');
    expect(session.panePids.filter(processes.isAlive)).toEqual([]);
  });
});

function childOf(pid: number): number | null {
  const listed = table.list();
  const child = listed.ok ? listed.processes.find((fact) => fact.ppid === pid && fact.name === 'sleep') : undefined;
  return child?.pid ?? null;
}
