import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { livenessOf } from '../../src/engine/observe/address';
import { createProcessTable } from '../../src/host/process-table';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';

const table = createProcessTable();
const processes = realProcesses();
const canHideProcesses = spawnSync('unshare', ['--mount', 'mount', '-t', 'proc', 'proc', '/proc']).status === 0;
let base: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-table-')));
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

function factOf(pid: number) {
  const look = table.inspect(pid);
  if (look.liveness !== 'alive') throw new Error(`${pid} is ${look.liveness}`);
  return look.fact;
}

function listed() {
  const listing = table.list();
  return listing.ok ? listing.processes : expect.unreachable(listing.reason);
}

describe.runIf(process.platform === 'linux')('the process table of Linux', () => {
  it('knows this process: user, parents, start, memory, time used', () => {
    const fact = factOf(process.pid);
    expect(fact).toMatchObject({ pid: process.pid, ppid: process.ppid, uid: process.geteuid!() });
    const startedAt = Date.now() - process.uptime() * 1000;
    expect(Math.abs(fact.startedAt - startedAt)).toBeLessThan(10_000);
    expect(fact.rssBytes).toBeGreaterThan(process.memoryUsage().rss / 4);
    expect(fact.rssBytes).toBeLessThan(process.memoryUsage().rss * 4);
    expect(fact.cpuMs).toBeGreaterThan(0);
    const self = table.self();
    expect(self).toMatchObject({ pid: process.pid, uid: process.geteuid!() });
    expect(self.ancestors[0]).toBe(process.ppid);
    expect(self.ancestors).not.toContain(process.pid);
    expect(self.commonDirectories).toEqual(expect.arrayContaining([realpathSync(homedir()), realpathSync(tmpdir())]));
  });

  it('counts time as ps does', () => {
    const [group, session, seconds] = execFileSync('ps', ['-o', 'pgid=,sid=,etimes=', '-p', String(process.pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split(/\s+/)
      .map(Number);
    const fact = factOf(process.pid);
    expect([fact.pgid, fact.sessionId]).toEqual([group, session]);
    expect(Math.abs((Date.now() - fact.startedAt) / 1000 - seconds!)).toBeLessThan(10);
  });

  it('reads units as getconf prints them', async () => {
    const { machineUnits } = await import('../../src/host/process-table/machine');
    const getconf = (name: string) => Number(execFileSync('getconf', [name], { encoding: 'utf8' }));
    expect(machineUnits()).toEqual({ ticksPerSecond: getconf('CLK_TCK'), pageBytes: getconf('PAGESIZE') });
  });

  it('lists what it can inspect, and reads each to the same identity', async () => {
    const { pid } = await processes.start('sleeper.mjs');
    const listed = table.list();
    const found = listed.ok ? listed.processes.find((fact) => fact.pid === pid) : null;
    expect(found).toMatchObject({
      pid,
      ppid: process.pid,
      pgid: pid,
      sessionId: pid,
      startTime: factOf(pid).startTime,
    });
  });

  it('reads directory, arguments, environment and open files with how they were opened', async () => {
    const log = join(base, 'log (1)');
    const inbox = join(base, 'inbox');
    writeFileSync(inbox, '');
    const stdin = openSync(inbox, 'r');
    const args = ['--hold', log, '', 'two words'];
    const env = { ...process.env, IDLEWATCH_TEST_MARK: 'a=b c', EMPTY_MARK: '' };
    const { pid } = await processes.start('sleeper.mjs', args, { cwd: base, env, stdio: [stdin, 'pipe', 'inherit'] });
    closeSync(stdin);
    expect(table.workingDirectory(pid)).toBe(base);
    expect(table.commandArguments(pid)?.slice(-4)).toEqual(args);
    expect(table.commandLine(pid)).toMatch(/sleeper\.mjs --hold .*log \(1\) {2}two words$/);
    expect(table.environmentValue(pid, 'IDLEWATCH_TEST_MARK')).toBe('a=b c');
    expect(table.environmentValue(pid, 'EMPTY_MARK')).toBe('');
    expect(table.environmentValue(pid, 'IDLEWATCH_TEST')).toBeNull();
    const files = table.openFiles(pid);
    expect(files).toContainEqual({ path: log, writing: true });
    expect(files).toContainEqual({ path: inbox, writing: false });
  });

  it('knows its own environment, whatever its program has written over it', () => {
    process.env.IDLEWATCH_TEST_OWN = 'mine';
    try {
      expect(table.environmentValue(process.pid, 'IDLEWATCH_TEST_OWN')).toBe('mine');
    } finally {
      delete process.env.IDLEWATCH_TEST_OWN;
    }
    expect(table.environmentValue(process.pid, 'IDLEWATCH_TEST_OWN')).toBeNull();
  });

  it('shows no more of a command line than it says', async () => {
    const { pid } = await processes.start('sleeper.mjs', ['x'.repeat(100_000)]);
    expect(table.commandLine(pid)).toHaveLength(4096);
  });

  it('tells a removed working directory from one of the same name', async () => {
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: base });
    rmSync(base, { recursive: true });
    expect(table.workingDirectory(pid)).toBe(`${base} (deleted)`);
  });

  it('says gone of what has ended, also while it waits to be reaped', async () => {
    const { pid } = processes.run('sh', ['-c', 'sleep 1000 & exec sleep 1000'], {});
    // A shell would reap it; what it becomes does not.
    const child = await waitFor('both are what they shall be', () => {
      const isAsleep = factOf(pid).name === 'sleep';
      return isAsleep && listed().find(({ ppid, name }) => ppid === pid && name === 'sleep');
    });
    process.kill(child.pid, 'SIGKILL');
    await waitFor('the child has ended', () => listed().find((fact) => fact.pid === child.pid)?.stat === 'Z');
    expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain(') Z ');
    expect(table.inspect(child.pid)).toEqual({ liveness: 'gone' });
    await processes.endAll();
    await waitFor('it was reaped', () => table.commandLine(pid) === null);
    expect(table.inspect(pid)).toEqual({ liveness: 'gone' });
    expect(table.commandArguments(pid)).toBeNull();
    expect(table.workingDirectory(pid)).toBeNull();
    expect(table.openFiles(pid)).toBeNull();
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 40])('knows that %s can be nobody', (pid) => {
    expect(table.inspect(pid).liveness).toBe('unknown');
  });

  it('is not misled by the name a program gives itself', async () => {
    const { pid } = processes.run('sh', ['-c', 'printf "x) Z 1 (" > /proc/self/comm; echo named; read -r _'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await waitFor('it has its name', () => factOf(pid).name === 'x) Z 1 (');
    expect(factOf(pid)).toMatchObject({ ppid: process.pid, pgid: pid });
  });

  it('says where its pids mean something: this host, this boot, this pid namespace', () => {
    const { hostName, bootId, pidNamespace } = table.space();
    expect(hostName).toBe(hostname());
    expect(bootId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(pidNamespace).toMatch(/^pid:\[\d+\]$/);
    expect(table.space()).toEqual({ hostName, bootId, pidNamespace });
  });

  it.runIf(canHideProcesses)(
    'does not know whether a process lives that was written down in another pid namespace',
    () => {
      const path = (name: string) => JSON.stringify(join(import.meta.dirname, '../../src', name));
      const address = { pid: process.pid, startTime: factOf(process.pid).startTime, ...table.space() };
      const script = `
      import { createProcessTable } from ${path('host/process-table/index.ts')};
      import { livenessOf } from ${path('engine/observe/address.ts')};
      const table = createProcessTable();
      console.log(JSON.stringify({ space: table.space(), liveness: livenessOf(table, ${JSON.stringify(address)}) }));`;
      const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
      const done = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', ...node], { encoding: 'utf8' });
      const { space, liveness } = JSON.parse(done.stdout);
      expect(space).toMatchObject({ hostName: address.hostName, bootId: address.bootId });
      expect(space.pidNamespace).not.toBe(address.pidNamespace);
      expect(liveness).toBe('unknown');
      expect(livenessOf(table, address)).toBe('alive');
    },
  );

  it.runIf(canHideProcesses)('says unknown of everything where /proc is that of another pid namespace', () => {
    const script = `
      import { createProcessTable } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/process-table/index.ts'))};
      const table = createProcessTable();
      console.log(JSON.stringify({ own: table.inspect(process.pid), listing: table.list() }));`;
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    const done = spawnSync('unshare', ['--pid', '--fork', ...node], { encoding: 'utf8' });
    const reason = expect.stringContaining('another pid namespace');
    expect(JSON.parse(done.stdout)).toEqual({
      own: { liveness: 'unknown', reason },
      listing: { ok: false, reason },
    });
  });

  it.runIf(canHideProcesses)("says unknown, and never gone, of what another user's eyes may not see", () => {
    // A view of /proc that hides other users' processes, in a mount namespace of its own, seen by nobody (65534).
    const script = `
      import { createProcessTable } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/process-table/index.ts'))};
      const table = createProcessTable();
      const others = table.list();
      console.log(JSON.stringify({
        hidden: table.inspect(${process.pid}),
        own: table.inspect(process.pid).liveness,
        listed: others.ok && others.processes.some(({ pid }) => pid === ${process.pid}),
        ancestors: table.self().ancestors,
      }));`;
    const seen = lookAsNobody(script);
    expect(seen.hidden).toMatchObject({ liveness: 'unknown', reason: expect.stringContaining('hidden') });
    expect(seen).toMatchObject({ own: 'alive', listed: false });
  });
});

function lookAsNobody(script: string): Record<string, unknown> {
  const view = `mount -t proc -o hidepid=invisible proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
  const done = spawnSync('unshare', ['--mount', 'sh', '-c', view, 'sh', ...node], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`could not look as nobody: ${done.stderr}`);
  return JSON.parse(done.stdout);
}
