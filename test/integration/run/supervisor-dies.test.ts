import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { checkOrphans } from '../../../src/engine/act/orphans';
import { livenessOf } from '../../../src/engine/observe/address';
import { createProcessTable } from '../../../src/host/process-table';
import { openRegistry } from '../../../src/host/registry';
import { waitFor } from '../support/wait-for';
import { ended, runBench } from './bench';

const ROUNDS = 20;

const bench = runBench();

it('killed at 20 random moments, a supervisor leaves no run lost and no process unaccounted for', async () => {
  const table = createProcessTable();
  const registry = openRegistry(bench.stateFolder, { warn: (message) => console.warn(message) });
  const script = 'setsid sleep 300 & sleep 300';
  let killedBeforeRegistered = 0;
  // Some die before they have begun, most in the middle of beginning, the rest later.
  const known = await timeToRegister();
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = bench.records().length;
    const child = bench.start(['--name', `round-${round}`, '--', 'sh', '-c', script], { stdio: 'ignore' });
    await pause(known * (0.5 + Math.random()));
    child.kill('SIGKILL');
    await ended(child);
    if (bench.records().length === before) killedBeforeRegistered += 1;
  }
  for (const run of bench.records()) expect(livenessOf(table, run.supervisor)).toBe('gone');
  // A process that is just becoming the command carries its mark from its first instruction on.
  const left = bench.marked();
  const orphans: string[] = [];
  await checkOrphans({ runs: registry.runs, table, onOrphan: ({ directory }) => orphans.push(directory) });
  const accounted = left.filter((pid) => {
    const mark = table.environmentValue(pid, 'IDLEWATCH_WORKER_DIR');
    return mark !== null && orphans.includes(mark);
  });
  registry.close();
  expect(accounted).toEqual(left);
  expect(left.length).toBeGreaterThan(0);
  for (const run of bench.records()) {
    const hasProcesses = left.some((pid) => table.environmentValue(pid, 'IDLEWATCH_WORKER_DIR') === run.directory);
    expect([run.name, run.state]).toEqual([run.name, hasProcesses ? 'orphaned' : 'failed']);
  }
  expect(bench.records().length + killedBeforeRegistered).toBe(ROUNDS);
}, 120_000);

it('the next start finds them, and a person sees them as orphaned', async () => {
  const child = bench.start(['--name', 'left-alone', '--', 'sleep', '300'], { stdio: 'ignore' });
  const { id, child: command } = await bench.running();
  child.kill('SIGKILL');
  await ended(child);
  expect((await bench.run(['--', 'true'])).code).toBe(0);
  expect(bench.marked()).toEqual([command.pid]);
  const orphan = bench.records().find((run) => run.id === id);
  expect(orphan).toMatchObject({ state: 'orphaned', name: 'left-alone' });
  expect(orphan?.reason).toContain(`its supervisor (pid ${child.pid}) is gone`);
});

it('the next start ends them where the settings say so', async () => {
  const child = bench.start(['--', 'sh', '-c', 'trap "" TERM; while :; do sleep 0.2; done'], { stdio: 'ignore' });
  const { id } = await bench.running();
  child.kill('SIGKILL');
  await ended(child);
  const environment = { ...bench.environment, orphanedRuns: 'end', killGraceMs: '300' };
  const next = bench.start(['--', 'true'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  expect((await ended(next)).code).toBe(0);
  expect(bench.marked()).toEqual([]);
  await bench.run(['--', 'true']);
  expect(bench.records().find((run) => run.id === id)?.state).toBe('killed');
});

it('the next start ends them without the worker that one of them has started', async () => {
  const workers = join(bench.base, 'workers');
  const inner = join(workers, 'inner');
  mkdirSync(inner, { recursive: true });
  const script = `cd '${inner}'; sleep 301 & echo $! > pid; cd /; wait`;
  const child = bench.start(['--', 'sh', '-c', script], { stdio: 'ignore' });
  const { id } = await bench.running();
  const note = join(inner, 'pid');
  const pid = await waitFor('the inner worker runs', () => existsSync(note) && Number(readFileSync(note, 'utf8')));
  writeFileSync(join(inner, 'heartbeat.json'), JSON.stringify({ status: 'busy', ts: new Date().toISOString(), pid }));
  child.kill('SIGKILL');
  await ended(child);
  const environment = { ...bench.environment, orphanedRuns: 'end', workerDirs: JSON.stringify([workers]) };
  const next = bench.start(['--', 'true'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  expect((await ended(next)).code).toBe(0);
  expect(bench.marked()).toEqual([pid]);
  const run = bench.records().find((one) => one.id === id);
  expect(bench.notices(run!).map(({ text }) => text)).toEqual([expect.stringMatching(/^sh has ended: 1 process /)]);
});

/** How long a start takes until its command is in the registry. */
async function timeToRegister(): Promise<number> {
  const startedMs = performance.now();
  const child = bench.start(['--', 'sleep', '300'], { stdio: 'ignore' });
  const { child: command, id } = await bench.running();
  const tookMs = performance.now() - startedMs;
  child.kill('SIGTERM');
  await ended(child);
  await waitFor('it is gone', () => !bench.marked().includes(command.pid));
  const registry = openRegistry(bench.stateFolder, { warn: () => undefined });
  registry.runs.forget(id);
  registry.close();
  return tookMs;
}
