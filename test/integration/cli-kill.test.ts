import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createProcessTable } from '../../src/host/process-table';
import { openRegistry } from '../../src/host/registry';
import { CTRL_C, CTRL_D, runOnTerminal } from './support/cli-terminal';
import { buildPrograms, type Programs } from './support/programs';
import { type Running, realProcesses } from './support/real-processes';
import { type CliRun, cleanEnvironment, runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const isRoot = process.getuid?.() === 0;
const processes = realProcesses();
let programs: Programs;
let base: string;
let state: string;
let environment: Record<string, string>;

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
}, 60_000);
afterAll(() => programs?.remove());

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-cli-kill-')));
  state = join(base, 'my-run');
  environment = { ...cleanEnvironment(base), TMUX_TMPDIR: base };
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

const directoryOf = (name: string, run = state) => join(run, 'workers', name);
const idOf = (name: string, run = state) => `worker-directory:${directoryOf(name, run)}`;

function beat(name: string, pid: number | null, run = state): void {
  mkdirSync(directoryOf(name, run), { recursive: true });
  const content = { status: 'busy', ts: new Date().toISOString(), pid };
  writeFileSync(join(directoryOf(name, run), 'heartbeat.json'), JSON.stringify(content));
}

/** A program that runs in its worker's directory, and is named by its heartbeat. */
async function worker(name: string, program = 'sleeper.mjs', args: string[] = [], run = state): Promise<Running> {
  mkdirSync(directoryOf(name, run), { recursive: true });
  const running = await processes.start(program, args, { cwd: directoryOf(name, run) });
  beat(name, running.pid, run);
  return running;
}

function ownerOf(pid: number): number | null {
  const look = createProcessTable().inspect(pid);
  return look.liveness === 'alive' ? look.fact.uid : null;
}

const kill = (...args: string[]): Promise<CliRun> =>
  runCli(programs.cli, ['kill', ...args, '--worker-dir', state], environment);
const onTerminal = (...args: string[]) =>
  runOnTerminal(programs.cli, ['kill', ...args, '--worker-dir', state], environment);
/** Read here and not by a program of its own, which may need longer to start than the ending takes. */
const auditedNow = () => {
  const { audit, close } = openRegistry(join(base, 'state/idlewatch'), { warn: (message) => expect.fail(message) });
  try {
    return audit.entries(10);
  } finally {
    close();
  }
};
const audited = async (): Promise<Record<string, unknown>[]> =>
  JSON.parse((await runCli(programs.cli, ['log', '--json'], environment)).stdout).entries;

const processSchema = { pid: z.int().min(2), startTime: z.string().min(1), startedAt: z.number(), command: z.string() };
const planSchema = z.strictObject({
  planId: z.uuid(),
  workerId: z.string(),
  workerName: z.string(),
  madeAt: z.number(),
  killGraceMs: z.int(),
  session: z.string().nullable(),
  abort: z.string().nullable(),
  processes: z.array(
    z.strictObject({ ...processSchema, ppid: z.int(), depth: z.int().min(0), why: z.string().min(1) }),
  ),
  spared: z.array(z.strictObject({ pid: z.int(), command: z.string(), why: z.string() })),
  refused: z.string().nullable(),
  sharedWith: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  steps: z.array(z.string()),
});
const receiptSchema = z.strictObject({
  planId: z.uuid(),
  workerId: z.string(),
  workerName: z.string(),
  askedBy: z.literal('cli'),
  why: z.string().min(1),
  startedAt: z.number(),
  tookMs: z.number(),
  ended: z.boolean(),
  summary: z.string(),
  session: z.string().nullable(),
  processes: z.array(
    z.strictObject({
      ...processSchema,
      signals: z.array(z.strictObject({ signal: z.enum(['SIGTERM', 'SIGKILL']), at: z.number() })),
      outcome: z.enum(['ended', 'survived', 'not_signalled']),
      note: z.string(),
    }),
  ),
});
const planIn = ({ stdout }: CliRun) => planSchema.parse(JSON.parse(stdout));
const receiptIn = ({ stdout }: CliRun) => receiptSchema.parse(JSON.parse(stdout));

describe.runIf(process.platform === 'linux')('idlewatch kill', () => {
  test('--dry-run --json: the plan, exit 0; nothing is signalled and nothing written', async () => {
    const stubborn = await worker('stubborn', 'stubborn.mjs', ['--children', '1']);
    const result = await kill(idOf('stubborn'), '--dry-run', '--json', '--grace', '1234');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const plan = planIn(result);
    expect(plan).toMatchObject({ workerId: idOf('stubborn'), refused: null, killGraceMs: 1234, session: null });
    expect(plan.processes.map(({ pid }) => pid)).toEqual(stubborn.pids);
    expect(stubborn.pids.every(processes.isAlive)).toBe(true);
    expect(await audited()).toEqual([]);
    expect(existsSync(join(base, 'state/idlewatch/idlewatch.db'))).toBe(false);
  });

  test('--dry-run in words names every process and what happens', async () => {
    const stubborn = await worker('stubborn', 'stubborn.mjs', ['--children', '1']);
    const { code, stdout } = await kill('stubborn', '--dry-run');
    expect(code).toBe(0);
    for (const pid of stubborn.pids) expect(stdout).toContain(String(pid));
    expect(stdout).toContain('2 processes would be ended');
    expect(stdout).toMatch(/1\. .*\n {2}2\. /);
    expect(stdout).not.toContain('\u001b');
  });

  test('--yes ends the whole of a stubborn tree; the neighbour with almost the same name lives', async () => {
    const stubborn = await worker('worker-1', 'stubborn.mjs', ['--children', '2']);
    const neighbour = await worker('worker-10');
    const result = await kill('worker-1', '--yes', '--json', '--grace', '300');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const receipt = receiptIn(result);
    expect(receipt).toMatchObject({ ended: true, workerName: 'worker-1' });
    expect(receipt.processes.map(({ pid }) => pid).sort()).toEqual([...stubborn.pids].sort());
    expect(receipt.why).toMatch(/\S/);
    expect(stubborn.pids.filter(processes.isAlive)).toEqual([]);
    expect(processes.isAlive(neighbour.pid)).toBe(true);
    expect(await audited()).toMatchObject([
      { kind: 'kill_intent', askedBy: 'cli' },
      { kind: 'kill_outcome', receipt: { planId: receipt.planId, ended: true } },
    ]);
  });

  test('--yes in words: the summary, and one line for each process', async () => {
    const running = await worker('only');
    const { code, stdout } = await kill('only', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^only has ended: 1 process/);
    expect(stdout).toMatch(new RegExp(`\\n +${running.pid} .*ended \\(SIGTERM`));
    const status = await runCli(programs.cli, ['status', '--worker-dir', state], environment);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/stopped +only .* Ended from idlewatch/) });
  });

  test.runIf(hasTmux)(
    'a workbench: its own tmux session and no other; its directory says that it was ended',
    async () => {
      const secs = Math.floor(Date.now() / 1000) - 100;
      const bench = join(base, 'home/.moadim/workbenches', `fix-${secs}`);
      mkdirSync(bench, { recursive: true });
      writeFileSync(join(bench, 'agent.log'), 'fixing\n');
      const tmux = (...args: string[]) => execFileSync('tmux', args, { env: environment, encoding: 'utf8' });
      const others = [`moadim-fix-${secs}0`, `moadim-fix-${secs + 1}`];
      for (const name of [`moadim-fix-${secs}`, ...others])
        tmux('new-session', '-d', '-s', name, '-c', bench, 'sleep 1000');
      try {
        const result = await kill('fix', '--yes', '--json');
        expect(result).toMatchObject({ code: 0, stderr: '' });
        const receipt = receiptIn(result);
        expect(receipt).toMatchObject({ ended: true, session: expect.stringContaining(`moadim-fix-${secs} `) });
        expect(tmux('list-sessions', '-F', '#{session_name}').trim().split('\n').sort()).toEqual(others.sort());
        expect(readFileSync(join(bench, 'exit_code'), 'utf8').trim()).toBe('killed');
        expect(readFileSync(join(bench, 'agent.log'), 'utf8')).toMatch(/^fixing\n.*ended from the command line/);
      } finally {
        tmux('kill-server');
      }
    },
  );

  test('a name that fits two: both ids are named, exit 1, nothing is signalled; the id of one ends that one', async () => {
    const other = join(base, 'state/omk/project/other-run');
    const one = await worker('twin');
    const two = await worker('twin', 'sleeper.mjs', [], other);
    const result = await kill('twin', '--yes');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain(idOf('twin'));
    expect(result.stderr).toContain(idOf('twin', other));
    expect([one, two].every(({ pid }) => processes.isAlive(pid))).toBe(true);
    expect((await kill(idOf('twin', other), '--yes')).code).toBe(0);
    expect([one, two].map(({ pid }) => processes.isAlive(pid))).toEqual([true, false]);
  });

  test('an id nobody has: exit 1, and the known ones are named', async () => {
    beat('known', null);
    const result = await kill('unknown', '--yes', '--json');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/no worker has the id or the name unknown/);
    expect(result.stderr).toContain(idOf('known'));
  });

  test('a plan that is refused: exit 1, with --dry-run too; the reason is told', async () => {
    beat('no-process', null);
    const dry = await kill('no-process', '--dry-run', '--json');
    expect(dry.code).toBe(1);
    const { refused } = planIn(dry);
    expect(refused).toMatch(/\S/);
    const deed = await kill('no-process', '--yes', '--json');
    expect(deed).toMatchObject({ code: 1, stdout: '' });
    expect(deed.stderr).toContain(String(refused));
  });

  test.runIf(isRoot)('a process of another user is refused', async () => {
    mkdirSync(directoryOf('foreign'), { recursive: true });
    const args = ['--reuid=65534', '--regid=65534', '--clear-groups', 'sleep', '1000'];
    const foreign = processes.run('setpriv', args, { cwd: directoryOf('foreign') });
    await waitFor('it runs as nobody', () => ownerOf(foreign.pid) === 65_534);
    beat('foreign', foreign.pid);
    const result = await kill('foreign', '--yes');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('another user');
    expect(processes.isAlive(foreign.pid)).toBe(true);
  });

  test('other workers in the same process: named and refused, unless --accept-shared', async () => {
    mkdirSync(directoryOf('second'), { recursive: true });
    const host = await worker('first', 'sleeper.mjs', ['--hold', join(directoryOf('second'), 'outbox.jsonl')]);
    beat('second', host.pid);
    const dry = await kill('first', '--dry-run', '--json');
    expect(dry.code).toBe(1);
    expect(planIn(dry).sharedWith).toEqual([{ id: idOf('second'), name: 'second' }]);
    const refused = await kill('first', '--yes');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/second.*--accept-shared/);
    expect(processes.isAlive(host.pid)).toBe(true);
    expect((await kill('first', '--dry-run', '--accept-shared')).code).toBe(0);
    expect((await kill('first', '--yes', '--accept-shared')).code).toBe(0);
    expect(processes.isAlive(host.pid)).toBe(false);
  });

  test.runIf(isRoot)('something of the tree is left: exit 1, and the receipt names it', async () => {
    const turning = await worker('turning', 'turns-nobody.mjs');
    const result = await kill('turning', '--yes', '--json', '--grace', '300');
    expect(result.code).toBe(1);
    expect(receiptIn(result)).toMatchObject({ ended: false, processes: [{ pid: turning.pid }] });
    expect(processes.isAlive(turning.pid)).toBe(true);
  });

  test('without a terminal and without a word: refuses, and says what to add', async () => {
    const running = await worker('only');
    for (const args of [['only'], ['only', '--json']]) {
      const result = await kill(...args);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/--dry-run .*--yes/);
    }
    expect(processes.isAlive(running.pid)).toBe(true);
  });

  test.each([
    [['--yes'], /kill needs ID/],
    [['a', 'b', '--yes'], /unexpected "b"/],
    [['a', '--yes', '--dry-run'], /exclude each other/],
    [['a', '--grace', 'soon', '--yes'], /--grace is "soon"; allowed is a whole number from 0 to 600000/],
    [['a', '--force'], /unknown option --force; known are --worker-dir, --workbench-dir, --dry-run, --yes, /],
    [['a', '--yes', '--yes'], /--yes is given twice/],
  ])('%j: exit 1, what is allowed in one line', async (args, message) => {
    const result = await runCli(programs.cli, ['kill', ...args], environment);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  describe('on a terminal', () => {
    test('shows the plan and asks; y ends it', async () => {
      const stubborn = await worker('stubborn', 'stubborn.mjs', ['--children', '2']);
      const run = onTerminal('stubborn', '--grace', '200');
      await run.until('End these 3 processes? [y/N]');
      for (const pid of stubborn.pids) expect(run.shown()).toContain(String(pid));
      expect(stubborn.pids.every(processes.isAlive)).toBe(true);
      run.type('y\r');
      expect(await run.ended).toBe(0);
      expect(run.shown()).toContain('stubborn has ended');
      expect(stubborn.pids.filter(processes.isAlive)).toEqual([]);
    });

    test.each([
      ['enter', '\r'],
      ['n', 'n\r'],
      ['a word that only begins like yes', 'yellow\r'],
      ['Ctrl-C', CTRL_C],
      ['the end of the input', CTRL_D],
    ])('%s ends nothing: exit 1', async (_, keys) => {
      const running = await worker('only');
      const run = onTerminal('only');
      await run.until('End this process? [y/N]');
      run.type(keys);
      expect(await run.ended).toBe(1);
      expect(run.shown()).toMatch(/nothing was (signalled|done)/);
      expect(processes.isAlive(running.pid)).toBe(true);
      expect(await audited()).toEqual([]);
    });
  });

  test('whoever reads the answer goes away, standard error too: it is ended all the same, and audited', async () => {
    const stubborn = await worker('stubborn', 'stubborn.mjs');
    const args = ['kill', 'stubborn', '--yes', '--grace', '300', '--worker-dir', state];
    const child = spawn(process.execPath, [programs.cli, ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await new Promise((done) => child.on('close', done))).toBe(0);
    expect(processes.isAlive(stubborn.pid)).toBe(false);
    expect(await audited()).toMatchObject([{ kind: 'kill_intent' }, { kind: 'kill_outcome' }]);
  });

  test('interrupted while it ends a worker: says that it goes on, and does', async () => {
    const stubborn = await worker('stubborn', 'stubborn.mjs');
    const args = ['kill', 'stubborn', '--yes', '--grace', '2000', '--worker-dir', state];
    const child = spawn(process.execPath, [programs.cli, ...args], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise((done) => child.on('close', (code, signal) => done(code ?? signal)));
    await waitFor('its ending has begun', () => auditedNow().length === 1);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(stderr).toContain('ending stubborn goes on to its end');
    expect(processes.isAlive(stubborn.pid)).toBe(false);
  });

  test('ended itself in the middle of it: the log says that it was cut short', async () => {
    const stubborn = await worker('stubborn', 'stubborn.mjs');
    const args = ['kill', 'stubborn', '--yes', '--grace', '60000', '--worker-dir', state];
    const child = spawn(process.execPath, [programs.cli, ...args], { env: environment, stdio: 'ignore' });
    const ended = new Promise((done) => child.on('close', done));
    await waitFor('its ending has begun', () => auditedNow().length === 1);
    expect((await runCli(programs.cli, ['log'], environment)).stdout).not.toContain('cut short');
    child.kill('SIGKILL');
    await ended;
    const { stdout } = await runCli(programs.cli, ['log'], environment);
    expect(stdout).toMatch(new RegExp(`cut short.*\\n .*stubborn \\(pid ${stubborn.pid}; from the command line\\)`));
  });

  test('an audit log that cannot be written: nothing is signalled, exit 1', async () => {
    const running = await worker('only');
    writeFileSync(join(base, 'state/idlewatch'), 'a file where the folder should be');
    const result = await kill('only', '--yes');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/audit log cannot be written .*Nothing was signalled/);
    expect(processes.isAlive(running.pid)).toBe(true);
  });
});
