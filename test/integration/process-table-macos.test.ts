import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessTable } from '../../src/host/process-table';
import { createMacProcessTable, type MacPrograms } from '../../src/host/process-table/macos';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';

/** The tools of this machine, asked as those of macOS but for the environment. */
const HERE: MacPrograms = {
  ps: '/bin/ps',
  psWithEnvironments: ['axeww', '-o', 'pid=,command='],
  lsof: '/usr/bin/lsof',
  sysctl: '/usr/sbin/sysctl',
};
const canRun =
  process.platform === 'linux' &&
  spawnSync(HERE.ps, ['--version']).status === 0 &&
  spawnSync(HERE.lsof, ['-v']).error === undefined;
const processes = realProcesses();
let base: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch table-')));
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

function factIn(table: ReturnType<typeof createProcessTable>, pid: number) {
  const look = table.inspect(pid);
  if (look.liveness !== 'alive') throw new Error(`${pid} is ${look.liveness}`);
  return look.fact;
}

describe.runIf(canRun)('the process table of macOS, with the tools of Linux', () => {
  const table = createMacProcessTable(HERE);
  const linux = createProcessTable('linux');

  it('says of a process what /proc says', async () => {
    const log = openSync(join(base, 'log'), 'a');
    const { pid } = processes.run('sh', ['-c', 'sleep 300; true'], {
      cwd: base,
      stdio: ['ignore', log, 'ignore'],
      env: { ...process.env, IDLEWATCH_WORKER_DIR: join(base, 'a b'), OTHER: 'x y' },
    });
    const child = await waitFor('its child', () => {
      const listed = table.list();
      return listed.ok && listed.processes.find((fact) => fact.ppid === pid && fact.name === 'sleep');
    });
    for (const one of [pid, child.pid, process.pid]) {
      const { pgid, ppid, sessionId, uid, name, startedAt } = factIn(linux, one);
      const fact = factIn(table, one);
      expect(fact).toMatchObject({ pid: one, pgid, ppid, uid, name });
      // Of a session whose leader has ended `ps` tells nothing.
      expect([sessionId, 0]).toContain(fact.sessionId);
      expect(Math.abs(fact.startedAt - startedAt)).toBeLessThan(3000);
    }
    expect(table.commandLine(pid)).toBe('sh -c sleep 300; true');
    expect(table.commandArguments(child.pid)).toEqual(['sleep 300']);
    expect(table.workingDirectory(pid)).toBe(base);
    expect(table.openFiles(pid)).toContainEqual({ path: join(base, 'log'), writing: true });
    expect(table.environmentValue(pid, 'IDLEWATCH_WORKER_DIR')).toBe(join(base, 'a b'));
    expect(table.environmentValue(child.pid, 'IDLEWATCH_WORKER_DIR')).toBe(join(base, 'a b'));
    expect(table.environmentValue(process.pid, 'IDLEWATCH_WORKER_DIR')).toBeNull();
  });

  it('answers for many processes from one call', async () => {
    const many = Array.from({ length: 6 }, () => processes.run('sleep', ['300'], { cwd: base }).pid);
    for (const pid of many) {
      await waitFor('its working directory', () => table.workingDirectory(pid) === base);
    }
  });

  it('sees at once that a process is gone, and by itself again', async () => {
    const { pid, child } = processes.run('sleep', ['300']);
    expect(table.inspect(pid).liveness).toBe('alive');
    process.kill(pid, 'SIGKILL');
    await new Promise((ended) => child.once('exit', ended));
    await waitFor('it is gone', () => table.inspect(pid).liveness === 'gone', 1000);
    expect(table.inspect(0)).toMatchObject({ liveness: 'unknown' });
    expect(table.inspect(2 ** 31)).toMatchObject({ liveness: 'unknown' });
  });

  it('knows itself and its ancestors', () => {
    expect(table.self()).toMatchObject({ pid: process.pid, uid: process.geteuid?.() });
    expect(table.self().ancestors).toEqual(linux.self().ancestors);
  });

  it('calls nobody gone where its tools fail', () => {
    const none = createMacProcessTable({ ...HERE, ps: '/nowhere/ps', lsof: '/bin/false', sysctl: '/bin/false' });
    expect(none.list()).toMatchObject({ ok: false, reason: expect.stringContaining('/nowhere/ps') });
    expect(none.inspect(process.pid).liveness).toBe('unknown');
    expect(none.inspect(999_999).liveness).toBe('unknown');
    expect(none.workingDirectory(process.pid)).toBeNull();
    expect(none.environmentValue(process.pid, 'PATH')).toBeNull();
    expect(none.space().bootId).toBeNull();
    const odd = createMacProcessTable({ ...HERE, ps: '/bin/echo' });
    expect(odd.inspect(process.pid)).toMatchObject({ liveness: 'unknown' });
  });
});

describe('the process table of Windows, where there is no PowerShell', () => {
  it('calls nobody gone', () => {
    const table = createProcessTable('win32');
    expect(table.inspect(process.pid).liveness).toBe('unknown');
    expect(table.list().ok).toBe(false);
    expect(table.self().ancestors).toContain(process.ppid);
  });
});
