import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { createForeignTables } from '../../src/host/foreign-tables';
import { sqlite } from '../../src/host/sqlite/connection';

const WRITER = fileURLToPath(new URL('../fixtures/programs/sqlite-writer.mjs', import.meta.url));
const COLUMNS = ['id', 'title', 'state', 'last_activity'];
const tables = createForeignTables();

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'idlewatch-tables-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A database of the given statements. Left open for as long as the test runs where `keep` says so. */
function database(path: string, sql: string, keep = false): DatabaseSyncInstance {
  const made = new (sqlite().DatabaseSync)(path);
  made.exec(sql);
  if (keep) onTestFinished(() => made.close());
  else made.close();
  return made;
}

async function writer(path: string, mode: string, command: string): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(process.execPath, [WRITER, path, mode, command]);
  child.stderr.pipe(process.stderr);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

async function finish(child: ChildProcessWithoutNullStreams): Promise<string> {
  const output: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => output.push(data));
  child.stdin.end();
  await once(child, 'close');
  return Buffer.concat(output).toString();
}

const TASKS = `CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, state TEXT, last_activity TEXT);
  INSERT INTO tasks VALUES (1, 'one', 'todo', '2026-01-02'), (2, 'two', 'Done', '2026-01-09'), (3, 'three', NULL, '2026-01-05')`;

it('reads rows by their names, newest first, without those that are over', () => {
  const path = join(folder(), 'tasks.db');
  database(path, TASKS);
  const answer = tables.rows(path, 'TASKS', COLUMNS, 10, {
    except: { column: 'state', values: ['done'] },
    newestBy: 'last_activity',
  });
  expect(answer).toEqual({
    ok: true,
    rows: [
      { id: 3, title: 'three', state: null, last_activity: '2026-01-05' },
      { id: 1, title: 'one', state: 'todo', last_activity: '2026-01-02' },
    ],
  });
  expect(tables.rows(path, 'tasks', ['id'], 2)).toEqual({ ok: true, rows: [{ id: 3 }, { id: 2 }] });
});

it('quotes names, cuts texts and keeps large numbers exact', () => {
  const path = join(folder(), 'odd.db');
  database(
    path,
    `CREATE TABLE "my ""tasks""; DROP TABLE x" ("select" INTEGER, "a b" TEXT) ;
     INSERT INTO "my ""tasks""; DROP TABLE x" VALUES (9007199254740993, printf('%.*c', 5000, 'x'))`,
  );
  const answer = tables.rows(path, 'my "tasks"; DROP TABLE x', ['select', 'a b'], 5);
  expect(answer).toEqual({ ok: true, rows: [{ select: '9007199254740993', 'a b': 'x'.repeat(2000) }] });
});

it('says what it expected of a schema that is another one, and does without what may be missing', () => {
  const path = join(folder(), 'tasks.db');
  database(path, `${TASKS}; CREATE TABLE other (a PRIMARY KEY) WITHOUT ROWID`);
  const reason = (table: string, columns: string[]) => {
    const answer = tables.rows(path, table, columns, 5);
    return answer.ok ? null : answer;
  };
  expect(reason('jobs', COLUMNS)).toEqual({
    ok: false,
    reason: 'expected a table “jobs”, found “other”, “tasks”',
    passing: false,
  });
  expect(reason('tasks', ['id', 'status', 'updated'])?.reason).toBe(
    'expected in the table “tasks” columns “status”, “updated”, found “id”, “title”, “state”, “last_activity”',
  );
  const answer = tables.rows(path, 'tasks', ['id', 'name'], 1, { optional: ['name'], newestBy: 'gone' });
  expect(answer).toEqual({ ok: true, rows: [{ id: 3 }] });
});

it('computes no view and calls nothing that a schema brings along', () => {
  const path = join(folder(), 'tasks.db');
  database(
    path,
    `CREATE VIEW tasks AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n;
     CREATE VIRTUAL TABLE words USING fts5(id)`,
  );
  const answer = tables.rows(path, 'tasks', ['id'], 1);
  expect(answer).toMatchObject({ ok: false, reason: 'expected a table “tasks”, found a view of that name' });
  expect(tables.rows(path, 'words', ['id'], 1)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('virtual'),
  });
});

it('names what is in the way', () => {
  const base = folder();
  const put = (name: string, data: string | Buffer) => {
    writeFileSync(join(base, name), data);
    return join(base, name);
  };
  database(
    join(base, 'good.db'),
    `${TASKS}; ${'INSERT INTO tasks SELECT NULL, title, state, hex(randomblob(500)) FROM tasks;'.repeat(6)}`,
  );
  const good = readFileSync(join(base, 'good.db'));
  const torn = Buffer.from(good);
  torn.fill(0xff, 4096);
  mkdirSync(join(base, 'folder.db'));
  const reasonOf = (path: string) => {
    const answer = tables.rows(path, 'tasks', COLUMNS, 1000);
    return answer.ok ? `${answer.rows.length} rows` : answer.reason;
  };
  expect(reasonOf(join(base, 'good.db'))).toBe('192 rows');
  expect(reasonOf(join(base, 'none.db'))).toBe('there is no such file');
  expect(reasonOf(put('text.db', '{"tasks": []}'))).toBe('expected a SQLite database, found JSON');
  expect(reasonOf(put('empty.db', ''))).toBe('expected a SQLite database, found an empty file');
  expect(reasonOf(put('cut.db', good.subarray(0, 60)))).toMatch(/^expected a SQLite database/);
  expect(reasonOf(put('torn.db', torn))).toMatch(/^it is damaged \(/);
  expect(reasonOf(put('short.db', good.subarray(0, 4096 * 3)))).toMatch(/^it is damaged \(/);
  expect(reasonOf(join(base, 'folder.db'))).toMatch(/is not a regular file/);
  symlinkSync(join(base, 'good.db'), join(base, 'link.db'));
  expect(reasonOf(join(base, 'link.db'))).toBe('192 rows');
  expect(createForeignTables(base).rows(join(base, 'link.db'), 'tasks', COLUMNS, 1)).toMatchObject({
    reason: 'it belongs to idlewatch itself',
  });
});

it('sees what stands in a log alone, as far as it was committed, and leaves nothing beside the file', () => {
  const base = folder();
  const path = join(base, 'tasks.db');
  const live = database(path, `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${TASKS}`, true);
  const ids = () => {
    const answer = tables.rows(path, 'tasks', ['id'], 10);
    return answer.ok ? answer.rows.map(({ id }) => id) : answer.reason;
  };
  const before = readdirSync(base).sort();
  expect(ids()).toEqual([3, 2, 1]);
  live.exec("BEGIN; INSERT INTO tasks VALUES (4, 'four', 'todo', NULL)");
  expect(ids()).toEqual([3, 2, 1]);
  live.exec('COMMIT');
  expect(ids()).toEqual([4, 3, 2, 1]);
  live.exec('PRAGMA wal_checkpoint(PASSIVE)');
  expect(ids()).toEqual([4, 3, 2, 1]);
  live.exec('DELETE FROM tasks WHERE id = 2');
  expect(ids()).toEqual([4, 3, 1]);
  expect(readdirSync(base).sort()).toEqual(before);
});

it('reads what a killed program left, the end of its log torn, where nothing may be written', () => {
  const path = join(folder(), 'tasks.db');
  const live = database(path, `PRAGMA journal_mode = WAL; ${TASKS}`, true);
  const left = folder();
  live.exec("INSERT INTO tasks VALUES (4, 'four', 'todo', NULL)");
  writeFileSync(join(left, 'tasks.db'), readFileSync(path));
  writeFileSync(join(left, 'tasks.db-wal'), readFileSync(`${path}-wal`).subarray(0, -10));
  chmodSync(left, 0o555);
  expect(tables.rows(join(left, 'tasks.db'), 'tasks', ['id'], 10)).toEqual({
    ok: true,
    rows: [{ id: 3 }, { id: 2 }, { id: 1 }],
  });
  expect(readdirSync(left).sort()).toEqual(['tasks.db', 'tasks.db-wal']);
});

it('tells by a mark that something was written, be it to the log alone', () => {
  const path = join(folder(), 'tasks.db');
  const live = database(path, `PRAGMA journal_mode = WAL; ${TASKS}`, true);
  const before = tables.written(path);
  expect(tables.written(path)).toEqual(before);
  live.exec("UPDATE tasks SET state = 'done'");
  expect(tables.written(path)?.mark).not.toBe(before?.mark);
  expect(tables.written(`${path}.none`)).toBeNull();
});

it.each(['DELETE', 'TRUNCATE', 'PERSIST', 'WAL'])(
  'never keeps a program that writes with journal mode %s waiting, and never sees half a transaction',
  async (mode) => {
    const base = folder();
    const path = join(base, 'tasks.db');
    const child = await writer(path, mode, 'run');
    const seen = new Set<unknown>();
    const names = new Set<string>();
    let passing = 0;
    const began = Date.now();
    const hasSeenMany = () => seen.size > 10 && [...seen].some((state) => Number(state) > 20);
    while (Date.now() - began < (hasSeenMany() ? 1_500 : 45_000)) {
      const answer = tables.rows(path, 'tasks', COLUMNS, 1_000);
      if (answer.ok) {
        expect(answer.rows).toHaveLength(300);
        const states = new Set(answer.rows.map(({ state }) => state));
        expect([...states]).toHaveLength(1);
        seen.add([...states][0]);
      } else {
        expect(answer.passing, answer.reason).toBe(true);
        passing += 1;
      }
      for (const name of readdirSync(base)) names.add(name);
      await new Promise((done) => setTimeout(done, 2));
    }
    const { transactions, busy } = JSON.parse(await finish(child));
    expect(busy).toBe(0);
    expect(transactions).toBeGreaterThan(20);
    expect(seen.size, `${passing} readings came at a bad moment`).toBeGreaterThan(10);
    expect([...names].filter((name) => !/^tasks\.db(-journal|-wal|-shm)?$/.test(name))).toEqual([]);
    expect(readdirSync(base)).toEqual(
      ['DELETE', 'WAL'].includes(mode) ? ['tasks.db'] : ['tasks.db', 'tasks.db-journal'],
    );
  },
  60_000,
);

it('does not take what an open transaction has written to the file already for the truth', async () => {
  const path = join(folder(), 'tasks.db');
  const child = await writer(path, 'DELETE', 'hold');
  expect(tables.rows(path, 'tasks', ['id', 'state'], 1_000)).toEqual({
    ok: false,
    reason: 'a transaction is being written to it, or was and never ended',
    passing: true,
  });
  await finish(child);
  const answer = tables.rows(path, 'tasks', ['state'], 1_000);
  expect(answer.ok && new Set(answer.rows.map(({ state }) => state))).toEqual(new Set(['0']));
});

it('reads on while a transaction is open of which nothing was written to the file yet', async () => {
  const path = join(folder(), 'tasks.db');
  await finish(await writer(path, 'DELETE', 'begin'));
  await new Promise((done) => setTimeout(done, 20)); // A file system tells times in steps of some milliseconds.
  await writer(path, 'DELETE', 'begin');
  expect(tables.rows(path, 'tasks', ['state'], 1)).toEqual({ ok: true, rows: [{ state: '0' }] });
});
