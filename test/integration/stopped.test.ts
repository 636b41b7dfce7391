import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProcessTable } from '../../src/host/process-table';
import type { Told } from '../fixtures/programs/watches';
import { makeWorkerDir } from '../fixtures/worker-dir';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';

const PROGRAMS = join(import.meta.dirname, '../fixtures/programs');
const MISSING_SECS = 5;
const GRACE_MS = 4_000;
const STOPPED_MS = 2 * MISSING_SECS * 1_000 + 500;

const processes = realProcesses();
const table = createProcessTable();
let base: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-stopped-')));
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

/** A real worker that beats five times a second, saying this. */
function startAgent(name: string, status: string): number {
  const directory = makeWorkerDir(join(base, 'workers'), name);
  const options = { cwd: directory, stdio: ['pipe' as const, 'ignore' as const, 'inherit' as const] };
  const { pid, child } = processes.run(process.execPath, [join(PROGRAMS, 'agent.mjs'), directory], options);
  child.stdin?.write(`${JSON.stringify({ status, every_ms: 200 })}\n`);
  return pid;
}

/** idlewatch in a process of its own, and all it has told so far. */
function startWatching(): { pid: number; told: Told[]; states(): Record<string, string>; hold(): string | null } {
  const settings = {
    ...{ heartbeat_missing_secs: MISSING_SECS, heartbeat_stale_secs: 60 },
    ...{ wakeGraceMs: GRACE_MS, startupGraceMs: 1_000 },
  };
  const args = [join(PROGRAMS, 'watches.ts'), join(base, 'state'), join(base, 'workers'), JSON.stringify(settings)];
  const { pid, child } = processes.run(process.execPath, ['--import', 'tsx', ...args]);
  const told: Told[] = [];
  createInterface(child.stdout!).on('line', (line) => told.push(JSON.parse(line) as Told));
  const latest = () => told.findLast((each) => 'states' in each) as Extract<Told, { states: unknown }> | undefined;
  return { pid, told, states: () => latest()?.states ?? {}, hold: () => latest()?.hold ?? null };
}

const isStopped = (pid: number) => {
  const look = table.inspect(pid);
  return look.liveness === 'alive' && look.fact.stat === 'T';
};
const pass = (ms: number) => new Promise((done) => setTimeout(done, ms));

it.runIf(process.platform === 'linux')(
  'idlewatch and all it watches stopped for two thresholds: nobody is stalled or dead for that',
  async () => {
    const agents = [startAgent('busy', 'working'), startAgent('free', 'idle'), startAgent('asking', 'waiting')];
    const watching = startWatching();
    const well = { busy: 'busy', free: 'ready', asking: 'waiting' };
    const areWell = () =>
      JSON.stringify(Object.entries(watching.states()).sort()) === JSON.stringify(Object.entries(well).sort());
    await waitFor('all are well', areWell);

    const all = [watching.pid, ...agents];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    await waitFor('all have stopped', () => all.every(isStopped));
    const before = watching.told.length;
    await pass(STOPPED_MS);
    process.kill(watching.pid, 'SIGCONT');
    // Those it watches come back later than idlewatch itself, as after a wake-up: for now they look silent for long.
    await waitFor('verdicts hold', () => watching.hold() !== null);
    await pass(GRACE_MS / 2);
    for (const pid of agents) process.kill(pid, 'SIGCONT');
    await waitFor('verdicts hold no longer', () => watching.hold() === null);
    await pass(1_000);

    expect(watching.states()).toEqual(well);
    const since = watching.told.slice(before);
    const alarms = since.filter((each) => 'event' in each && ['stalled', 'dead'].includes(each.event));
    expect(alarms).toEqual([]);
    const bad = since.filter(
      (each) => 'states' in each && Object.values(each.states).some((state) => /stalled|dead/.test(state)),
    );
    expect(bad).toEqual([]);
    const held = since.filter((each) => 'event' in each && each.event === 'held');
    expect(held).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/idlewatch itself stood still for 1\d s/) }),
    ]);

    // A worker that stays stopped while idlewatch runs on is silent, and told of.
    process.kill(agents[0]!, 'SIGSTOP');
    await waitFor('it is stalled', () => watching.states().busy === 'stalled');
    expect(watching.states()).toMatchObject({ free: 'ready', asking: 'waiting' });
  },
  60_000,
);
