import { expect, test } from 'vitest';
import { z } from 'zod';
import { builtCli } from './support/cli-workers';
import { followCli, serveCli } from './support/following-cli';
import { runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const cli = builtCli();

const events = (...args: string[]) => runCli(cli.path, ['events', ...args], cli.scene.environment);
const serve = () => serveCli(cli.path, ['--worker-dir', cli.scene.run], cli.scene.environment);
const eventSchema = z.strictObject({
  id: z.int().min(1),
  at: z.iso.datetime({ precision: 3 }),
  event: z.string(),
  workerId: z.string().nullable(),
  workerName: z.string().nullable(),
  text: z.string(),
  data: z.unknown().optional(),
});
const read = (line: string) => eventSchema.parse(JSON.parse(line));
const kept = async (...args: string[]) => (await events('--json', ...args)).stdout.split('\n').slice(0, -1).map(read);
const isEvent = (event: string, name: string) => (line: string) => {
  const told = read(line);
  return told.event === event && told.workerName === name;
};

test('nothing has happened: nothing is told and nothing is made', async () => {
  expect(await events()).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('what is kept, for people and programs, while an engine runs and after it', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const serving = await serve();
  cli.scene.beat('coder', { status: 'ready' });
  const ready = await waitFor('the event is kept', async () => (await kept('--kinds', 'worker_ready')).at(0));
  expect(ready).toMatchObject({ event: 'worker_ready', workerId: cli.scene.idOf('coder'), workerName: 'coder' });
  expect((await events('--kinds', 'worker_ready')).stdout).toMatch(/^\S+ \S+ {2}worker_ready {2}coder: .+\n$/);
  await serving.end();
  expect(await kept('--kinds', 'worker_*', '--limit', '1', '--after', String(ready.id - 1))).toEqual([ready]);
  expect(await kept('--after', '999999')).toEqual([]);
});

test('--follow goes on over the end of one engine and the beginning of the next, each event once', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const first = await serve();
  const follow = followCli(cli.path, ['events', '--follow', '--json', '--after', '0'], cli.scene.environment);
  cli.scene.beat('coder', { status: 'ready' });
  await follow.until('ready', isEvent('worker_ready', 'coder'));
  await first.end('SIGKILL');
  await waitFor('it is told that nobody is there', () => follow.stderr().includes('waiting for it'));
  expect(follow.stderr().trim().split('\n')).toHaveLength(1);
  const second = await serve();
  cli.scene.beat('coder', { status: 'busy' });
  await follow.until('busy again', isEvent('worker_busy', 'coder'));
  expect(await follow.end('SIGINT')).toBe(130);
  await second.end();
  const ids = follow.lines().map((line) => read(line).id);
  expect(ids).toEqual((await kept('--after', '0')).map(({ id }) => id).slice(0, ids.length));
});

test('--follow waits for an engine, and shows the kinds that are asked for', async () => {
  const args = ['events', '--follow', '--json', '--kinds', 'worker_waiting'];
  const follow = followCli(cli.path, args, cli.scene.environment);
  await waitFor('it waits', () => follow.stderr().includes('waiting for it'));
  await serve();
  cli.scene.beat('coder', { status: 'busy' });
  cli.scene.beat('asker', { status: 'busy' });
  await waitFor(
    'both are known',
    async () => (await kept('--kinds', 'worker_found,worker_started,worker_busy')).length,
  );
  cli.scene.beat('asker', { status: 'waiting' });
  await follow.until('waiting', isEvent('worker_waiting', 'asker'));
  expect(follow.lines()).toHaveLength(1);
});

test.each([
  [['--after', '-1'], /--after/],
  [['--after', 'x'], /--after is "x"; allowed is the id/],
  [['--limit', '0'], /--limit is "0"/],
  [['--kinds', 'stalled'], /--kinds names "stalled"; allowed are .*worker_stalled/],
])('%j is refused', async (args, message) => {
  const result = await events(...args);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(message);
});
