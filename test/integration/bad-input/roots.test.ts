import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorkerDir } from '../../fixtures/worker-dir';
import { waitFor } from '../support/wait-for';
import { beat, makeRun, watch, watchStepped } from '../support/watched-run';

describe('a root', () => {
  test('may be a state directory, a directory of worker directories, or one worker directory', () => {
    const run = makeRun();
    const path = run.well('a');
    run.well('b');
    for (const [root, names] of [
      [run.state, ['a', 'b']],
      [run.workers, ['a', 'b']],
      [path, ['a']],
    ] as const) {
      const watched = watchStepped([root]);
      expect(watched.names()).toEqual(names);
      expect(watched.row('a')).toMatchObject({ runId: 'run', health: 'healthy' });
    }
  });

  test.each([
    ['missing', () => undefined, 'there is no such directory'],
    ['a file', (path: string) => writeFileSync(path, 'text'), 'there is no such directory'],
    ['a link to itself', (path: string) => symlinkSync(path, path), 'its links go round in a circle'],
    ['a link to nothing', (path: string) => symlinkSync(`${path}-nothing`, path), 'it is a link to nothing'],
  ])('that is %s is named, the others are watched, and it is taken up when it appears', (_name, make, words) => {
    const run = makeRun();
    run.well('w');
    const late = join(run.base, 'late');
    make(late);
    const watched = watchStepped([late, run.state]);
    expect(watched.names()).toEqual(['w']);
    expect(watched.monitor.roots()).toEqual([
      { path: late, workers: 0, unreadable: words },
      { path: run.state, workers: 1, unreadable: null },
    ]);
    expect(watched.monitor.snapshot().roots).toEqual(watched.monitor.roots());
    expect(watched.monitor.check().map(({ issuesFound }) => issuesFound)).toEqual([
      [],
      [`${late} cannot be read: ${words}`],
    ]);
    rmSync(late, { force: true });
    makeWorkerDir(join(late, 'workers'), 'new', { heartbeat: { status: 'ready' } });
    watched.step(31_000);
    expect(watched.names()).toEqual(['new', 'w']);
    expect(watched.monitor.roots()[0]).toEqual({ path: late, workers: 1, unreadable: null });
    expect(watched.told('new')).toContain('found');
  });

  test('whose name is no path is named', () => {
    const run = makeRun();
    run.well('w');
    const watched = watchStepped(['no\0path', `/${'x'.repeat(5_000)}`, run.state]);
    expect(watched.names()).toEqual(['w']);
    expect(watched.monitor.roots().map(({ unreadable }) => unreadable !== null)).toEqual([true, true, false]);
  });

  test('without workers is no fault', () => {
    const run = makeRun();
    const watched = watchStepped([run.state]);
    expect(watched.monitor.roots()).toEqual([{ path: run.state, workers: 0, unreadable: null }]);
    expect(watched.monitor.snapshot()).toMatchObject({ workers: [], events: [] });
  });

  test.each([
    ['a file', (path: string) => writeFileSync(path, 'text')],
    ['a link to nothing', (path: string) => symlinkSync(`${path}-nothing`, path)],
  ])('whose workers/ is %s does not stop the others', (_name, make) => {
    const run = makeRun();
    run.well('w');
    const odd = join(run.base, 'odd');
    mkdirSync(odd);
    make(join(odd, 'workers'));
    const watched = watchStepped([odd, run.state]);
    expect(watched.names()).toEqual(['w']);
    expect(watched.monitor.roots()[0]?.workers).toBe(0);
  });

  test('that is gone has no workers any more, and has them again when it is back', () => {
    const run = makeRun();
    run.well('a');
    run.well('b');
    const watched = watchStepped([run.state]);
    renameSync(run.state, join(run.base, 'elsewhere'));
    watched.step(31_000);
    expect(watched.names()).toEqual([]);
    expect(watched.monitor.roots()).toEqual([
      { path: run.state, workers: 0, unreadable: 'there is no such directory' },
    ]);
    renameSync(join(run.base, 'elsewhere'), run.state);
    watched.step(31_000);
    expect(watched.names()).toEqual(['a', 'b']);
  });

  test('that appears is found by the real clock', async () => {
    const run = makeRun();
    const late = join(run.base, 'late');
    const watched = await watch([late], { settings: { sweepIntervalMs: 1_000 } });
    expect(watched.names()).toEqual([]);
    makeWorkerDir(late, 'w', { heartbeat: { status: 'ready' } });
    await waitFor('the worker is found', () => watched.names().includes('w'));
  });
});

describe('several roots', () => {
  test('that reach the same worker show it once, also through a link', () => {
    const run = makeRun();
    const path = run.well('w');
    const link = join(run.base, 'link');
    symlinkSync(run.state, link);
    const roots = [run.state, run.workers, path, link, join(link, 'workers'), join(link, 'workers/w')];
    const watched = watchStepped(roots);
    expect(watched.names()).toEqual(['w']);
    expect(watched.row('w')).toMatchObject({ runId: 'run', path, health: 'healthy' });
    expect(watched.monitor.roots().map(({ workers }) => workers)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(watched.monitor.snapshot().counts.ready).toBe(1);
    watched.monitor.configure(watched.settings, { 'worker-directory': [path] });
    watched.step(100);
    expect(watched.names()).toEqual(['w']);
    expect(watched.told('w')).toEqual([]);
  });

  test('of one name keep their workers apart', () => {
    const [one, two] = [makeRun(), makeRun()];
    one.put('w', 'heartbeat.json', beat({ status: 'busy' }));
    two.put('w', 'heartbeat.json', 'no JSON');
    const watched = watchStepped([one.state, two.state]);
    const rows = watched.monitor.snapshot().workers;
    expect(rows.map(({ path, runId, state }) => ({ path, runId, state }))).toEqual([
      { path: join(one.workers, 'w'), runId: 'run', state: 'busy' },
      { path: join(two.workers, 'w'), runId: 'run', state: 'stalled' },
    ]);
    const issues = watched.monitor.check().map(({ workers, issuesFound }) => [workers.length, issuesFound.length]);
    expect(issues).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  test('of which one is taken away lose its workers, and no others', () => {
    const [one, two] = [makeRun(), makeRun()];
    one.well('a');
    two.well('b');
    const watched = watchStepped([one.state, two.state]);
    watched.monitor.configure(watched.settings, { 'worker-directory': [two.state] });
    watched.step(100);
    expect(watched.names()).toEqual(['b']);
    expect(watched.told('a')).toEqual(['left']);
  });
});
