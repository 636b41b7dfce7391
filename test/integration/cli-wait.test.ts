import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CliScene, cliScene } from './support/cli-workers';
import { followCli, serveCli } from './support/following-cli';
import { buildPrograms, type Programs } from './support/programs';
import { runCli } from './support/run-cli';

let programs: Programs;
let root: string;
let scene: CliScene;

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
  root = mkdtempSync(join(tmpdir(), 'idlewatch-cli-test-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  programs?.remove();
});
beforeEach(() => {
  scene = cliScene(root);
});

const here = () => ['--worker-dir', scene.run];
const wait = (...args: string[]) => runCli(programs.cli, ['wait', ...args], scene.environment);
const waiting = (...args: string[]) => followCli(programs.cli, ['wait', ...args], scene.environment);
/** Once a second wait has timed out, a first one has had its first picture. */
const seen = async (...args: string[]) => expect((await wait('--timeout', '0.1', ...args)).code).toBe(124);

test('it is so already: exit 0, with the sentence', async () => {
  scene.beat('coder', { status: 'ready' });
  const result = await wait('--until', 'all-done', ...here());
  expect(result).toEqual({ code: 0, stdout: 'The worker is idle.\n', stderr: '' });
});

test('it ends once the last one is done', async () => {
  scene.beat('coder', { status: 'busy' });
  const until = waiting('--until', 'all-done', ...here());
  await seen('--until', 'all-done', ...here());
  scene.beat('coder', { status: 'ready' });
  expect(await until.ended).toBe(0);
});

test('not so in time: exit 124, with who is at work', async () => {
  scene.beat('coder', { status: 'busy' });
  const result = await wait('--until', 'all-done', '--timeout', '0.5', ...here());
  expect(result).toMatchObject({ code: 124, stdout: '' });
  expect(result.stderr).toMatch(/not within 0.5 s: (coder is busy|there was no reading yet)/);
});

test('a question is no idleness to wait for, but an end of what can be done: exit 2', async () => {
  scene.beat('asker', { status: 'waiting' });
  const result = await wait('--until', 'all-done', ...here());
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toContain('nothing works any more, but asker is waiting');
});

test('one worker alone, through a running engine: others may go on', async () => {
  scene.beat('coder', { status: 'busy' });
  scene.beat('other', { status: 'busy' });
  await serveCli(programs.cli, here(), scene.environment);
  const until = waiting('--worker', 'coder');
  await seen('--worker', 'coder');
  scene.beat('coder', { status: 'ready' });
  expect(await until.ended).toBe(0);
});

test('Ctrl-C ends it with 130', async () => {
  scene.beat('coder', { status: 'busy' });
  const until = waiting('--until', 'all-done', ...here());
  await seen('--until', 'all-done', ...here());
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
