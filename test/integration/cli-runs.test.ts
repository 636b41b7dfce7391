import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openRegistry } from '../../src/host/registry';
import { buildPrograms, type Programs } from './support/programs';
import { type CliRun, cleanEnvironment, runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

let programs: Programs;
let base: string;
let environment: Record<string, string>;
const supervisors: { supervisor: ChildProcess; ended: Promise<unknown> }[] = [];

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
}, 60_000);
afterAll(() => programs?.remove());
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-cli-runs-')));
  environment = { ...cleanEnvironment(base), TMUX_TMPDIR: base };
});
afterEach(async () => {
  // A supervisor writes down its end: only then may its folder go.
  for (const { supervisor, ended } of supervisors.splice(0)) {
    supervisor.kill('SIGTERM');
    await ended;
  }
  rmSync(base, { recursive: true, force: true });
});

const cli = (...args: string[]): Promise<CliRun> => runCli(programs.cli, args, environment);
const script = (code: string) => ['--', process.execPath, '-e', code];

const time = z.iso.datetime({ precision: 3 });
const address = {
  pid: z.int(),
  startTime: z.string(),
  hostName: z.string(),
  bootId: z.string().nullable(),
  pidNamespace: z.string().nullable(),
};
const answerSchema = z.strictObject({
  schema: z.literal(1),
  takenAt: time,
  runs: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      key: z.string().nullable(),
      command: z.array(z.string()),
      directory: z.string(),
      workingDirectory: z.string(),
      supervisor: z.strictObject(address),
      child: z.strictObject(address).nullable(),
      timeoutMs: z.number().nullable(),
      idleTimeoutMs: z.number().nullable(),
      state: z.enum(['running', 'succeeded', 'failed', 'timed_out', 'killed', 'orphaned']),
      startedAt: time,
      heartbeatAt: time,
      finishedAt: time.nullable(),
      exitCode: z.number().nullable(),
      signal: z.string().nullable(),
      reason: z.string().nullable(),
      outputBytes: z.number(),
      endRequested: z.string().nullable(),
    }),
  ),
  leases: z.array(z.strictObject({ ...address, key: z.string(), runId: z.string(), claimedAt: time })),
});
const listed = async (...args: string[]) =>
  answerSchema.parse(JSON.parse((await cli('runs', '--json', ...args)).stdout));

/** Write down a run that has ended well: a registry with many takes no time that way. */
async function finished(name: string): Promise<void> {
  const { runs, close } = openRegistry(join(base, 'state/idlewatch'), { warn: (message) => expect.fail(message) });
  const supervisor = { pid: process.pid, startTime: '1', hostName: 'here', bootId: null, pidNamespace: null };
  const where = { directory: join(base, 'state/idlewatch/runs', name), workingDirectory: base };
  const about = { id: name, name, key: null, command: ['true'], timeoutMs: null, idleTimeoutMs: null };
  runs.begin({ ...about, ...where, supervisor }, () => 'gone');
  await runs.change(name, () => ({ state: 'succeeded', exitCode: 0 }));
  close();
}

/** A supervisor whose command lives until the test is over. */
async function running(...options: string[]) {
  const args = ['run', ...options, ...script('setInterval(() => {}, 1e6)')];
  const supervisor = spawn(process.execPath, [programs.cli, ...args], { env: environment, stdio: 'ignore' });
  const ended = new Promise((done) => supervisor.on('close', done));
  supervisors.push({ supervisor, ended });
  await waitFor('it runs', async () => (await listed()).runs.some(({ state, child }) => state === 'running' && child));
  return { supervisor, ended };
}

test('nothing was ever run: says so, and writes nothing', async () => {
  expect((await cli('runs')).stdout).toMatch(/^No supervised run/);
  expect(await listed()).toMatchObject({ runs: [], leases: [] });
});

test('finished runs newest first, 20 without --all; the running one before them', async () => {
  for (let each = 0; each < 21; each += 1) await finished(`n${each}`);
  await cli('run', '--name', 'fails', ...script('process.exit(3)'));
  await running('--name', 'lasts', '--key', 'one');
  const { runs, leases } = await listed();
  expect(runs).toHaveLength(21);
  expect(runs.slice(0, 3)).toMatchObject([
    { name: 'lasts', state: 'running', key: 'one', finishedAt: null },
    { name: 'fails', state: 'failed', exitCode: 3 },
    { name: 'n20', state: 'succeeded', exitCode: 0 },
  ]);
  expect(leases).toMatchObject([{ key: 'one', runId: runs[0]?.id, pid: runs[0]?.supervisor.pid }]);
  expect((await listed('--all')).runs).toHaveLength(23);
  const { stdout } = await cli('runs');
  expect(stdout).toMatch(/^State +Name +Key +Started +Ran +Output +Run +What$/m);
  expect(stdout).toMatch(/^● running +lasts +one /m);
  expect(stdout).toMatch(/^× failed +fails /m);
  expect(stdout).toMatch(/Keys that are held:\n {2}one: for \d+ s by pid \d+ on /);
});

test('a run whose supervisor was killed is orphaned: its key is held by what goes on, and idlewatch kill ends it', async () => {
  const { supervisor, ended } = await running('--name', 'left', '--key', 'one');
  supervisor.kill('SIGKILL');
  await ended;
  const { runs } = await listed();
  expect(runs).toMatchObject([{ name: 'left', state: 'orphaned' }]);
  const refused = await cli('runs', '--release', 'one');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/its command goes on.*--yes/s) });
  const result = await cli('kill', 'left', '--yes', '--json', '--grace', '500');
  expect(result.code).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({ ended: true, processes: [{ pid: runs[0]?.child?.pid }] });
  const after = await listed();
  expect(after).toMatchObject({ runs: [{ name: 'left', state: 'killed' }], leases: [] });
});

test('--release shows who holds the key; while the holder lives it needs --yes', async () => {
  const none = await cli('runs', '--release', 'one');
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toMatch(/nobody holds the key one; none is held/);
  const { supervisor } = await running('--key', 'one');
  const refused = await cli('runs', '--release', 'one');
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(new RegExp(`one is held for \\d+ s by pid ${supervisor.pid} on .*, which is alive`));
  expect(refused.stderr).toContain('--yes');
  expect((await listed()).leases).toHaveLength(1);
  const other = await cli('runs', '--release', 'two');
  expect(other.stderr).toContain('held are one');
  const given = await cli('runs', '--release', 'one', '--yes', '--json');
  expect(given.code).toBe(0);
  expect(JSON.parse(given.stdout)).toMatchObject({ released: { key: 'one', pid: supervisor.pid } });
  expect((await listed()).leases).toEqual([]);
});

test('--yes without --release is refused', async () => {
  const result = await cli('runs', '--yes');
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain('--yes belongs to --release');
});

test('log: nothing yet; --last must be a count', async () => {
  expect((await cli('log')).stdout).toBe('Nothing was ended or removed yet.\n');
  const wrong = await cli('log', '--last', 'few');
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toMatch(/--last is "few"; allowed is a whole number from 1/);
});
