import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livenessOf } from '../../../src/engine/observe/address';
import { RunConflictError, type RunRecord } from '../../../src/engine/run-registry';
import { createProcessTable } from '../../../src/host/process-table';
import { REGISTRY_LAYOUT } from '../../../src/host/registry/schema';
import { STATEMENTS } from '../../../src/host/registry/statements';
import { openEmpty } from '../../../src/host/sqlite/connection';
import { databaseIn, inDatabase, isAlive, isGone, newRun, openedRegistry, ownDirectory, SOMEBODY } from './state';

function begun(registry: ReturnType<typeof openedRegistry>, ...given: Parameters<typeof newRun>): RunRecord {
  const answer = registry.runs.begin(newRun(...given), isAlive);
  if (!answer.ok) throw new Error(`${answer.heldBy.key} is held`);
  return answer.run;
}

describe('the run registry', () => {
  it('makes nothing before something is written, and then folder and file for their owner alone', () => {
    const folder = join(ownDirectory(), 'deep', 'state');
    const registry = openedRegistry(folder);
    expect(registry.runs.list()).toEqual([]);
    expect(registry.runs.get('one')).toBeNull();
    expect(registry.runs.lease('key')).toBeNull();
    expect(registry.runs.noticesAfter('one', 0)).toEqual([]);
    expect(registry.audit.unfinishedKills()).toEqual([]);
    expect(Math.abs(registry.runs.now() - Date.now())).toBeLessThan(2_000);
    expect(existsSync(folder)).toBe(false);
    begun(registry, 'one');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const ending of ['', '-wal', '-shm']) expect(statSync(databaseIn(folder) + ending).mode & 0o777).toBe(0o600);
    expect(registry.warnings).toEqual([]);
  });

  it('gives back what was written down, newest first, to other programs too', async () => {
    const folder = ownDirectory();
    const registry = openedRegistry(folder);
    const run = begun(registry, 'one', { key: 'k', command: ['a b', 'ü\n'], timeoutMs: 5, idleTimeoutMs: 7 });
    expect(run).toMatchObject({ ...newRun('one'), key: 'k', command: ['a b', 'ü\n'], timeoutMs: 5, idleTimeoutMs: 7 });
    expect(run).toMatchObject({ state: 'running', child: null, finishedAt: null, outputBytes: 0, endRequested: null });
    begun(registry, 'two');
    const child = { ...SOMEBODY, pid: 77 };
    const changed = await registry.runs.change('one', () => ({ child, reason: 'because', outputBytes: 5 }));
    const other = openedRegistry(folder).runs;
    expect(other.get('one')).toEqual(changed);
    expect(changed).toEqual({ ...run, child, reason: 'because', outputBytes: 5, updatedAt: changed.updatedAt });
    expect(other.list().map(({ id }) => id)).toEqual(['two', 'one']);
    expect(other.list(['failed'])).toEqual([]);
  });

  it('ends a run once: its end stands, its lease is given back, its time is taken', async () => {
    const registry = openedRegistry(ownDirectory());
    begun(registry, 'one', { key: 'k' });
    expect(registry.runs.lease('k')).toMatchObject({ ...SOMEBODY, key: 'k', runId: 'one' });
    const ended = await registry.runs.change('one', () => ({ state: 'failed', exitCode: 3 }));
    expect(ended.finishedAt).toBeGreaterThanOrEqual(ended.startedAt);
    expect(registry.runs.lease('k')).toBeNull();
    expect(await registry.runs.change('one', () => ({ state: 'succeeded' }))).toEqual(ended);
    registry.runs.beat('one', 99);
    expect(registry.runs.get('one')).toEqual(ended);
  });

  it('refuses a second run of a key and says who holds it, until that one is gone, ended or released by hand', async () => {
    const registry = openedRegistry(ownDirectory());
    const { runs } = registry;
    begun(registry, 'one', { key: 'k' });
    for (const liveness of ['alive', 'unknown'] as const) {
      expect(runs.begin(newRun('two', { key: 'k' }), () => liveness)).toMatchObject({
        ok: false,
        heldBy: { ...SOMEBODY, key: 'k', runId: 'one' },
      });
    }
    expect(runs.get('two')).toBeNull();
    expect(runs.begin(newRun('two', { key: 'k' }), isGone).ok).toBe(true);
    await runs.change('one', () => ({ state: 'failed' }));
    expect(runs.lease('k')?.runId).toBe('two'); // The end of the old holder takes nothing from the new one.
    expect([runs.release('k'), runs.release('k')]).toEqual([true, false]);
    expect(runs.begin(newRun('three', { key: 'k' }), isAlive).ok).toBe(true);
  });

  it('never takes a process of another boot for the holder, though pid and start time are those of a living one', () => {
    const folder = ownDirectory();
    const table = createProcessTable();
    const look = table.inspect(process.pid);
    if (look.liveness !== 'alive') throw new Error('we do not live');
    const here = { pid: process.pid, startTime: look.fact.startTime, ...table.space() };
    const { runs } = openedRegistry(folder);
    const asWell = (id: string) =>
      runs.begin(newRun(id, { key: 'k', supervisor: here }), (at) => livenessOf(table, at)).ok;
    expect(runs.begin(newRun('before', { key: 'k', supervisor: { ...here, bootId: 'another' } }), isGone).ok).toBe(
      true,
    );
    expect(asWell('now')).toBe(true);
    expect(asWell('again')).toBe(false);
  });

  it('asks again when another change came between, and writes what fits', async () => {
    const folder = ownDirectory();
    const registry = openedRegistry(folder);
    begun(registry, 'one');
    let asked = 0;
    const changed = await registry.runs.change('one', (run) => {
      asked += 1;
      if (asked <= 3) changeBehind(folder);
      return { reason: `saw ${run.exitCode}` };
    });
    expect(asked).toBe(4);
    expect(changed).toMatchObject({ reason: 'saw 3', exitCode: 3 });
  });

  it('gives a change up with an error of its own after three retries', async () => {
    const folder = ownDirectory();
    const registry = openedRegistry(folder);
    begun(registry, 'one');
    let asked = 0;
    const change = registry.runs.change('one', () => {
      asked += 1;
      changeBehind(folder);
      return { reason: 'lost' };
    });
    await expect(change).rejects.toThrow(RunConflictError);
    await expect(change).rejects.toThrow('Run one (one) was changed by others again and again; after 3 retries');
    expect(asked).toBe(4);
    expect(registry.runs.get('one')).toMatchObject({ reason: null, exitCode: 4 });
  });

  /** As another program would. */
  function changeBehind(folder: string): void {
    inDatabase(databaseIn(folder), (database) =>
      database.exec('UPDATE runs SET updated_at = updated_at + 1, exit_code = coalesce(exit_code, 0) + 1'),
    );
  }

  it('lets updated_at grow also when the clock was set back', async () => {
    const folder = ownDirectory();
    const registry = openedRegistry(folder);
    begun(registry, 'one');
    const future = registry.runs.now() + 3_600_000;
    inDatabase(databaseIn(folder), (database) => database.prepare('UPDATE runs SET updated_at = ?').run(future));
    expect((await registry.runs.change('one', () => ({ reason: 'a' }))).updatedAt).toBe(future + 1);
    expect((await registry.runs.change('one', () => ({ reason: 'b' }))).updatedAt).toBe(future + 2);
  });

  it('takes beats without a conflict, and a change keeps what a beat said of the output', async () => {
    const registry = openedRegistry(ownDirectory());
    const before = begun(registry, 'one');
    let asked = 0;
    const changed = await registry.runs.change('one', () => {
      asked += 1;
      registry.runs.beat('one', 500);
      return { reason: 'r' };
    });
    expect(asked).toBe(1);
    expect(changed.outputBytes).toBe(500);
    expect(changed.heartbeatAt).toBeGreaterThanOrEqual(before.heartbeatAt);
    registry.runs.beat('one', 600);
    expect(registry.runs.get('one')).toMatchObject({ outputBytes: 600, updatedAt: changed.updatedAt });
  });

  it('keeps the newest thousand notices of a run, in order, until the run is forgotten', async () => {
    const folder = ownDirectory();
    const registry = openedRegistry(folder);
    const { runs } = registry;
    begun(registry, 'one');
    begun(registry, 'two');
    runs.notice('two', 'other');
    for (let count = 1; count <= 1_005; count += 1) runs.notice('one', `notice ${count}`);
    const kept = runs.noticesAfter('one', 0);
    expect(kept).toHaveLength(1_000);
    expect([kept[0]?.text, kept.at(-1)?.text]).toEqual(['notice 6', 'notice 1005']);
    expect(runs.noticesAfter('one', kept.at(-2)?.id ?? 0)).toEqual(kept.slice(-1));
    expect(() => runs.forget('one')).toThrow('Run one (one) is running: only a run that has ended can be forgotten');
    await runs.change('one', () => ({ state: 'succeeded' }));
    runs.forget('one');
    runs.forget('one');
    expect([runs.get('one'), runs.noticesAfter('one', 0)]).toEqual([null, []]);
    expect(runs.noticesAfter('two', 0)).toMatchObject([{ runId: 'two', text: 'other' }]);
  });

  it('names a run that is not there', async () => {
    const { runs } = openedRegistry(ownDirectory());
    await expect(runs.change('none', () => ({ reason: 'r' }))).rejects.toThrow('There is no run none in /');
    expect(() => runs.beat('none', 0)).toThrow('There is no run none');
    expect(() => runs.notice('none', 'text')).toThrow('There is no run none');
  });

  it.each(Object.entries(STATEMENTS))('finds the rows of %s by an index', (_name, sql) => {
    const empty = openEmpty(REGISTRY_LAYOUT);
    const named = [...new Set(sql.match(/:\w+/g) ?? [])].map((name) => [name.slice(1), null]);
    const plan = empty
      .statement(`EXPLAIN QUERY PLAN ${sql}`)
      .all(Object.fromEntries(named))
      .map(({ detail }) => detail as string);
    // From its end, and only through what is newer.
    const isShort = (step: string) =>
      step === 'SCAN CONSTANT ROW' || (sql === STATEMENTS.newestBefore && step === 'SCAN audit');
    expect(plan.filter((step) => step.startsWith('SCAN') && !isShort(step))).toEqual([]);
    empty.close();
  });
});
