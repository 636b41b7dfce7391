import { describe, expect, it } from 'vitest';
import { findClaimed, START_TOLERANCE_MS, stillThere } from '../../../../src/engine/observe/process-claim';
import { createUnsupportedProcessTable } from '../../../../src/host/process-table/unsupported';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable, OUR_PID } from '../../../fakes/process-table';

const HERE = '/work/w';
const NAMED_AT = 2_000_000;

function find(process: FakeProcess | null, pid = 700, ancestors?: number[]) {
  const table = fakeProcessTable(process ? [process] : [], ancestors);
  return findClaimed(table, table.self(), killTarget('w', pid));
}

describe('findClaimed', () => {
  it('verifies a process of ours that is older than its naming and belongs to the worker', () => {
    const found = find({ pid: 700, cwd: HERE, startedAt: NAMED_AT - 1 });
    expect(found).toMatchObject({
      liveness: 'alive',
      identity: { pid: 700, startTime: 'start of 700' },
      process: { pid: 700, verified: true, from: 'heartbeat', startedAt: NAMED_AT - 1 },
    });
  });

  it('knows nothing of a worker that names no process', () => {
    const table = fakeProcessTable([]);
    const found = findClaimed(table, table.self(), killTarget('w', null));
    expect(found).toMatchObject({ process: null, identity: null, liveness: 'unknown' });
  });

  it('says gone of a pid nobody has', () => {
    expect(find(null)).toMatchObject({ liveness: 'gone', identity: null, process: { verified: false } });
  });

  it('says gone of a process that ended and waits to be reaped', () => {
    expect(find({ pid: 700, cwd: HERE, stat: 'Z' }).liveness).toBe('gone');
  });

  it('says gone of a pid that a stranger has had since', () => {
    const found = find({ pid: 700, cwd: '/elsewhere', files: [], startedAt: NAMED_AT + START_TOLERANCE_MS + 1 });
    expect(found).toMatchObject({ liveness: 'gone', identity: null });
    expect(found.reason).toContain('given to another program');
  });

  it('takes neither for gone nor for verified what belongs to the worker but seems younger than its naming', () => {
    const found = find({ pid: 700, cwd: HERE, startedAt: NAMED_AT + START_TOLERANCE_MS + 1 });
    expect(found).toMatchObject({ liveness: 'unknown', identity: null });
    expect(found.reason).toContain('started after the heartbeat');
  });

  it('allows for how coarsely starts are known', () => {
    expect(find({ pid: 700, cwd: HERE, startedAt: NAMED_AT + START_TOLERANCE_MS }).identity).not.toBeNull();
  });

  it('does not verify a stranger older than its naming, nor call the worker gone for it', () => {
    const found = find({ pid: 700, cwd: '/work/w-2', files: [] });
    expect(found).toMatchObject({ liveness: 'unknown', identity: null, process: { verified: false } });
  });

  it.each(['tmux: server', 'systemd', 'gnome-shell'])('never verifies %s, though it works in the directory', (name) => {
    const found = find({ pid: 700, cwd: HERE, name });
    expect(found).toMatchObject({ liveness: 'alive', identity: null, process: { verified: false } });
    expect(found.reason).toContain(`it is ${name}, on which a whole session may hang`);
  });

  it.each([0, 1, -1, -700, 1.5, Number.NaN])('never takes %s for a pid', (pid) => {
    expect(find({ pid, cwd: HERE }, pid)).toMatchObject({ liveness: 'unknown', identity: null });
  });

  it('never verifies idlewatch itself', () => {
    const table = fakeProcessTable([]);
    table.processes.find(({ pid }) => pid === OUR_PID)!.cwd = HERE;
    const found = findClaimed(table, table.self(), killTarget('w', OUR_PID));
    expect(found.identity).toBeNull();
    expect(found.process?.why).toBe('it is idlewatch itself');
  });

  it('knows a worker that idlewatch runs below to be alive, and does not verify it', () => {
    const found = find({ pid: 700, cwd: HERE }, 700, [400, 700, 1]);
    expect(found).toMatchObject({ liveness: 'alive', identity: null });
  });

  it("never verifies another user's process", () => {
    const found = find({ pid: 700, cwd: HERE, uid: 1001 });
    expect(found).toMatchObject({ identity: null, process: { why: 'it belongs to another user (uid 1001)' } });
  });

  it("never verifies idlewatch's own helpers, also those a helper started", () => {
    const table = fakeProcessTable([
      { pid: 600, ppid: OUR_PID, cwd: HERE, args: ['/proc/self/exe', '--type=zygote'] },
      { pid: 601, ppid: 600, cwd: HERE, args: ['/opt/electron --type=renderer --lang=en'] },
      { pid: 602, cwd: HERE, name: 'chrome_crashpad', args: ['chrome_crashpad_handler'] },
    ]);
    for (const pid of [600, 601, 602]) {
      const found = findClaimed(table, table.self(), killTarget('w', pid));
      expect(found.identity, `pid ${pid}`).toBeNull();
      expect(found.process?.why).toContain('helper');
    }
  });

  it('verifies a worker that idlewatch started, and a browser below one', () => {
    const table = fakeProcessTable([
      { pid: 600, ppid: OUR_PID, cwd: HERE, args: ['electron', 'worker.js'] },
      { pid: 601, ppid: 600, cwd: HERE, args: ['chromium'] },
      { pid: 602, ppid: 601, cwd: HERE, args: ['chromium', '--type=renderer'] },
    ]);
    for (const pid of [600, 602]) {
      expect(findClaimed(table, table.self(), killTarget('w', pid)).identity, `pid ${pid}`).not.toBeNull();
    }
  });

  it('passes on why a system cannot tell', () => {
    const table = createUnsupportedProcessTable('macOS');
    const found = findClaimed(table, table.self(), killTarget('w', 700));
    expect(found).toMatchObject({ liveness: 'unknown', identity: null });
    expect(found.reason).toContain('reading processes is not built for macOS yet');
  });
});

describe('stillThere', () => {
  it('compares pid and start time', () => {
    const table = fakeProcessTable([{ pid: 700, startTime: '10' }]);
    expect(stillThere(table, { pid: 700, startTime: '10' })).toBe('alive');
    expect(stillThere(table, { pid: 700, startTime: '11' })).toBe('gone');
    expect(stillThere(table, { pid: 701, startTime: '10' })).toBe('gone');
    expect(stillThere(createUnsupportedProcessTable('macOS'), { pid: 700, startTime: '10' })).toBe('unknown');
  });
});
