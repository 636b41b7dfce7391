import { describe, expect, it } from 'vitest';
import { planKill } from '../../../../src/engine/act/plan';
import type { KillTarget } from '../../../../src/engine/monitor-types';
import type { SessionAbort } from '../../../../src/engine/sources/source';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable, OUR_PID } from '../../../fakes/process-table';

const SERVER = 700;
const BUSY_SINCE = 5_000_000;
const WHILE_BUSY = { startedAt: BUSY_SINCE + 10_000 };

const server: FakeProcess = { pid: SERVER, ppid: 400, sessionId: SERVER, pgid: SERVER, name: 'opencode' };

/** A command of a session: it leads a session of its own. */
function command(pid: number, over: Partial<FakeProcess> = {}): FakeProcess {
  return { pid, ppid: SERVER, sessionId: pid, pgid: pid, ...WHILE_BUSY, ...over };
}

function session(name: string, over: Partial<SessionAbort> = {}): KillTarget {
  return killTarget(name, null, {
    workerId: `opencode:${name}`,
    source: 'opencode',
    files: [],
    abort: {
      ...{ server: 'http://me:secret@127.0.0.1:4096', serverName: 'http://127.0.0.1:4096', sessionId: name },
      ...{ directory: `/work/${name}`, helpers: [], busySince: BUSY_SINCE, activeAt: BUSY_SINCE + 20_000 },
      serverProcess: { pid: SERVER, startTime: `start of ${SERVER}` },
      ...over,
    },
  });
}

function plan(processes: FakeProcess[], target = session('stuck'), others: KillTarget[] = []) {
  const table = fakeProcessTable([server, ...processes]);
  const request = { planId: 'p', target, targets: [target, ...others], killGraceMs: 5_000, madeAt: 0 };
  const { plan: made } = planKill(table, request);
  const spared = Object.fromEntries(made.spared.map(({ pid, why }) => [pid, why]));
  return { ...made, pids: made.processes.map(({ pid }) => pid), spared };
}

const resting = { busySince: null, activeAt: BUSY_SINCE - 60_000 };

describe('the plan for a session of a server', () => {
  it('asks the server, shows no password, and ends nothing where no command runs', () => {
    const made = plan([]);
    expect(made).toMatchObject({ refused: null, pids: [], spared: { [SERVER]: 'the server is never ended' } });
    expect(made.steps).toHaveLength(2);
    expect(JSON.stringify(made)).not.toContain('secret');
  });

  it('ends what the session’s command started, with all below it', () => {
    const below = { pid: 802, ppid: 801, sessionId: 801, pgid: 801, ...WHILE_BUSY };
    const scattered = { pid: 803, ppid: 801, sessionId: 803, pgid: 803, ...WHILE_BUSY };
    const made = plan([command(801), below, scattered], undefined, [session('other', resting)]);
    expect(made.pids.sort()).toEqual([801, 802, 803]);
    expect(made.steps.join(' ')).toMatch(/SIGTERM to 3 processes/);
  });

  it('ends what has no parent any more and tells of the server it came from', () => {
    const orphan = command(804, { ppid: 1, environment: { OPENCODE_PID: String(SERVER) } });
    const stranger = command(805, { ppid: 1, environment: { OPENCODE_PID: '12345' } });
    const older = command(806, { ppid: 1, startedAt: 500, environment: { OPENCODE_PID: String(SERVER) } });
    expect(plan([orphan, stranger, older])).toMatchObject({ pids: [804] });
  });

  it.each([
    ['what the server runs for all', { sessionId: SERVER, pgid: SERVER }, 'it serves the whole OpenCode server'],
    ['what ran before', { startedAt: BUSY_SINCE - 60_000 }, 'it was started before the session began its work'],
    ['a terminal', { files: [{ path: '/dev/pts/7', writing: true }] }, 'it is a terminal of its own'],
    ['another user’s', { uid: 7 }, 'it belongs to another user (uid 7)'],
    ['a session bus', { name: 'dbus-daemon' }, 'it is dbus-daemon, on which a whole session may hang'],
  ])('leaves alone %s', (_, over, why) => {
    expect(plan([command(801, over)])).toMatchObject({ pids: [], spared: { 801: why } });
  });

  it('leaves alone idlewatch itself, also where a session started it', () => {
    const table = plan([command(400)]);
    expect(table.pids).not.toContain(400);
    expect(table.pids).not.toContain(OUR_PID);
  });

  it('leaves alone another worker’s process, and a server of other sessions', () => {
    const worker = killTarget('worker', 801, {});
    const nested = session('nested', {
      server: 'http://127.0.0.1:5000',
      serverProcess: { pid: 802, startTime: 'start of 802' },
    });
    const processes = [command(801, { cwd: '/work/worker', startedAt: 1_500_000 }), command(802)];
    const made = plan(processes, session('stuck', { busySince: 1_000_000 }), [worker, nested]);
    expect(made).toMatchObject({
      pids: [],
      spared: { 801: 'it is the process of worker', 802: 'it is a server of other sessions' },
    });
  });

  it.each([
    ['is at work', { busySince: BUSY_SINCE + 1_000 }, 'is at work'],
    ['was at work meanwhile', { busySince: null, activeAt: BUSY_SINCE + 1_000 }, 'was at work meanwhile'],
  ])('leaves all commands alone where another session of the server %s', (_, over, why) => {
    const made = plan([command(801)], undefined, [session('poem', over)]);
    expect(made.pids).toEqual([]);
    expect(made.spared[801]).toBe(`whose command it is cannot be told: “poem” of the same server ${why}`);
  });

  it('takes its own sub-agent for no other session', () => {
    const helper = session('helper', { busySince: BUSY_SINCE + 1_000 });
    expect(plan([command(801)], session('stuck', { helpers: ['helper'] }), [helper]).pids).toEqual([801]);
  });

  it('only asks the server where its process is not known, or is another one by now', () => {
    const gone = session('stuck', { serverProcess: { pid: SERVER, startTime: 'another' } });
    for (const target of [gone, session('stuck', { serverProcess: null })]) {
      expect(plan([command(801)], target)).toMatchObject({ refused: null, pids: [], spared: {} });
    }
  });
});
