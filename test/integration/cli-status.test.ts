import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import packageJson from '../../package.json';
import { buildPrograms, type Programs } from './support/programs';
import { type CliRun, cleanEnvironment, runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

let programs: Programs;
let root: string;
let base: string;
let run: string;
let environment: Record<string, string>;
let count = 0;

beforeAll(async () => {
  programs = await buildPrograms(['cli', 'demo']);
  root = mkdtempSync(join(tmpdir(), 'idlewatch-cli-test-'));
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  programs?.remove();
});

beforeEach(() => {
  count += 1;
  base = join(root, String(count));
  run = join(base, 'my-run');
  mkdirSync(run, { recursive: true });
  environment = cleanEnvironment(base);
});

function worker(name: string, heartbeat: object, state = run): string {
  const directory = join(state, 'workers', name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'heartbeat.json'), JSON.stringify(heartbeat));
  return directory;
}

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const status = (...args: string[]): Promise<CliRun> => runCli(programs.cli, ['status', ...args], environment);
const watched = (...args: string[]): Promise<CliRun> => status('--worker-dir', run, ...args);

const time = z.iso.datetime({ precision: 3 });
const amount = z.number().min(0);
const length = z.int().min(0);
const answerSchema = z.strictObject({
  schema: z.literal(1),
  takenAt: time,
  overall: z.enum(['idle', 'busy', 'stalled']),
  sentence: z.string().min(1),
  idle: z.strictObject({
    isIdle: z.boolean(),
    reason: z.string(),
    trafficRate: amount,
    idleTimeoutMs: amount,
    sinceTrafficMs: length.nullable(),
    trafficCount: amount,
  }),
  memory: z.strictObject({
    totalBytes: z.number().positive(),
    usedBytes: z.number().positive(),
    workersRssBytes: amount.nullable(),
    growing: z.boolean(),
    overThreshold: z.boolean(),
  }),
  issuesFound: z.array(z.string()),
  workers: z.array(
    z.strictObject({
      id: z.string(),
      runId: z.string(),
      source: z.enum(['worker-directory', 'workbench', 'supervised-run']),
      parentId: z.string().nullable(),
      name: z.string(),
      role: z.string().nullable(),
      health: z.enum(['healthy', 'late', 'stalled', 'dead', 'unknown']),
      state: z.enum(['starting', 'ready', 'busy', 'waiting', 'stalled', 'dead', 'stopped']),
      reason: z.string().min(1),
      failure: z.enum(['failed', 'timed_out']).nullable(),
      since: time,
      needsPerson: z.boolean(),
      snoozed: z.boolean(),
      lastHeartbeatAt: time.nullable(),
      heartbeatAgeMs: length.nullable(),
      heartbeatContent: z
        .strictObject({
          status: z.string().nullable(),
          name: z.string().nullable(),
          ts: z.string().nullable(),
          pid: z.number().nullable(),
          startedAt: time.nullable(),
          intervalMs: z.number().nullable(),
          task: z
            .strictObject({ id: z.string().nullable(), title: z.string().nullable(), startedAt: time.nullable() })
            .nullable(),
          phase: z.string().nullable(),
          progress: z.string().nullable(),
          silentUntil: time.nullable(),
          message: z.string().nullable(),
        })
        .nullable(),
      inboxCount: length.nullable(),
      outboxCount: length.nullable(),
      pid: z.number().nullable(),
      liveness: z.enum(['alive', 'gone', 'unknown']),
      idle: z
        .strictObject({
          status: z.enum(['active', 'idle', 'timed_out']),
          activeAt: time.nullable(),
          thresholdMs: amount,
        })
        .nullable(),
      usage: z.strictObject({ tokens: amount.nullable(), cost: amount.nullable() }).nullable(),
      evidence: z
        .array(
          z.strictObject({
            kind: z.string(),
            level: z.enum(['info', 'warn', 'fault']),
            text: z.string(),
            at: time.nullable(),
            ageMs: length.nullable(),
          }),
        )
        .min(1),
    }),
  ),
});

function answer({ stdout }: CliRun): z.infer<typeof answerSchema> {
  return answerSchema.parse(JSON.parse(stdout));
}

test('all well: exit 0, the whole answer as JSON', async () => {
  const started = ago(60_000);
  const task = { id: 7, title: 'Mend the parser', started_at: ago(5_000) };
  const directory = worker('coder', { status: 'busy', ts: ago(500), started_at: started, task, progress: 0.5 });
  writeFileSync(join(directory, 'inbox.jsonl'), '{"id":"6","task":"a"}\n{"id":"7","task":"b"}\n');
  writeFileSync(join(directory, 'outbox.jsonl'), '{"task_id":"6","status":"success"}\n');
  worker('asker', { status: 'waiting', ts: ago(100), message: 'May I?' });

  const result = await watched('--json');
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const { workers, ...head } = answer(result);
  expect(head).toMatchObject({ overall: 'busy', issuesFound: [] });
  expect(Math.abs(Date.parse(head.takenAt) - Date.now())).toBeLessThan(15_000);
  const byName = Object.fromEntries(workers.map((each) => [each.name, each]));
  expect(byName.coder).toMatchObject({
    runId: 'my-run',
    state: 'busy',
    health: 'healthy',
    inboxCount: 2,
    outboxCount: 1,
    pid: null,
    heartbeatContent: { startedAt: started, task: { id: '7', title: 'Mend the parser', startedAt: task.started_at } },
  });
  expect(byName.asker).toMatchObject({ state: 'waiting', reason: expect.stringContaining('May I?') });
});

test('a dead worker: exit 2, an issue that names it', async () => {
  worker('gone', { status: 'busy', ts: ago(120_000) });
  worker('well', { status: 'ready', ts: ago(100) });
  const result = await watched('--json');
  expect(result).toMatchObject({ code: 2, stderr: '' });
  const { overall, issuesFound, workers } = answer(result);
  expect(overall).toBe('stalled');
  expect(issuesFound).toHaveLength(1);
  expect(issuesFound[0]).toContain('gone');
  expect(workers.find(({ name }) => name === 'gone')).toMatchObject({ state: 'dead', health: 'dead' });
});

test('a live process that fell silent: exit 2, stalled and not dead', async () => {
  const directory = join(run, 'workers', 'stalls');
  const args = ['worker', '--behaviour', 'stalls', '--directory', directory, '--speed', '100', '--until-stdin-closes'];
  const agent = spawn(process.execPath, [programs.demo, ...args], { stdio: ['pipe', 'ignore', 'inherit'] });
  try {
    const result = await waitFor('it is found stalled', async () => {
      const each = await watched('--json', '--heartbeat-missing-secs', '1');
      return each.code === 2 ? each : null;
    });
    expect(answer(result).workers).toMatchObject([
      { state: 'stalled', health: 'stalled', liveness: 'alive', pid: agent.pid, role: 'debugger' },
    ]);
    expect(agent.exitCode).toBeNull();
  } finally {
    agent.stdin.end();
  }
});

test('a worker that crashed just now: exit 2, dead, long before its silence would tell', async () => {
  const directory = join(run, 'workers', 'crashes');
  const args = ['worker', '--behaviour', 'crashes', '--directory', directory, '--speed', '100'];
  const agent = spawn(process.execPath, [programs.demo, ...args], { stdio: 'ignore' });
  expect(await new Promise((done) => agent.on('exit', done))).toBe(1);
  const result = await watched('--json');
  expect(result.code).toBe(2);
  expect(answer(result).workers).toMatchObject([{ state: 'dead', liveness: 'gone', pid: agent.pid }]);
});

test('what was silent for hours before is history: exit 0', async () => {
  const directory = worker('old', { status: 'busy', ts: ago(5 * 3_600_000) });
  utimesSync(join(directory, 'heartbeat.json'), new Date(0), new Date(Date.now() - 5 * 3_600_000));
  const result = await watched('--json');
  expect(result.code).toBe(0);
  expect(answer(result).workers).toMatchObject([{ state: 'stopped' }]);
});

test('the table: the sentence first, one line for each worker, no colours in a pipe', async () => {
  worker('gone', { status: 'busy', ts: ago(130_000) });
  worker('well', { status: 'ready', ts: ago(100) });
  const { stdout, code } = await watched();
  expect(code).toBe(2);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^■ 1 of 2 workers is dead/);
  expect(lines[2]).toMatch(/^State +Worker +Heartbeat +In +Out +Pid +Why$/);
  expect(lines[3]).toMatch(/^✕ dead +gone +2:1\d +– +– +– +\S/);
  expect(lines[4]).toMatch(/^○ ready +well +0:0\d/);
  expect(lines).toHaveLength(5);
  expect(stdout).not.toContain('\u001b');
});

test('options lie over the environment, the environment over settings.json, that over the defaults', async () => {
  worker('quiet', { status: 'ready', ts: ago(120_000) });
  expect((await watched()).code).toBe(2);
  mkdirSync(join(base, 'config/idlewatch'), { recursive: true });
  writeFileSync(
    join(base, 'config/idlewatch/settings.json'),
    '{"heartbeat_missing_secs": 600, "heartbeat_stale_secs": 900}',
  );
  expect((await watched()).code).toBe(0);
  environment.heartbeat_missing_secs = '60';
  expect((await watched()).code).toBe(2);
  expect((await watched('--heartbeat-missing-secs', '300')).code).toBe(0);
});

test('wrong settings in the file or the environment are told, and do not keep anyone from looking', async () => {
  worker('well', { status: 'ready', ts: ago(100) });
  mkdirSync(join(base, 'config/idlewatch'), { recursive: true });
  writeFileSync(join(base, 'config/idlewatch/settings.json'), '{"heartbeat_missing_secs": "soon", "colour": 1}');
  environment.killGraceMs = '-1';
  const result = await watched('--json');
  expect(result.code).toBe(0);
  expect(answer(result).workers).toHaveLength(1);
  expect(result.stderr).toMatch(/settings.json: heartbeat_missing_secs is "soon"; allowed is a number from 1/);
  expect(result.stderr).toMatch(/"colour" is not a setting/);
  expect(result.stderr).toMatch(/environment: killGraceMs is -1; allowed is a whole number from 0/);

  writeFileSync(join(base, 'config/idlewatch/settings.json'), '{"heartbeat_missing');
  const broken = await watched();
  expect(broken.code).toBe(0);
  expect(broken.stderr).toMatch(/settings.json is not valid JSON/);
});

test('without --worker-dir: the directories in the settings and those below the state directory', async () => {
  worker('named', { status: 'ready', ts: ago(100) });
  worker('found', { status: 'ready', ts: ago(100) }, join(base, 'state/omk/project/run-1'));
  expect(answer(await status('--json')).workers.map(({ name }) => name)).toEqual(['found']);
  const both = answer(await status('--json', '--worker-dirs', run));
  expect(both.workers.map(({ name }) => name).sort()).toEqual(['found', 'named']);
  expect(new Set(both.workers.map(({ runId }) => runId))).toEqual(new Set(['my-run', 'run-1']));
  const only = answer(await watched('--json'));
  expect(only.workers.map(({ name }) => name)).toEqual(['named']);
});

test('workbenches beside workers: with --workbench-dir, from the settings, and the kind in the table', async () => {
  const benches = join(base, 'benches');
  const bench = join(benches, `mend-docs-${Math.floor(Date.now() / 1000) - 120}`);
  mkdirSync(bench, { recursive: true });
  writeFileSync(join(bench, 'agent.log'), 'mending\n');
  mkdirSync(join(benches, 'no-workbench'));
  environment.TMUX_TMPDIR = base;
  worker('well', { status: 'ready', ts: ago(100) });
  const both = answer(await watched('--json', '--workbench-dir', benches));
  expect(both.workers.map(({ source }) => source).sort()).toEqual(['workbench', 'worker-directory']);
  const { stdout } = await watched('--workbench-dir', benches);
  expect(stdout).toMatch(/^State +Worker +Kind +Heartbeat/m);
  expect(stdout).toMatch(/mend-docs\S* +workbench /);
  expect((await watched()).stdout).not.toContain('Kind');
  environment.workbenchDirs = benches;
  expect(answer(await status('--json')).workers.map(({ source }) => source)).toEqual(['workbench']);
  const wrong = await status('--workbench-dir', '/nowhere/at/all');
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toContain('--workbench-dir /nowhere/at/all: ');
});

test('supervised runs are among the workers, unless directories are given', async () => {
  await runCli(programs.cli, ['run', '--name', 'quick', '--', process.execPath, '-e', ''], environment);
  const { workers } = answer(await status('--json'));
  expect(workers).toMatchObject([{ source: 'supervised-run', name: 'quick', state: 'stopped' }]);
  expect(answer(await watched('--json')).workers).toEqual([]);
});

test('with nothing to watch it says so and exits 0', async () => {
  const table = await status();
  expect(table).toMatchObject({ code: 0, stderr: '' });
  expect(table.stdout.trim()).not.toBe('');
  expect(answer(await status('--json')).workers).toEqual([]);
});

test('a reading writes nothing', async () => {
  worker('well', { status: 'ready', ts: ago(100) });
  const everything = () => readdirSync(base, { recursive: true }).sort();
  const before = everything();
  await watched();
  expect(everything()).toEqual(before);
});

test.each([
  [['status', '--worker-dir', '/nowhere/at/all'], /--worker-dir \/nowhere\/at\/all: /],
  [['status', '--wroker-dir', 'x'], /unknown option --wroker-dir; known are --worker-dir, /],
  [['status', '--heartbeat-missing-secs', 'soon'], /--heartbeat-missing-secs is "soon"; allowed is a number from 1/],
  [['status', '--min-idle-timeout-ms', '90000'], /allowed is MIN_IDLE_TIMEOUT_MS ≤ INITIAL_IDLE_TIMEOUT_MS/],
  [['look'], /unknown command "look"; known are status, watch, /],
  [[], /no command/],
])('%j: exit 1, one line on standard error, nothing on standard output', async (args, message) => {
  const result = await runCli(programs.cli, args, environment);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(message);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('--help lists the commands, --version tells the version', async () => {
  const help = await runCli(programs.cli, ['--help'], environment);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: idlewatch COMMAND/);
  for (const name of ['status', 'kill', 'reap', 'run', 'runs', 'log']) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  }
  const version = await runCli(programs.cli, ['--version'], environment);
  expect(version).toMatchObject({ code: 0, stdout: `${packageJson.version}\n` });
});

test.each(['status', 'kill', 'reap', 'run', 'runs', 'log'])('%s --help tells all of it', async (name) => {
  const help = await runCli(programs.cli, [name, '--help'], environment);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(new RegExp(`^Usage: idlewatch ${name}\\b`));
  expect(help.stdout).toMatch(/exit/i);
});

test('options may stand before the command', async () => {
  worker('well', { status: 'ready', ts: ago(100) });
  const result = await runCli(programs.cli, ['--worker-dir', run, 'status', '--json'], environment);
  expect(result.code).toBe(0);
  expect(answer(result).workers).toHaveLength(1);
});

test('a reader that goes away early is no error', async () => {
  for (let each = 0; each < 300; each += 1) worker(`worker-${each}`, { status: 'ready', ts: ago(100) });
  const child = spawn(process.execPath, [programs.cli, 'status', '--json', '--worker-dir', run], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((done) => child.on('close', done));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.runIf(existsSync('/dev/full'))('an answer that cannot be written is an error, told in a line', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [programs.cli, 'status', '--worker-dir', run], {
    env: environment,
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((done) => child.on('close', done));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^idlewatch: the answer cannot be written: .*ENOSPC.*\n$/),
  });
});
