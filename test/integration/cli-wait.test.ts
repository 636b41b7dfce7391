import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtCli } from './support/cli-workers';
import { followCli, serveCli } from './support/following-cli';
import { runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const cli = builtCli();

const here = () => ['--worker-dir', cli.scene.run];
const wait = (...args: string[]) => runCli(cli.path, ['wait', ...args], cli.scene.environment);
const waiting = (...args: string[]) => followCli(cli.path, ['wait', ...args], cli.scene.environment);
/** Once a second wait has timed out, a first one has had its first picture. */
const seen = async (...args: string[]) => expect((await wait('--timeout', '0.1', ...args)).code).toBe(124);

/** An engine that is followed has sent its first picture. */
async function followed(url: string): Promise<void> {
  const token = (await runCli(cli.path, ['token'], cli.scene.environment)).stdout.trim();
  await waitFor('the engine is followed', async () => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    return /^idlewatch_api_streams [1-9]/m.test(await answer.text());
  });
}

/** Linux shows that a process watches files. */
function watchesFiles(pid: number | undefined): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((fd) => linkOf(join(folder, fd)).includes('inotify'));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed just now.
  }
}

test('it is so already: exit 0, with the sentence', async () => {
  cli.scene.beat('coder', { status: 'ready' });
  const result = await wait('--until', 'all-done', ...here());
  expect(result).toEqual({ code: 0, stdout: 'The worker is idle.\n', stderr: '' });
});

test('it ends once the last one is done', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const until = waiting('--until', 'all-done', ...here());
  await seen('--until', 'all-done', ...here());
  cli.scene.beat('coder', { status: 'ready' });
  expect(await until.ended).toBe(0);
});

test('not so in time: exit 124, with who is at work', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const result = await wait('--until', 'all-done', '--timeout', '0.5', ...here());
  expect(result).toMatchObject({ code: 124, stdout: '' });
  expect(result.stderr).toMatch(/not within 0.5 s: (coder is busy|there was no reading yet)/);
});

test('a question is no idleness to wait for, but an end of what can be done: exit 2', async () => {
  cli.scene.beat('asker', { status: 'waiting' });
  const result = await wait('--until', 'all-done', ...here());
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toContain('nothing works any more, but asker is waiting');
});

test('one worker alone, through a running engine: others may go on', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  cli.scene.beat('other', { status: 'busy' });
  const { url } = await serveCli(cli.path, here(), cli.scene.environment);
  const until = waiting('--worker', 'coder');
  await followed(url);
  cli.scene.beat('coder', { status: 'ready' });
  expect(await until.ended).toBe(0);
});

test('the engine that watched it ends, and nobody else does: an error, and not that all is done', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const engine = await serveCli(cli.path, here(), cli.scene.environment);
  const until = waiting('--until', 'all-done');
  await followed(engine.url);
  await engine.end('SIGKILL');
  expect(await until.ended).toBe(1);
  expect(until.lines()).toEqual([]);
  expect(until.stderr()).toContain('the idlewatch that watched coder (busy then) has ended, and nobody else does');
});

test.skipIf(process.platform !== 'linux')('Ctrl-C ends it with 130', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const until = waiting('--until', 'all-done', ...here());
  await waitFor('it watches', () => watchesFiles(until.child.pid));
  expect(await until.end('SIGINT')).toBe(130);
});

test.each([
  [['--until', 'noon'], /--until is "noon"; allowed is idle, all-done/],
  [['--until', 'idle', '--worker', 'a'], /--worker belongs to --until all-done/],
  [['--timeout', 'x'], /--timeout is "x"; allowed is a number of seconds/],
  [['--worker', 'nobody'], /no worker has the id or the name nobody/],
])('%j is refused', async (args, message) => {
  const result = await wait(...args);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(message);
});
