import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMonitor } from '../../src/engine/monitor';
import { createFiles } from '../../src/host/files';
import { createForeignTables } from '../../src/host/foreign-tables';
import { sqlite } from '../../src/host/sqlite/connection';
import type { MonitorEvent } from '../../src/shared/model';
import { defaultSettings, type Settings, settingsSchema } from '../../src/shared/settings';
import { absent } from '../fakes/absent';
import { fakeProcessTable } from '../fakes/process-table';
import { SteppedClock } from '../fakes/stepped-clock';

const FIXTURES = join(import.meta.dirname, '../fixtures/scenarios/task-list');
/** Of the fixtures' times. */
const NOW = Date.parse('2026-03-01T12:00:00Z');
const MIN = 60_000;

/** A monitor over real files on clocks that the test steps. */
function scene() {
  const clock = new SteppedClock({ wallStartMs: NOW, readCostMs: 0.001 });
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-tasks-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  let settings: Settings = defaultSettings();
  const ports = {
    ...absent,
    clock,
    files: createFiles(),
    tables: createForeignTables(),
    fileEvents: { watch: () => null },
    processTable: fakeProcessTable([]),
    memoryProbe: { read: async () => ({ totalBytes: 16e9, availableBytes: 12e9 }) },
    log: { warn: (message: string) => expect.unreachable(message) },
  };
  const monitor = createMonitor(ports, settings, { 'task-list': settings.taskLists.map(({ path }) => path) });
  onTestFinished(() => monitor.stop());
  const events: MonitorEvent[] = [];
  monitor.onEvent((event) => events.push(event));
  monitor.start();
  const step = async (ms: number) => {
    for (const end = clock.monotonicMs() + ms; clock.monotonicMs() < end; ) {
      clock.step(Math.min(1_000, end - clock.monotonicMs()));
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
  };
  const dated = (path: string, at = clock.wallMs()) => {
    for (const name of readdirSync(base)) {
      if (join(base, name).startsWith(path)) utimesSync(join(base, name), at / 1000, at / 1000);
    }
  };
  return {
    ...{ clock, base, monitor, events, step, dated },
    path: (name: string) => join(base, name),
    /** Write a file now, as the stepped clock tells it. */
    put(name: string, content: unknown, at?: number) {
      const path = join(base, name);
      writeFileSync(`${path}.new`, typeof content === 'string' ? content : JSON.stringify(content));
      renameSync(`${path}.new`, path);
      dated(path, at);
      return path;
    },
    async watch(taskLists: object[], over: Partial<Settings> = {}) {
      settings = { ...settings, ...over, taskLists: settingsSchema.shape.taskLists.parse(taskLists) };
      monitor.configure(settings, { 'task-list': settings.taskLists.map(({ path }) => path) });
      await step(1_000);
    },
    rows: () =>
      Object.fromEntries(
        monitor.snapshot().workers.map(({ id, state, reason }) => [id.split('#')[1], { state, reason }]),
      ),
    row: (name: string) => monitor.snapshot().workers.find(({ id }) => id.endsWith(`#${name}`)),
    roots: () => monitor.snapshot().roots,
    told: (kind: MonitorEvent['kind']) => events.filter((event) => event.kind === kind).map(({ text }) => text),
  };
}

function database(path: string, sql: string): DatabaseSyncInstance {
  const made = new (sqlite().DatabaseSync)(path);
  made.exec(sql);
  onTestFinished(() => made.close());
  return made;
}

const EXPECTED = {
  t1: { state: 'stalled', reason: 'In progress for 3 h without activity (allowed 2 h)' },
  t2: { state: 'busy', reason: 'In progress (allowed 2 h without activity)' },
  t3: { state: 'ready', reason: 'Todo' },
  t4: { state: 'busy', reason: 'Late: over two thirds of the allowed 2 h' },
};

describe('the tasks of a list', () => {
  it.each(['list.json', 'wrapped.json', 'map.json', 'log.jsonl'])('in %s stand as a person would say', async (name) => {
    const { watch, rows, path, row } = scene();
    cpSync(join(FIXTURES, name), path(name));
    await watch([{ path: path(name) }]);
    expect(rows()).toEqual(EXPECTED);
    expect(row('t1')).toMatchObject({ name: 'Fix the login', source: 'task-list', runId: name, needsPerson: true });
  });

  it('in a SQLite table with columns of its own stand as a person would say', async () => {
    const { watch, rows, path, base } = scene();
    const made = database(path('tasks.db'), readFileSync(join(FIXTURES, 'tasks.sql'), 'utf8'));
    made.exec('PRAGMA journal_mode = WAL');
    const before = readdirSync(base);
    const columns = { id: 'key', title: 'subject', state: 'column', lastActivity: 'updated' };
    await watch([{ path: path('tasks.db'), table: 'jobs', columns }]);
    expect(rows()).toEqual({ ...EXPECTED, t2: { ...EXPECTED.t2, reason: EXPECTED.t2.reason.replace('p', 'P') } });
    expect(readdirSync(base)).toEqual(before);
  });

  it('come, change and go with the list', async () => {
    const { put, watch, rows, step, events, clock } = scene();
    const iso = () => new Date(clock.wallMs()).toISOString();
    const path = put('tasks.json', [{ id: 'a', state: 'todo', last_activity: iso() }]);
    await watch([{ path }]);
    expect(rows()).toEqual({ a: { state: 'ready', reason: 'Todo' } });
    put('tasks.json', [
      { id: 'a', state: 'in_progress', last_activity: iso() },
      { id: 'b', state: 'planning', last_activity: iso() },
    ]);
    await step(7_000);
    expect(rows()).toMatchObject({ a: { state: 'busy' }, b: { state: 'busy' } });
    put('tasks.json', [{ id: 'a', state: 'done', last_activity: iso() }]);
    await step(40_000);
    expect(rows()).toEqual({});
    const texts = events.map(({ kind, text }) => `${kind}: ${text}`);
    expect(texts).toContain('stopped: Done, says tasks.json');
    expect(texts).toContain('left: It is no open task any more');
  });

  it('are stuck once their time is up, not before, and well again with the next activity', async () => {
    const { put, watch, row, step, told, clock } = scene();
    const tasks = () => [{ id: 'a', state: 'ai_review', last_activity: clock.wallMs() }];
    const path = put('tasks.json', tasks());
    await watch([{ path, stuckAfterMinutes: 30 }]);
    await step(29 * MIN);
    expect(row('a')).toMatchObject({ state: 'busy', health: 'late' });
    await step(2 * MIN);
    expect(row('a')).toMatchObject({ state: 'stalled', reason: expect.stringMatching(/^Ai review for 3[01] min/) });
    put('tasks.json', tasks());
    await step(7_000);
    expect(row('a')).toMatchObject({ state: 'busy', health: 'healthy' });
    expect([told('stalled'), told('recovered')].map(({ length }) => length)).toEqual([1, 1]);
    await watch([{ path, stuckAfterMinutes: 1 }]);
    await step(2 * MIN);
    expect(row('a')?.reason).toMatch(/allowed 1 min/);
  });

  it('without a last activity are measured from when their state was first seen, and at first sight from the file', async () => {
    const { put, watch, rows, step, clock } = scene();
    const path = put('tasks.json', [{ id: 'old', state: 'planning' }], clock.wallMs() - 3 * 60 * MIN);
    await watch([{ path }]);
    expect(rows()).toEqual({
      old: { state: 'stalled', reason: 'Planning for 3 h without activity (allowed 2 h)' },
    });
    put('tasks.json', [
      { id: 'old', state: 'in_progress' },
      { id: 'new', state: 'planning' },
    ]);
    await step(100 * MIN);
    expect(rows()).toMatchObject({ old: { state: 'busy' }, new: { state: 'busy' } });
    // That the file was written does not mean that something happened to every task of it.
    put('tasks.json', [
      { id: 'old', state: 'in_progress', note: 'x' },
      { id: 'new', state: 'ai_review' },
    ]);
    await step(25 * MIN);
    expect(rows()).toMatchObject({ old: { state: 'stalled' }, new: { state: 'busy' } });
  });

  it('are not made older by sleep, nor by a clock that is set', async () => {
    const { put, watch, row, step, clock, told } = scene();
    const task = (at: number) => [{ id: 'a', state: 'in_progress', last_activity: at }];
    const path = put('tasks.json', task(clock.wallMs()));
    await watch([{ path }]);
    await step(30 * MIN);
    // Something happened just before the machine went to sleep, and is read only when it wakes up.
    put('tasks.json', [...task(clock.wallMs()), { id: 'b', state: 'planning', last_activity: clock.wallMs() }]);
    clock.jumpWall(10 * 60 * MIN);
    await step(2 * MIN);
    expect([row('a')?.state, row('b')?.state]).toEqual(['busy', 'busy']);
    clock.jumpWall(-20 * 60 * MIN);
    put('tasks.json', task(clock.wallMs() + 10 * 60 * MIN));
    await step(2 * MIN);
    expect(row('a')?.state).toBe('busy');
    await step(117 * MIN);
    expect(told('stalled')).toEqual([]);
    await step(3 * MIN);
    expect(told('stalled')).toHaveLength(1);
  });

  it('that come from the future are not believed, and that is said', async () => {
    const { put, watch, row, monitor, clock } = scene();
    const path = put('tasks.json', [{ id: 'a', state: 'in_progress', last_activity: clock.wallMs() + 30 * MIN }]);
    await watch([{ path }]);
    const id = row('a')?.id ?? '';
    expect(monitor.report(id)?.evidence).toContainEqual(
      expect.objectContaining({
        kind: 'clock_skew',
        text: "last_activity is 29 min 59 s in the future; the file's own time is used",
      }),
    );
  });
});

describe('a list that is not as expected', () => {
  it('is named with what was expected, and goes on once it is as before', async () => {
    const { put, watch, rows, roots, step, told } = scene();
    const good = readFileSync(join(FIXTURES, 'list.json'), 'utf8');
    const path = put('tasks.json', good);
    const other = put('other.json', [{ id: 'x', state: 'todo' }]);
    await watch([{ path }, { path: other }]);
    put('tasks.json', readFileSync(join(FIXTURES, 'drifted.json'), 'utf8'));
    await step(12_000);
    const why = 'expected the fields “id” and “state”, found “uid”, “title”, “status”, “touched”';
    expect(rows()).toMatchObject({
      t1: { state: 'stalled', reason: `Cannot be read: tasks.json: ${why}` },
      t2: { state: 'busy', reason: `Cannot be read: tasks.json: ${why}` },
      x: { state: 'ready', reason: 'Todo' },
    });
    expect(roots()).toEqual([
      { path, workers: 4, unreadable: why },
      { path: other, workers: 1, unreadable: null },
    ]);
    expect(told('notice')).toEqual([`tasks.json: ${why}`]);
    put('tasks.json', good);
    await step(12_000);
    expect(rows()).toMatchObject(EXPECTED);
    put('tasks.json', '{"tasks": [');
    await step(12_000);
    put('tasks.json', readFileSync(join(FIXTURES, 'drifted.json'), 'utf8'));
    await step(12_000);
    expect(told('notice')).toHaveLength(2);
  });

  it('makes unknown only the task whose time is none', async () => {
    const { put, watch, row, told } = scene();
    const path = put('tasks.json', [
      { id: 'a', state: 'in_progress', last_activity: 'soon' },
      { id: 'b', state: 'in_progress', last_activity: 'later' },
      { id: 'c', state: 'todo' },
    ]);
    await watch([{ path }]);
    expect(row('a')).toMatchObject({
      health: 'unknown',
      reason: 'Cannot be read: expected a time in “last_activity”, found “soon”',
    });
    expect(row('c')).toMatchObject({ health: 'healthy' });
    expect(told('notice')).toEqual(['tasks.json: expected a time in “last_activity”, found “soon”']);
  });

  it('that is missing at first is found when it comes, and takes its tasks along when it stays away', async () => {
    const { put, watch, rows, roots, step, path } = scene();
    await watch([{ path: path('tasks.json') }]);
    expect(roots()).toEqual([{ path: path('tasks.json'), workers: 0, unreadable: 'there is no such file' }]);
    put('tasks.json', [{ id: 'a', state: 'todo' }]);
    await step(7_000);
    expect(Object.keys(rows())).toEqual(['a']);
    rmSync(path('tasks.json'));
    await step(20_000);
    expect(rows()).toEqual({ a: { state: 'ready', reason: 'Cannot be read: tasks.json: there is no such file' } });
    await step(100_000);
    expect(rows()).toEqual({});
  });

  it('in SQLite says what its schema lacks, and follows what is written', async () => {
    const { watch, rows, roots, step, path, dated } = scene();
    const made = database(
      path('tasks.db'),
      "CREATE TABLE tasks (id, title, state); INSERT INTO tasks VALUES (1, 'One', 'todo')",
    );
    await watch([{ path: path('tasks.db'), table: 'tasks' }]);
    expect(rows()).toEqual({ 1: { state: 'ready', reason: 'Todo' } });
    made.exec("UPDATE tasks SET state = 'planning'; INSERT INTO tasks VALUES (2, 'Two', 'todo'), (3, 'Three', 'done')");
    dated(path('tasks.db'));
    await step(7_000);
    expect(rows()).toMatchObject({ 1: { state: 'busy' }, 2: { state: 'ready' } });
    made.exec('ALTER TABLE tasks RENAME COLUMN state TO status');
    await step(12_000);
    expect(roots()).toMatchObject([
      { unreadable: 'expected in the table “tasks” a column “state”, found “id”, “title”, “status”' },
    ]);
    expect(rows()).toMatchObject({ 1: { state: 'busy' } });
  });
});

it('shows of a long list what should not stay as it is, then the newest', async () => {
  const { put, watch, monitor, row, step } = scene();
  const task = (n: number, state: string) => ({ id: `n${n}`, state, last_activity: NOW - n * 1_000 });
  const tasks = Array.from({ length: 10_000 }, (_, n) => task(n, n % 500 === 499 ? 'in_progress' : 'todo'));
  const path = put('tasks.json', tasks);
  const startedAt = performance.now();
  await watch([{ path }]);
  expect(monitor.snapshot().workers).toHaveLength(300);
  expect(row('n9999')).toMatchObject({ state: 'stalled' });
  expect([row('n0'), row('n279'), row('n280')].map((each) => each?.state)).toEqual(['ready', 'ready', undefined]);
  put('tasks.json', tasks.slice(5_000));
  await step(40_000);
  expect(row('n5000')).toMatchObject({ state: 'ready' });
  expect(monitor.snapshot().workers).toHaveLength(300);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

it('lets go of what is not named any more', async () => {
  const { put, watch, rows, told, step, clock } = scene();
  const path = put('tasks.json', [{ id: 'a', state: 'todo' }]);
  const other = put('other.json', [{ id: 'b', stage: 'todo' }]);
  await watch([{ path }, { path: other }]);
  await watch([{ path: other, columns: { state: 'stage' } }]);
  await step(2_000);
  expect(rows()).toEqual({ b: { state: 'ready', reason: 'Todo' } });
  expect(told('left')).toEqual(['Its list is not watched any more']);
  await watch([]);
  await step(2_000);
  expect(rows()).toEqual({});
  clock.step(0);
});
