import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { ended, runBench } from './bench';

const bench = runBench();

it('the second runner of a key is told who holds it, and exits 75; the key is free again after', async () => {
  const first = bench.start(['--name', 'first', '--key', 'nightly', '--', 'sleep', '300'], { stdio: 'ignore' });
  const holder = await bench.running();
  const second = await bench.run(['--name', 'second', '--key', 'nightly', '--', 'touch', 'started']);
  expect(second.code).toBe(75);
  expect(second.stderr).toContain('second was not started: the key nightly is held for ');
  const { hostName } = holder.supervisor;
  expect(second.stderr).toContain(` by first, pid ${first.pid} on ${hostName}, which is alive (run ${holder.id}).`);
  expect(second.stderr).not.toContain('--release');
  expect(bench.records().map(({ name }) => name)).toEqual(['first']);

  expect((await bench.run(['--key', 'weekly', '--', 'true'])).code).toBe(0);
  first.kill('SIGTERM');
  await ended(first);
  expect((await bench.run(['--key', 'nightly', '--', 'true'])).code).toBe(0);
});

it('a key outlives its supervisor as long as the command does, and is taken over then', async () => {
  const first = bench.start(['--key', 'nightly', '--', 'sleep', '300'], { stdio: 'ignore' });
  const { child } = await bench.running();
  first.kill('SIGKILL');
  await ended(first);
  const second = await bench.run(['--key', 'nightly', '--', 'true']);
  expect(second.code).toBe(75);
  expect(second.stderr).toContain(`Its command goes on as pid ${child.pid}`);
  expect(second.stderr).toContain('idlewatch runs --release nightly');
  process.kill(child.pid, 'SIGKILL');
  await waitFor('the command is gone', () => !bench.marked().includes(child.pid));
  expect(await bench.run(['--key', 'nightly', '--', 'true'])).toMatchObject({ code: 0, stderr: '' });
});

it('a key is held by what its supervisor started, though it ended before it could write that down', async () => {
  const first = bench.start(['--key', 'nightly', '--', 'sleep', '300'], { stdio: 'ignore' });
  const { id, child } = await bench.running();
  first.kill('SIGKILL');
  await ended(first);
  // As it stands in the registry until the first process is written down.
  const database = new DatabaseSync(join(bench.stateFolder, 'idlewatch.db'));
  database.prepare('UPDATE runs SET child = NULL WHERE id = ?').run(id);
  database.close();
  const second = await bench.run(['--key', 'nightly', '--', 'touch', 'started']);
  expect(second.code).toBe(75);
  expect(second.stderr).toContain(`What it started goes on: idlewatch kill supervised-run:${id} ends it.`);
  process.kill(child.pid, 'SIGKILL');
  await waitFor('the command is gone', () => !bench.marked().includes(child.pid));
  expect(await bench.run(['--key', 'nightly', '--', 'true'])).toMatchObject({ code: 0, stderr: '' });
});

it('of ten that start at once with one key, one runs', async () => {
  const args = ['--key', 'only-one', '--', 'sh', '-c', 'echo I run; read rest'];
  const started = Array.from({ length: 10 }, () => bench.start(args, { stdio: ['pipe', 'pipe', 'pipe'] }));
  const endings = started.map((child) => ended(child));
  const losers = await firstOf(9, endings);
  for (const child of started) child.stdin?.end('done\n');
  const all = await Promise.all(endings);
  expect(losers.map(({ code }) => code)).toEqual(Array(9).fill(75));
  expect(all.map(({ code }) => code).sort()).toEqual([0, ...Array(9).fill(75)]);
  expect(all.filter(({ stdout }) => stdout.toString() === 'I run\n')).toHaveLength(1);
}, 60_000);

/** Those that are there first, while the rest may take their time. */
function firstOf<T>(count: number, promises: Promise<T>[]): Promise<T[]> {
  const there: T[] = [];
  return new Promise((done) => {
    for (const promise of promises) {
      void promise.then((value) => {
        there.push(value);
        if (there.length === count) done([...there]);
      });
    }
  });
}
