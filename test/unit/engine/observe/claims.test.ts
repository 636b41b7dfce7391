import { describe, expect, it } from 'vitest';
import { findClaimed, START_TOLERANCE_MS } from '../../../../src/engine/observe/process-claim';
import type { ProcessClaim } from '../../../../src/engine/sources/source';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable, OUR_PID } from '../../../fakes/process-table';

const NAMED_AT = 2_000_000;

function find(process: FakeProcess | null, claim: Partial<ProcessClaim>, ancestors?: number[]) {
  const table = fakeProcessTable(process ? [process] : [], ancestors);
  const full: ProcessClaim = { pid: 700, from: 'heartbeat', namedAt: NAMED_AT, ...claim };
  return findClaimed(table, table.self(), killTarget('w', 700, { claim: full }));
}

describe('a process our supervisor started', () => {
  const claim = { from: 'supervisor', startTime: 'start of 700' } as const;

  it('is verified by pid and start time alone, whatever the clock was set to since', () => {
    const found = find({ pid: 700, sessionId: 700, cwd: '/', files: [], startedAt: NAMED_AT + 3_600_000 }, claim);
    expect(found).toMatchObject({
      liveness: 'alive',
      identity: { pid: 700, startTime: 'start of 700' },
      process: { verified: true, from: 'supervisor', why: 'idlewatch’s supervisor started it' },
    });
  });

  it('is gone where the pid has another start time', () => {
    const found = find({ pid: 700, cwd: '/work/w' }, { ...claim, startTime: 'another' });
    expect(found).toMatchObject({ liveness: 'gone', identity: null });
    expect(found.reason).toContain('the pid was given to another program after the supervisor noted it');
  });

  it('is not verified where it is another user’s or idlewatch runs below it, and is alive', () => {
    const led = { pid: 700, sessionId: 700 };
    expect(find({ ...led, uid: 0 }, claim)).toMatchObject({ liveness: 'alive', identity: null });
    expect(find(led, claim, [400, 700, 1])).toMatchObject({ liveness: 'alive', identity: null });
  });

  it('must show that it belongs where it leads no session: our supervisor starts nothing else', () => {
    const found = find({ pid: 700, sessionId: 600, cwd: '/', files: [] }, claim);
    expect(found).toMatchObject({ liveness: 'unknown', identity: null });
    expect(find({ pid: 700, sessionId: 600, cwd: '/work/w' }, claim).identity).not.toBeNull();
  });

  it('must show that it belongs where no start time was noted', () => {
    expect(find({ pid: 700, cwd: '/', files: [] }, { from: 'supervisor' }).identity).toBeNull();
    expect(find({ pid: 700, cwd: '/work/w' }, { from: 'supervisor' }).identity).not.toBeNull();
  });
});

describe('a shell that a heartbeat names', () => {
  const shell = {
    ...{ pid: 700, sessionId: 700, name: 'bash', cwd: '/work/w' },
    files: [{ path: '/dev/pts/3', writing: true }],
  };

  it.each([
    ['bash'],
    ['-zsh', 'zsh'],
    ['/bin/fish', 'fish', '-i'],
    ['bash', 'bash', '--login'],
    ['bash', 'bash', '--init-file', '/opt/editor/integration.sh'],
  ])('is a person’s terminal where it was given nothing to run: %s', (program, name = 'bash', ...args) => {
    const found = find({ ...shell, name, args: [program, ...args] }, {});
    expect(found).toMatchObject({ liveness: 'alive', identity: null });
    expect(found.reason).toContain(`it is the shell of a terminal (${name})`);
  });

  it.each([
    ['a script', { args: ['bash', '/work/w/agent.sh'] }],
    ['a script after options', { args: ['bash', '-e', '--rcfile', '/etc/rc', 'agent.sh'] }],
    ['a command', { args: ['bash', '-ec', 'while :; do work; done'] }],
    ['what comes in by a pipe', { args: ['bash'], files: [] }],
    ['its input, below another leader', { args: ['bash'], sessionId: 600 }],
  ])('is the worker’s where it runs %s', (_, over) => {
    expect(find({ ...shell, ...over }, {}).identity).toEqual({ pid: 700, startTime: 'start of 700' });
  });

  it('is the run’s, or its tmux session’s, where those began with it', () => {
    const bare = { ...shell, args: ['bash'] };
    expect(find(bare, { from: 'supervisor', startTime: 'start of 700' }).identity).not.toBeNull();
    expect(find(bare, { from: 'session' }).identity).not.toBeNull();
  });
});

describe('the first process of a tmux session', () => {
  it('is verified when it started before the session was listed', () => {
    const found = find(
      { pid: 700, cwd: '/', files: [], startedAt: NAMED_AT + START_TOLERANCE_MS },
      { from: 'session' },
    );
    expect(found).toMatchObject({ liveness: 'alive', process: { verified: true, from: 'session' } });
  });

  it('is gone where the pid is younger', () => {
    const late = { pid: 700, cwd: '/', files: [], startedAt: NAMED_AT + START_TOLERANCE_MS + 1 };
    expect(find(late, { from: 'session' })).toMatchObject({ liveness: 'gone', identity: null });
  });

  it('is not verified where it is another user’s', () => {
    expect(find({ pid: 700, uid: 0 }, { from: 'session' })).toMatchObject({ identity: null });
  });
});

describe('what is no pid of a worker', () => {
  const froms = ['heartbeat', 'spec', 'session', 'supervisor'] as const;
  const odd: [string, unknown][] = [
    ['0', 0],
    ['1', 1],
    ['-1', -1],
    ['a group', -700],
    ['text', '700'],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a fraction', 700.5],
    ['beyond whole numbers', 2 ** 53],
    ['nothing', null],
  ];
  it.each(odd)('is refused with the reason: %s', (_what, pid) => {
    for (const from of froms) {
      const startTime = `start of ${pid}`;
      const found = find({ pid: pid as number, cwd: '/work/w' }, { pid: pid as number, from, startTime });
      expect(found.identity).toBeNull();
      expect(found.reason).toContain('cannot be the pid of a worker');
    }
  });

  it.each([
    ['ours', OUR_PID, /idlewatch itself/],
    ['our ancestor’s', 400, /idlewatch runs below it/],
  ])('is refused with the reason: %s', (_what, pid, reason) => {
    for (const from of froms) {
      const found = find(null, { pid, from, startTime: `start of ${pid}` });
      expect(found.identity).toBeNull();
      if (from !== 'heartbeat' && from !== 'spec') expect(found.reason).toMatch(reason);
    }
  });

  it('is refused with the reason: our helper’s', () => {
    const helper = { pid: 700, ppid: OUR_PID, cwd: '/work/w', args: ['electron', '--type=renderer'] };
    for (const from of froms) {
      const found = find(helper, { from, startTime: 'start of 700' });
      expect(found).toMatchObject({ identity: null, reason: expect.stringContaining('helper') });
    }
  });
});
