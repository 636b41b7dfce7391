import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { checkOrphans } from '../../src/engine/act/orphans';
import { createEngine, type Engine } from '../../src/engine/engine';
import type { ProcessAddress } from '../../src/engine/ports';
import type { NewRun, RunRecord } from '../../src/engine/run-registry';
import { createRunFolder } from '../../src/host/command/run-folder';
import { createMachine, type Machine } from '../../src/host/machine';
import { ensureRunsFolder } from '../../src/host/state-folder';
import { defaultSettings, type Settings } from '../../src/shared/settings';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';

/** A registry that was edited, copied from another machine, or outlived a boot: nothing it names is taken at its word. */

const DAY_MS = 86_400_000;
const LINUX = process.platform === 'linux';
const processes = realProcesses();
let base: string;
let state: string;
let machine: Machine;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-hostile-')));
  state = join(base, 'state');
  machine = createMachine(state, { warn: (message) => expect.unreachable(message) });
});
afterEach(async () => {
  machine.close();
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

/** An engine as the app has it, that has read everything once and does nothing by itself. */
async function watching(folder = ensureRunsFolder(state), changes: Partial<Settings> = {}): Promise<Engine> {
  const settings = { ...defaultSettings(), ...changes };
  const roots = { 'supervised-run': [folder] };
  const engine = createEngine(machine, { settings: () => settings, roots, tell: () => undefined });
  engine.monitor.start();
  onTestFinished(() => engine.monitor.stop());
  await engine.monitor.firstReading();
  return engine;
}

function addressOf(pid: number): ProcessAddress {
  const look = machine.processTable.inspect(pid);
  if (look.liveness !== 'alive') throw new Error(`${pid} does not live`);
  return { pid, startTime: look.fact.startTime, ...machine.processTable.space() };
}

/** A run with its worker directory, written down as a supervisor that is gone by now would have. */
async function register(id: string, over: Partial<NewRun> = {}): Promise<RunRecord> {
  const { path } = createRunFolder(state).make(id);
  writeFileSync(join(path, 'agent.log'), 'said\n');
  const gone = { ...addressOf(process.pid), startTime: '1' };
  const given = { name: id, key: null, command: ['agent'], directory: path, workingDirectory: base };
  const begun = machine.runs.begin(
    { ...given, id, supervisor: gone, timeoutMs: null, idleTimeoutMs: null, ...over },
    () => 'gone',
  );
  if (!begun.ok) throw new Error('the key is held');
  return begun.run;
}

/** What another program might do to a row. */
function edit(id: string, column: string, value: string | number): void {
  const database = new DatabaseSync(join(state, 'idlewatch.db'));
  database.prepare(`UPDATE runs SET ${column} = ? WHERE id = ?`).run(value, id);
  database.close();
}

async function finishLongAgo(id: string): Promise<void> {
  await machine.runs.change(id, () => ({ state: 'succeeded', exitCode: 0 }));
  edit(id, 'finished_at', Date.now() - 30 * DAY_MS);
}

async function reap(engine: Engine) {
  const plan = await engine.reaper.plan();
  const answer = await engine.reaper.execute(plan.planId, { askedBy: 'test' });
  if (!answer.ok) throw new Error(answer.reason);
  return { plan, receipt: answer.receipt };
}

it('a finished run is removed from its own place, and nothing else that the registry names', async () => {
  const project = join(base, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'main.c'), 'precious');
  const { directory: own } = await register('own');
  const folder = ensureRunsFolder(state);
  const names = {
    elsewhere: project,
    other: own,
    upwards: `${folder}/../../project`,
    folder,
    state,
    root: '/',
    relative: 'project',
  };
  for (const [id, directory] of Object.entries(names)) {
    await register(id);
    edit(id, 'directory', directory);
    await finishLongAgo(id);
  }
  await finishLongAgo('own');
  const { receipt } = await reap(await watching());
  expect(receipt.removed.map(({ path }) => path)).toEqual([own]);
  expect(receipt.failed).toEqual([]);
  expect(existsSync(join(project, 'main.c'))).toBe(true);
  for (const id of Object.keys(names)) expect(existsSync(join(folder, id))).toBe(true);
});

it('rows that make no sense keep no other from being read, and nothing is done about them', async () => {
  const living = processes.run('sleep', ['600']);
  for (const id of ['good', 'bad-0', 'bad-1', 'bad-2', 'bad-3', 'bad-4']) await register(id, { key: id });
  edit('bad-0', 'command', 'null');
  edit('bad-1', 'command', '[1, {"a": []}]');
  edit('bad-2', 'supervisor', 'null');
  edit('bad-3', 'child', `{"pid": "${living.pid}", "startTime": 5}`);
  edit('bad-4', 'started_at', 9e15);
  edit('bad-4', 'name', '\u001b[2Jbad-4');
  edit('bad-2', 'reason', '\u001b]0;title\u0007');
  const database = new DatabaseSync(join(state, 'idlewatch.db'));
  for (const entry of ['null', '5', '[]', '{"kind": 5, "processes": {}}', '{"processes": [null]}']) {
    const put = "INSERT INTO audit (at, kind, plan_id, entry, writer) VALUES (1, 'kill_intent', ?, ?, 'null')";
    database.prepare(put).run(entry, entry);
  }
  database.exec("UPDATE leases SET holder = '[]' WHERE key = 'good'");
  database.close();

  const engine = await watching();
  const { workers } = engine.monitor.snapshot();
  expect(JSON.stringify(workers)).not.toContain('\\u001b');
  const names = workers.map(({ name }) => name.replace(/^.*bad/, 'bad')).sort();
  expect(names).toEqual(['bad-0', 'bad-1', 'bad-2', 'bad-3', 'bad-4', 'good']);
  for (const { id } of workers) expect(engine.killer.plan(id).processes).toEqual([]);
  await checkOrphans({ ...machine, table: machine.processTable });
  expect(machine.runs.get('good')?.state).toBe('failed');
  // Nobody knows whether those live.
  expect(['bad-2', 'bad-3'].map((id) => machine.runs.get(id)?.state)).toEqual(['running', 'running']);
  expect(machine.runs.lease('bad-2')).not.toBeNull();
  expect(new Date(machine.runs.get('bad-4')?.startedAt ?? Number.NaN).toISOString()).toBeTruthy();
  expect(machine.audit.entries(10)).toHaveLength(5);
  expect(machine.audit.unfinishedKills()).toHaveLength(5);
});

it('a link in the place of a finished run’s directory leads to nothing that is removed', async () => {
  const project = join(base, 'project');
  const { directory } = await register('swapped');
  await finishLongAgo('swapped');
  renameSync(directory, project);
  symlinkSync(project, directory);
  const { plan } = await reap(await watching());
  expect(plan.candidates).toEqual([]);
  expect(existsSync(join(project, 'agent.log'))).toBe(true);
});

it('runs are shown and removed also where the state folder is reached by a link', async () => {
  const { directory } = await register('linked');
  symlinkSync(state, join(base, 'link'));
  const engine = await watching(ensureRunsFolder(join(base, 'link')));
  expect(engine.monitor.snapshot().workers.map(({ name }) => name)).toEqual(['linked']);
  await finishLongAgo('linked');
  expect((await reap(engine)).receipt.removed.map(({ path }) => path)).toEqual([directory]);
});

it('a run is not over its time because the machine slept, or its clock was set, before idlewatch looked', async () => {
  const command = processes.run('sleep', ['600']);
  const { directory } = await register('timed', { supervisor: addressOf(process.pid), timeoutMs: 60_000 });
  await machine.runs.change('timed', () => ({ child: addressOf(command.pid) }));
  edit('timed', 'started_at', Date.now() - DAY_MS);
  const beat = { status: 'busy', ts: new Date().toISOString(), pid: command.pid, interval_ms: 10_000 };
  writeFileSync(join(directory, 'heartbeat.json'), JSON.stringify(beat));
  const engine = await watching();
  expect(engine.monitor.lookNow('supervised-run:timed')).toMatchObject({ state: 'busy', health: 'healthy' });
});

it.runIf(LINUX)(
  'a run that ended by itself while it was looked at is no orphan, whatever it left running',
  async () => {
    const { directory } = await register('done');
    const daemon = processes.run('sleep', ['600'], { env: { ...process.env, IDLEWATCH_WORKER_DIR: directory } });
    await waitFor('it carries the mark', () =>
      machine.processTable.environmentValue(daemon.pid, 'IDLEWATCH_WORKER_DIR'),
    );
    const listed = machine.runs.list(['running']);
    await machine.runs.change('done', () => ({ state: 'succeeded', exitCode: 0 }));
    const orphans: string[] = [];
    const runs = { ...machine.runs, list: () => listed };
    const changed = await checkOrphans({ runs, table: machine.processTable, onOrphan: ({ id }) => orphans.push(id) });
    expect({ changed, orphans }).toEqual({ changed: [], orphans: [] });
    await checkOrphans({ ...machine, table: machine.processTable, onOrphan: ({ id }) => orphans.push(id) });
    expect(orphans).toEqual([]);
    expect(machine.runs.get('done')?.state).toBe('succeeded');
  },
);

it.runIf(LINUX)(
  'a process of another boot, or in another container, is never a run’s, whatever pid and start it had',
  async () => {
    const innocent = processes.run('sleep', ['600']);
    const child = addressOf(innocent.pid);
    await register('before');
    await machine.runs.change('before', () => ({ child: { ...child, bootId: 'another boot' } }));
    await register('inside');
    await machine.runs.change('inside', () => ({ child: { ...child, pidNamespace: 'pid:[1]' } }));
    const engine = await watching();
    for (const id of ['before', 'inside']) {
      const plan = engine.killer.plan(`supervised-run:${id}`);
      expect(plan).toMatchObject({ processes: [], refused: expect.stringContaining('Nothing can be ended') });
    }
    await checkOrphans({ ...machine, table: machine.processTable });
    expect(machine.runs.get('before')).toMatchObject({ state: 'failed' });
    expect(processes.isAlive(innocent.pid)).toBe(true);
  },
);

it.runIf(LINUX)('a row that names a process of somebody’s terminal ends nothing', async () => {
  const shell = processes.run('sh', ['-c', 'sleep 600 & wait']);
  const member = await waitFor('the shell has started something', () => {
    const listed = machine.processTable.list();
    return listed.ok && listed.processes.find(({ sessionId, pid }) => sessionId === shell.pid && pid !== shell.pid);
  });
  await register('edited');
  await machine.runs.change('edited', () => ({ child: addressOf(member.pid) }));
  const plan = (await watching()).killer.plan('supervised-run:edited');
  expect(plan).toMatchObject({ processes: [], refused: expect.stringContaining('Nothing can be ended') });
});

it.runIf(LINUX)(
  'what is left in the session of a run is accounted for and can be ended, without any mark',
  async () => {
    const command = processes.run('sh', ['-c', 'sleep 600 & sleep 600 & wait']);
    const left = await waitFor('both sleep', () => {
      const listed = machine.processTable.list();
      const found = listed.ok
        ? listed.processes.filter((fact) => fact.ppid === command.pid && fact.name === 'sleep')
        : [];
      return found.length === 2 ? found.map(({ pid }) => pid) : null;
    });
    await register('lost');
    await machine.runs.change('lost', () => ({ child: addressOf(command.pid) }));
    machine.runs.beat('lost', 0);
    process.kill(command.pid, 'SIGKILL');
    await waitFor('its first process has ended', () => !processes.isAlive(command.pid));
    const bystander = processes.run('sleep', ['600']);

    await checkOrphans({ ...machine, table: machine.processTable });
    expect(machine.runs.get('lost')).toMatchObject({
      state: 'orphaned',
      reason: expect.stringContaining('2 processes'),
    });
    const engine = await watching();
    const id = 'supervised-run:lost';
    await waitFor('it can be ended from the window', () => engine.monitor.lookNow(id)?.canEnd);
    const plan = engine.killer.plan(id);
    expect(plan.processes.map(({ pid }) => pid).sort()).toEqual([...left].sort());
    const answer = await engine.killer.execute(plan.planId, { acceptShared: false, askedBy: 'test', why: 'why' });
    expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
    expect(left.filter(processes.isAlive)).toEqual([]);
    expect(processes.isAlive(bystander.pid)).toBe(true);
    await checkOrphans({ ...machine, table: machine.processTable });
    expect(machine.runs.get('lost')?.state).toBe('killed');
  },
);
