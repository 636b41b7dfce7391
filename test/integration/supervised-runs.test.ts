import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/engine';
import { livenessOf } from '../../src/engine/observe/address';
import type { RunRecord, RunState } from '../../src/engine/run-registry';
import { createMachine, type Machine } from '../../src/host/machine';
import { ensureRunsFolder } from '../../src/host/state-folder';
import type { MonitorEvent, WorkerRow } from '../../src/shared/model';
import { defaultSettings, type Settings } from '../../src/shared/settings';
import { buildPrograms, type Programs } from './support/programs';
import { type RealProcesses, type Running, realProcesses } from './support/real-processes';
import { cleanEnvironment } from './support/run-cli';
import { waitFor } from './support/wait-for';

const RECORD = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/scenarios/claude-code/record.json'), 'utf8'),
);

/** Real commands under the real `idlewatch run`, watched by the engine as the app has it. */

let programs: Programs;
let base: string;
let environment: Record<string, string>;
let state: string;
const processes: RealProcesses = realProcesses();

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
}, 60_000);
afterAll(() => programs?.remove());
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-runs-')));
  environment = { ...cleanEnvironment(base), TMUX_TMPDIR: base };
  state = join(base, 'state', 'idlewatch');
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

/** Start a command under a supervisor; everything of it is ended with the test. */
function supervise(...args: string[]): Running {
  return processes.run(process.execPath, [programs.cli, 'run', ...args], {
    env: environment,
    cwd: base,
    stdio: 'ignore',
  });
}

interface Watching {
  machine: Machine;
  engine: Engine;
  events: MonitorEvent[];
  row(name: string): WorkerRow | undefined;
  run(name: string, state?: RunState): RunRecord | undefined;
}

function watch(changes: Partial<Settings> = {}, change: (machine: Machine) => Partial<Machine> = () => ({})): Watching {
  const own = createMachine(state, { warn: (message) => expect.unreachable(message) });
  const machine = { ...own, ...change(own) };
  const settings = { ...defaultSettings(), killGraceMs: 500, ...changes };
  const engine = createEngine(machine, {
    settings: () => settings,
    roots: { 'supervised-run': [ensureRunsFolder(state)], 'claude-code': [join(base, 'claude')] },
    tell: () => undefined,
  });
  const events: MonitorEvent[] = [];
  engine.monitor.onEvent((event) => events.push(event));
  engine.start();
  onTestFinished(async () => {
    await engine.stop();
    machine.close();
  });
  return {
    machine,
    engine,
    events,
    row: (name) => engine.monitor.snapshot().workers.find((row) => row.name === name),
    run(name, wanted) {
      const found = machine.runs.list().find((run) => run.name === name && (!wanted || run.state === wanted));
      if (found?.child) processes.adopt(found.child.pid);
      return found;
    },
  };
}

function waitSync(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}

const started = (watching: Watching, name: string) =>
  waitFor(`${name} is busy with a verified process`, () => {
    const row = watching.row(name);
    const isKnown = row?.pid != null && row.pid === watching.run(name)?.child?.pid;
    return isKnown && row.state === 'busy' && row.liveness === 'alive' ? row : null;
  });

test('a command is a busy worker from its start, and says afterwards how it ended', async () => {
  const watching = watch();
  const fifo = join(base, 'go');
  const { child } = supervise('--name', 'build', '--', 'sh', '-c', `mkfifo ${fifo}; read x < ${fifo}; exit 3`);
  const row = await started(watching, 'build');
  expect(row).toMatchObject({ source: 'supervised-run', health: 'healthy', reason: expect.stringContaining('sh -c') });
  expect(row.pid).toBe(watching.run('build')?.child?.pid);
  await waitFor('the command waits', () => existsSync(fifo));
  processes.run('sh', ['-c', `echo x > ${fifo}`]);
  await new Promise((done) => child.once('exit', done));
  await waitFor('it is shown as stopped', () => watching.row('build')?.state === 'stopped');
  expect(watching.row('build')).toMatchObject({ needsPerson: false, failure: 'failed', reason: 'Failed: exit code 3' });
  expect(watching.events.filter(({ kind }) => kind === 'stalled' || kind === 'dead')).toEqual([]);
});

test('one that ends between two looks at the same moment is no orphan', async () => {
  const fifo = join(base, 'go');
  let mayEnd = false;
  /** The command and its supervisor end when their state has just been read, and are gone when it is looked at. */
  const endAfter = ({ runs, processTable }: Machine): Pick<Machine, 'runs'> => ({
    runs: Object.assign(Object.create(runs), {
      get(id: string) {
        const read = runs.get(id);
        if (!read || !mayEnd) return read;
        mayEnd = false;
        writeFileSync(fifo, 'x\n');
        while (livenessOf(processTable, read.supervisor) !== 'gone') waitSync(10);
        return read;
      },
    }),
  });
  supervise('--name', 'build', '--', 'sh', '-c', `mkfifo ${fifo}; read x < ${fifo}; exit 3`);
  const watching = watch({}, endAfter);
  const { id } = await started(watching, 'build');
  await waitFor('the command waits', () => existsSync(fifo));
  mayEnd = true;
  watching.engine.monitor.lookNow(id);
  await waitFor('it is shown as stopped', () => watching.row('build')?.state === 'stopped');
  expect(mayEnd).toBe(false);
  expect(watching.events.filter(({ kind }) => kind === 'stalled' || kind === 'dead')).toEqual([]);
});

test('ended through idlewatch it is killed, not failed, and its supervisor ends by the same signal', async () => {
  const watching = watch();
  const { child } = supervise('--name', 'server', '--', 'sleep', '600');
  const bystander = processes.run('sleep', ['600']);
  const row = await started(watching, 'server');
  const plan = watching.engine.killer.plan(row.id);
  expect(plan.processes.map(({ pid }) => pid)).toEqual([row.pid]);
  const exit = new Promise((done) => child.once('exit', (_code, signal) => done(signal)));
  const answer = await watching.engine.killer.execute(plan.planId, {
    acceptShared: false,
    askedBy: 'test',
    why: 'why',
  });
  expect(answer).toMatchObject({ ok: true, receipt: { ended: true, why: 'why' } });
  expect(await exit).toBe('SIGTERM');
  expect(watching.run('server')).toMatchObject({ state: 'killed', reason: 'ended by a test (why)' });
  expect(processes.isAlive(bystander.pid)).toBe(true);
});

test('a run whose supervisor was killed is orphaned, offered for ending, and then accounted for', async () => {
  const watching = watch();
  const supervisor = supervise('--name', 'lost', '--', 'sleep', '600');
  const { pid } = await started(watching, 'lost');
  process.kill(supervisor.pid, 'SIGKILL');
  const row = await waitFor('it is stalled, orphaned', () => {
    const found = watching.row('lost');
    if (found) watching.engine.monitor.lookNow(found.id);
    return found?.state === 'stalled' && found.canEnd ? found : null;
  });
  expect(row).toMatchObject({ needsPerson: true, canEnd: true, pid, reason: expect.stringMatching(/^Orphaned: /) });
  expect(processes.isAlive(pid ?? 0)).toBe(true);

  const later = watch();
  await waitFor('the next start writes it down', () => later.run('lost', 'orphaned'));
  const told = [...watching.events, ...later.events].filter(({ text }) => text.startsWith('Orphaned: '));
  expect(told.map(({ kind }) => kind)).toEqual(['stalled', 'stalled']);
  const plan = later.engine.killer.plan(row.id);
  const answer = await later.engine.killer.execute(plan.planId, { acceptShared: false, askedBy: 'test', why: 'why' });
  expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
  const last = watch();
  await waitFor('the start after that accounts for it', () => last.run('lost', 'killed'));
});

/** Let a process be a session of Claude Code, as the program itself would write it down. */
function asSession(pid: number, name: string, { processTable }: Machine): void {
  const look = processTable.inspect(pid);
  if (look.liveness !== 'alive') throw new Error(`${pid} does not live`);
  const now = Date.now();
  const times = { startedAt: now, updatedAt: now, statusUpdatedAt: now };
  const session = { ...RECORD, ...times, pid, procStart: look.fact.startTime, sessionId: name, name, status: 'busy' };
  mkdirSync(join(base, 'claude', 'sessions'), { recursive: true });
  writeFileSync(join(base, 'claude', 'sessions', `${pid}.json`), JSON.stringify(session));
}

test('a session that runs in it ends with it, and is no news; one beside it goes on', async () => {
  supervise('--name', 'outer', '--', 'sh', '-c', 'sleep 600 & wait');
  const beside = processes.run('sleep', ['600']);
  const watching = watch({ sweepIntervalMs: 1_000 });
  const { id } = await started(watching, 'outer');
  const inner = await waitFor('its command has a child', () => {
    const listed = watching.machine.processTable.list();
    const shell = watching.run('outer')?.child?.pid;
    return listed.ok ? listed.processes.find(({ ppid, name }) => ppid === shell && name === 'sleep') : null;
  });
  asSession(inner.pid, 'inner', watching.machine);
  asSession(beside.pid, 'beside', watching.machine);
  await waitFor('the session is known to run in it', () => watching.row('inner')?.parentId === id);
  await waitFor('the other one is seen', () => watching.row('beside')?.liveness === 'alive');

  const plan = watching.engine.killer.plan(id);
  expect(plan).toMatchObject({ refused: null, sharedWith: [], spared: [] });
  expect(plan.steps[0]).toBe('End with it inner, which runs in it.');
  expect(plan.processes.map(({ pid }) => pid)).toContain(inner.pid);
  const answer = await watching.engine.killer.execute(plan.planId, {
    ...{ acceptShared: false, askedBy: 'test', why: 'for a test' },
  });
  expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
  await waitFor('the session has stopped', () => watching.row('inner')?.state === 'stopped');
  expect(watching.row('inner')?.reason).toMatch(/^Ended from idlewatch/);
  expect(watching.events.filter(({ kind }) => kind === 'dead')).toEqual([]);
  expect(watching.row('beside')).toMatchObject({ liveness: 'alive', parentId: null });
  expect(processes.isAlive(beside.pid)).toBe(true);
});

test('an orphan is ended at the next start where the settings say so, with all that carries its mark', async () => {
  const supervisor = supervise(
    '--name',
    'lost',
    '--',
    'sh',
    '-c',
    'setsid sleep 601 & setsid sleep 602 & exec sleep 600',
  );
  const first = watch();
  const bystander = processes.run('sleep', ['600']);
  await started(first, 'lost');
  process.kill(supervisor.pid, 'SIGKILL');
  const run = first.run('lost');
  const sleepers = await waitFor('all three sleep', () => {
    const listed = first.machine.processTable.list();
    const marked = listed.ok
      ? listed.processes.filter(
          ({ pid }) => first.machine.processTable.environmentValue(pid, 'IDLEWATCH_WORKER_DIR') === run?.directory,
        )
      : [];
    for (const { pid } of marked) processes.adopt(pid);
    return marked.filter(({ name }) => name === 'sleep').length === 3 ? marked : null;
  });
  const next = watch({ orphanedRuns: 'end' });
  await waitFor('the orphan is ended', () => sleepers.every(({ pid }) => !processes.isAlive(pid)));
  expect(processes.isAlive(bystander.pid)).toBe(true);
  const receipt = await waitFor('it is told', () => next.events.find(({ kind }) => kind === 'kill_ended'));
  expect(receipt.text).toMatch(/^lost has ended: 3 processes/);
});

test('what its supervisor tells of becomes an event, once', async () => {
  const watching = watch();
  const { child } = supervise('--name', 'loud', '--max-output', '20kB', '--', 'sh', '-c', 'yes | head -c 200000');
  await new Promise((done) => child.once('exit', done));
  const told = () => watching.events.filter(({ kind, workerName }) => kind === 'notice' && workerName === 'loud');
  await waitFor('the cut output is told of', () => {
    const row = watching.row('loud');
    if (row) watching.engine.monitor.lookNow(row.id);
    return row?.state === 'stopped' && told().length > 0;
  });
  expect(told().map(({ text }) => text)).toEqual([expect.stringMatching(/the middle of it is dropped/)]);
  const next = watch();
  await next.engine.monitor.firstReading();
  expect(next.row('loud')?.state).toBe('stopped');
  expect(next.events.filter(({ kind }) => kind === 'notice')).toEqual([]);
});
