import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BRIEF_MS } from '../../src/engine/brief-names';
import { ProcessWatch } from '../../src/engine/process-watch';
import { createSources } from '../../src/engine/sources/registry';
import { newRecord, type WorkerRecord } from '../../src/engine/worker-record';
import { createFiles } from '../../src/host/files';
import { createProcessTable } from '../../src/host/process-table';
import { defaultSettings } from '../../src/shared/settings';
import { absent } from '../fakes/absent';
import { SteppedClock } from '../fakes/stepped-clock';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';

const processes = realProcesses();
const table = createProcessTable();
let base: string;
let clock: SteppedClock;
let watch: ProcessWatch;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-processes-')));
  clock = new SteppedClock({ wallStartMs: Date.now() });
  watch = new ProcessWatch(table, clock);
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

interface Worker {
  path: string;
  record: WorkerRecord;
  beat(over: object): void;
}

/** A worker directory with a heartbeat of now, read by the real source. */
function makeWorker(name: string, heartbeat: object = {}): Worker {
  const path = join(base, name);
  mkdirSync(path, { recursive: true });
  const beat = (over: object) =>
    writeFileSync(join(path, 'heartbeat.json'), JSON.stringify({ ts: new Date().toISOString(), ...over }));
  beat(heartbeat);
  const [source] = createSources({
    files: createFiles(),
    clock,
    processTable: createProcessTable(),
    settings: defaultSettings,
    ...absent,
  });
  if (!source) throw new Error('there is no source');
  source.setRoots([path]);
  const found: string[] = [];
  for (const _ of source.sweep({ onFound: (id) => found.push(id), onLeft: () => undefined }));
  const record = newRecord(found[0] ?? '', source, { monotonicMs: 0, at: clock.wallMs() });
  return { path, record, beat };
}

/** Look at the worker's files and then at its process, some time after the look before. */
function look({ record }: { record: WorkerRecord }, afterMs = 1_000): WorkerRecord['process'] {
  clock.step(afterMs);
  record.reading = record.source.look(record.id, 'full');
  if (!record.reading) throw new Error('it is gone');
  watch.look(record, record.reading);
  return record.process;
}

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await waitFor('it has ended', () => !processes.isAlive(pid));
}

describe('a worker whose heartbeat names a process of its own', () => {
  test('has it verified and alive, until two readings apart find it gone', async () => {
    const worker = makeWorker('w');
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: worker.path });
    worker.beat({ pid });
    expect(look(worker)).toMatchObject({
      liveness: 'alive',
      identity: { pid },
      shown: { verified: true },
      goneReadings: 0,
    });
    await end(pid);
    expect(look(worker)).toMatchObject({
      liveness: 'gone',
      goneReadings: 1,
      seenAlive: true,
      shown: { verified: false },
    });
    expect(look(worker, 100).goneReadings).toBe(1);
    expect(look(worker, 1_000).goneReadings).toBe(2);
  });

  test('that names another is looked up afresh', async () => {
    const worker = makeWorker('w');
    const first = await processes.start('sleeper.mjs', [], { cwd: worker.path });
    const second = await processes.start('sleeper.mjs', [], { cwd: worker.path });
    worker.beat({ pid: first.pid });
    expect(look(worker).identity?.pid).toBe(first.pid);
    await end(first.pid);
    expect(look(worker).goneReadings).toBe(1);
    worker.beat({ pid: second.pid });
    expect(look(worker)).toMatchObject({ liveness: 'alive', identity: { pid: second.pid }, goneReadings: 0 });
  });
});

describe('a worker whose heartbeats are written by processes that end at once and name themselves', () => {
  const ended = () => spawnSync(process.execPath, ['--version']).pid;
  const beatBriefly = (worker: ReturnType<typeof makeWorker>) => {
    worker.beat({ pid: ended() });
    look(worker);
    return look(worker);
  };

  test('is not held for gone with each of them, once that is its habit', () => {
    const worker = makeWorker('w');
    expect(beatBriefly(worker)).toMatchObject({ liveness: 'gone', goneReadings: 2 });
    expect(beatBriefly(worker)).toMatchObject({ liveness: 'gone', goneReadings: 2 });
    for (let beat = 0; beat < 3; beat += 1) {
      const process = beatBriefly(worker);
      expect(process).toMatchObject({ liveness: 'unknown', identity: null, goneReadings: 0 });
      expect(process.reason).toContain('it may only have written the heartbeat');
    }
  });

  test('is taken at its word again with one that lasts, and held for gone with that', async () => {
    const worker = makeWorker('w');
    for (let beat = 0; beat < 3; beat += 1) beatBriefly(worker);
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: worker.path });
    worker.beat({ pid });
    expect(look(worker)).toMatchObject({ liveness: 'alive', identity: { pid } });
    look(worker, BRIEF_MS);
    await end(pid);
    look(worker);
    expect(look(worker)).toMatchObject({ liveness: 'gone', goneReadings: 2 });
  });
});

describe('a worker whose heartbeat names a process that is not its own', () => {
  test('has it not verified, with the reason; once it fits it is verified, and not asked for at every look', async () => {
    const worker = makeWorker('w');
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: base });
    worker.beat({ pid });
    const process = look(worker);
    expect(process).toMatchObject({ identity: null, liveness: 'unknown', shown: { pid, verified: false } });
    expect(process.shown?.why).not.toBe('');
    expect(look(worker, 100)).toBe(process); // Verifying is dear: the same finding, not another like it.
    expect(look(worker, 6_000)).not.toBe(process);
  });

  test('that is long gone is gone in two readings, though it was never seen alive', async () => {
    const worker = makeWorker('w');
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: worker.path });
    await end(pid);
    worker.beat({ pid });
    expect(look(worker)).toMatchObject({ liveness: 'gone', goneReadings: 1, seenAlive: false });
    expect(look(worker)).toMatchObject({ liveness: 'gone', goneReadings: 2, seenAlive: false });
  });
});

describe('a worker that names no process', () => {
  test('has the one that holds its log open for writing, and none once that is gone', async () => {
    const worker = makeWorker('w');
    const other = makeWorker('other');
    const log = join(worker.path, 'agent.log');
    const { pid } = await processes.start('sleeper.mjs', ['--hold', log], { cwd: '/' });
    look(worker);
    look(other);
    expect(watch.findHolders(worker.record, [other.record])).toBe(true);
    expect(worker.record.process).toMatchObject({ identity: { pid }, liveness: 'alive', shown: { from: 'open_file' } });
    expect(other.record.process.identity).toBeNull();
    await end(pid);
    expect(look(worker)).toMatchObject({ identity: null, liveness: 'unknown', goneReadings: 0 });
  });

  test('is not searched for again and again', () => {
    const worker = makeWorker('w');
    look(worker);
    const searchedAfter = (ms: number) => {
      clock.step(ms);
      return watch.findHolders(worker.record, []);
    };
    expect([0, 100, 2_000, 60_000].map(searchedAfter)).toEqual([true, false, false, true]);
  });
});

test('what a worker uses is that of its whole tree, parents before children, and of nobody else', async () => {
  const worker = makeWorker('w');
  const bystander = await processes.start('sleeper.mjs', [], { cwd: worker.path });
  const { pid, pids } = await processes.start('stubborn.mjs', ['--children', '2'], { cwd: worker.path });
  worker.beat({ pid });
  look(worker);
  expect(watch.sample([worker.record])).toBe(true);
  const tree = watch.tree(worker.record);
  expect(tree.map((node) => node.pid).sort()).toEqual([...pids].sort());
  expect(tree.map(({ depth }) => depth)).toEqual([0, 1, 1]);
  expect(tree.map((node) => node.pid)).not.toContain(bystander.pid);
  expect(tree[0]?.command).toContain('stubborn.mjs');
  const rss = tree.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  expect(worker.record.usage).toEqual({ rssBytes: rss, cpuPercent: null });
  expect(rss).toBeGreaterThan(30 * 1024 * 1024);

  clock.step(1_000);
  watch.sample([worker.record]);
  expect(worker.record.usage?.cpuPercent).toBeGreaterThanOrEqual(0);

  for (const each of pids) await end(each);
  look(worker);
  watch.sample([worker.record]);
  expect([worker.record.usage, watch.tree(worker.record)]).toEqual([null, []]);
});

test('what all workers use together counts each process once: one may serve or hold several of them', async () => {
  const [first, second, other] = ['first', 'second', 'other'].map((name) => makeWorker(name)) as [
    Worker,
    Worker,
    Worker,
  ];
  const serving = await processes.start('stubborn.mjs', ['--children', '1'], { cwd: first.path });
  const { pid } = await processes.start('sleeper.mjs', [], { cwd: other.path });
  first.beat({ pid: serving.pid });
  other.beat({ pid });
  for (const worker of [first, second, other]) look(worker);
  second.record.process = first.record.process;
  watch.sample([first, second, other].map(({ record }) => record));
  expect(second.record.usage).toEqual(first.record.usage);
  expect(watch.rssBytes).toBe((first.record.usage?.rssBytes ?? 0) + (other.record.usage?.rssBytes ?? 0));
  watch.sample([]);
  expect(watch.rssBytes).toBeNull();
});
