import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { runOnTerminal } from './support/cli-terminal';
import { buildPrograms, type Programs } from './support/programs';
import { type CliRun, cleanEnvironment, runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const isRoot = process.getuid?.() === 0;
let programs: Programs;
let base: string;
let benches: string;
let environment: Record<string, string>;

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
}, 60_000);
afterAll(() => programs?.remove());
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-cli-reap-')));
  benches = join(base, 'benches');
  mkdirSync(benches);
  environment = { ...cleanEnvironment(base), TMUX_TMPDIR: base };
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** A workbench that was triggered and last wrote its log so many seconds ago. */
function bench(slug: string, secsAgo: number): string {
  const path = join(benches, `${slug}-${Math.floor(Date.now() / 1000) - secsAgo}`);
  mkdirSync(path);
  const log = join(path, 'agent.log');
  writeFileSync(log, 'x'.repeat(10_000));
  const at = Date.now() / 1000 - secsAgo;
  utimesSync(log, at, at);
  return path;
}

const cli = (...args: string[]): Promise<CliRun> => runCli(programs.cli, args, environment);
const reap = (...args: string[]): Promise<CliRun> => cli('reap', ...args, '--workbench-dir', benches);

const candidateSchema = z.strictObject({
  workerId: z.string(),
  source: z.enum(['workbench', 'supervised-run']),
  name: z.string(),
  path: z.string(),
  bytes: z.int().min(0).nullable(),
  finishedAt: z.number(),
  why: z.string().min(1),
});
const planSchema = z.strictObject({
  planId: z.uuid(),
  madeAt: z.number(),
  candidates: z.array(candidateSchema),
  kept: z.array(z.strictObject({ name: z.string(), path: z.string(), why: z.string().min(1) })),
  totalBytes: z.int().min(0),
});
const receiptSchema = z.strictObject({
  planId: z.uuid(),
  askedBy: z.literal('cli'),
  startedAt: z.number(),
  tookMs: z.number(),
  removed: z.array(z.strictObject({ name: z.string(), path: z.string(), bytes: z.int().nullable() })),
  failed: z.array(z.strictObject({ name: z.string(), path: z.string(), why: z.string().min(1) })),
  summary: z.string(),
});
const planIn = ({ stdout }: CliRun) => planSchema.parse(JSON.parse(stdout));
const receiptIn = ({ stdout }: CliRun) => receiptSchema.parse(JSON.parse(stdout));

test('--dry-run --json lists what, why and how many bytes; removes and writes nothing', async () => {
  const old = bench('old', 8_000);
  const young = bench('young', 60);
  const result = await reap('--dry-run', '--json');
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const { candidates, kept, totalBytes } = planIn(result);
  expect(candidates.map(({ path }) => path)).toEqual([old]);
  expect(candidates[0]?.bytes).toBeGreaterThanOrEqual(10_000);
  expect(totalBytes).toBe(candidates[0]?.bytes);
  expect(kept.map(({ path }) => path)).toEqual([young]);
  expect([old, young].every(existsSync)).toBe(true);
  expect(existsSync(join(base, 'state/idlewatch/idlewatch.db'))).toBe(false);
  const { stdout } = await reap('--dry-run');
  expect(stdout).toMatch(/1 directory to remove/);
  expect(stdout).toContain(old);
});

test('--yes removes what is old enough and nothing else; it stands in the log', async () => {
  const outside = join(base, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), 'x');
  const old = bench('old', 8_000);
  symlinkSync(outside, join(old, 'link'));
  const young = bench('young', 60);
  const other = join(benches, 'not-a-workbench');
  mkdirSync(other);
  const result = await reap('--yes', '--json');
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(receiptIn(result)).toMatchObject({ removed: [{ path: old }], failed: [] });
  expect([old, young, other, join(outside, 'precious')].map(existsSync)).toEqual([false, true, true, true]);
  const { entries } = JSON.parse((await cli('log', '--json')).stdout);
  expect(entries).toMatchObject([{ kind: 'reap_intent' }, { kind: 'reap_outcome', receipt: { askedBy: 'cli' } }]);
  expect((await cli('log')).stdout).toMatch(/ reap outcome · .* · from the command line$/m);
});

test('with nothing to remove: says so, exit 0', async () => {
  bench('young', 60);
  const result = await reap('--yes');
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(result.stdout).toContain('Nothing to remove.');
  expect(receiptIn(await reap('--yes', '--json'))).toMatchObject({ removed: [], failed: [] });
});

test('a process that works in it keeps it', async () => {
  const old = bench('old', 8_000);
  const child = spawn('sleep', ['1000'], { cwd: old, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((done) => child.once('spawn', done));
  const plan = planIn(await reap('--dry-run', '--json'));
  expect(plan.candidates).toEqual([]);
  expect(plan.kept).toMatchObject([{ path: old, why: expect.stringContaining(String(child.pid)) }]);
});

test.runIf(isRoot && process.platform === 'linux')(
  'one that cannot go: exit 1, it is named, the others go',
  async () => {
    const stuck = bench('stuck', 9_000);
    const old = bench('old', 8_000);
    const mounted = join(stuck, 'mounted');
    mkdirSync(mounted);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', mounted]);
    try {
      const result = await reap('--yes', '--json');
      expect(result.code).toBe(1);
      expect(receiptIn(result)).toMatchObject({ removed: [{ path: old }], failed: [{ path: stuck }] });
      expect([old, mounted].map(existsSync)).toEqual([false, true]);
    } finally {
      execFileSync('umount', [mounted]);
    }
  },
);

test('finished runs go by their own time, and out of the registry', async () => {
  await cli('run', '--name', 'quick', '--', process.execPath, '-e', '');
  expect(planIn(await cli('reap', '--dry-run', '--json')).candidates).toEqual([]);
  const result = await cli('reap', '--yes', '--json', '--run-ttl-secs', '0');
  expect(result.code).toBe(0);
  const { removed } = receiptIn(result);
  expect(removed).toMatchObject([{ name: 'quick' }]);
  expect(existsSync(removed[0]?.path ?? '')).toBe(false);
  expect(JSON.parse((await cli('runs', '--json', '--all')).stdout).runs).toEqual([]);
});

test.runIf(isRoot && process.platform === 'linux')(
  'another user’s process that works in the directory of a finished run keeps it',
  async () => {
    await cli('run', '--name', 'quick', '--', process.execPath, '-e', '');
    const dryRun = async () => planIn(await cli('reap', '--dry-run', '--json', '--run-ttl-secs', '0'));
    const path = (await dryRun()).candidates[0]?.path ?? expect.unreachable('the run has no directory');
    const child = spawn('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'sleep', '1000'], {
      cwd: path,
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await waitFor('it runs as nobody', () => child.pid && statSync(`/proc/${child.pid}`).uid === 65_534);
    const { candidates, kept } = await dryRun();
    expect(candidates).toEqual([]);
    expect(kept).toMatchObject([{ path, why: `process ${child.pid} works in it` }]);
  },
);

test('without a terminal and without a word: refuses, and says what to add', async () => {
  const old = bench('old', 8_000);
  const result = await reap();
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/--dry-run .*--yes/);
  expect(existsSync(old)).toBe(true);
});

test.each([
  ['n', 1, true],
  ['y', 0, false],
])('on a terminal it lists and asks; %s', async (answer, code, stays) => {
  const old = bench('old', 8_000);
  const run = runOnTerminal(programs.cli, ['reap', '--workbench-dir', benches], environment);
  await run.until('Remove this directory? [y/N]');
  expect(existsSync(old)).toBe(true);
  run.type(`${answer}\r`);
  expect({ code: await run.ended, shown: run.shown() }).toMatchObject({ code });
  expect(existsSync(old)).toBe(stays);
});
