import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../../src/engine/ports';
import { createFiles } from '../../../src/host/files';
import { makeWorkerDir } from '../../fixtures/worker-dir';
import { waitFor } from '../support/wait-for';
import { beat, makeRun, type SteppedWatch, watch, watchStepped } from '../support/watched-run';

const beatAt = (watched: SteppedWatch) => beat({ ts: new Date(watched.clock.wallMs()).toISOString() });

/** The real files, with something done to the disk just before the n-th call that concerns a path. */
function meanwhile(concerns: string, happenings: Record<number, () => void>): Files {
  const real = createFiles();
  let calls = 0;
  const before =
    <Rest extends unknown[], Answer>(ask: (path: string, ...rest: Rest) => Answer) =>
    (path: string, ...rest: Rest): Answer => {
      if (path.startsWith(concerns)) happenings[++calls]?.();
      return ask(path, ...rest);
    };
  return {
    ...real,
    stat: before(real.stat),
    read: before(real.read),
    list: before(real.list),
    mtimeMs: before(real.mtimeMs),
  };
}

describe('a worker directory', () => {
  test('that vanishes leaves, and is found again when it comes back', () => {
    const run = makeRun();
    run.well('neighbour');
    const path = run.well('w');
    const watched = watchStepped([run.state], { settings: { sweepIntervalMs: 5_000 } });
    rmSync(path, { recursive: true });
    watched.step(6_000);
    expect(watched.names()).toEqual(['neighbour']);
    expect(watched.monitor.snapshot().counts.ready).toBe(1);
    expect(watched.monitor.roots()[0]?.workers).toBe(1);
    run.put('w', 'heartbeat.json', beatAt(watched));
    watched.step(6_000);
    expect(watched.told('w')).toEqual(['left', 'found']);
    expect(watched.monitor.snapshot().counts.ready).toBe(2);
    expect(watched.row('neighbour')).toMatchObject({ health: 'healthy' });
  });

  test('that is made anew between two looks is the same worker with what stands in it now', () => {
    const run = makeRun();
    const content = { heartbeat: { status: 'alive' }, inbox: [{ id: 1 }, { id: 2 }], log: ['old'] };
    const path = makeWorkerDir(run.workers, 'w', content);
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ inboxCount: 2, state: 'busy', role: 'coder' });
    rmSync(path, { recursive: true });
    run.put('w', 'heartbeat.json', beat({ status: 'alive' }));
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ inboxCount: null, state: 'ready', role: null });
    expect(watched.told('w')).toEqual(['ready']);
  });

  test('that is a file now has left', () => {
    const run = makeRun();
    run.well('neighbour');
    const path = run.well('w');
    const watched = watchStepped([run.state]);
    rmSync(path, { recursive: true });
    writeFileSync(path, 'a file');
    watched.look('w');
    expect(watched.names()).toEqual(['neighbour']);
    expect(watched.told('w')).toEqual(['left']);
  });

  test('that loses its spec and heartbeat stays, and says so', () => {
    const run = makeRun();
    const path = run.well('w');
    const watched = watchStepped([run.state]);
    for (const file of readdirSync(path)) rmSync(join(path, file));
    watched.step(61_000);
    expect(watched.row('w')).toMatchObject({ state: 'dead', reason: 'Heartbeat file missing' });
    expect(watched.told('w')).toEqual(['dead']);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'that vanishes before the %dth look into it disturbs no other',
    (call) => {
      const run = makeRun();
      run.well('left');
      const path = run.well('m');
      for (const file of ['inbox.jsonl', 'outbox.jsonl', 'wire-events.jsonl', 'a.log'])
        run.put('m', file, '{"id":1}\n');
      run.well('right');
      const files = meanwhile(path, { [call]: () => rmSync(path, { recursive: true }) });
      const watched = watchStepped([run.state], { ports: { files } });
      expect(watched.row('left')).toMatchObject({ health: 'healthy' });
      expect(watched.row('right')).toMatchObject({ health: 'healthy' });
      watched.step(31_000);
      expect(watched.names()).toEqual(['left', 'right']);
      expect(watched.monitor.roots()).toEqual([{ path: run.state, workers: 2, unreadable: null }]);
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'that is away for the %dth look into it and comes back is well in the end',
    (call) => {
      const run = makeRun();
      const path = run.well('m');
      const away = join(run.base, 'away');
      const back = () => existsSync(away) && renameSync(away, path);
      const files = meanwhile(path, { [call]: () => renameSync(path, away), [call + 2]: back });
      const watched = watchStepped([run.state], { ports: { files }, settings: { sweepIntervalMs: 5_000 } });
      for (let time = 0; time < 3; time += 1) {
        back();
        run.put('m', 'heartbeat.json', beatAt(watched));
        watched.step(6_000);
      }
      expect(existsSync(away)).toBe(false);
      expect(watched.row('m')).toMatchObject({ state: 'ready', reason: 'Heartbeat on time', role: 'coder' });
    },
  );
});

test('with the real clock and file events: directories that come and go are found and leave', async () => {
  const run = makeRun();
  run.well('stays');
  const watched = await watch([run.state], { settings: { sweepIntervalMs: 1_000 } });
  for (let round = 0; round < 3; round += 1) {
    makeWorkerDir(run.workers, 'comes', { heartbeat: { status: 'ready' } });
    await waitFor('it is found', () => watched.names().includes('comes'));
    rmSync(join(run.workers, 'comes'), { recursive: true });
    await waitFor('it has left', () => !watched.names().includes('comes'));
  }
  expect(watched.told('comes').filter((kind) => kind === 'left')).toHaveLength(3);
  expect(watched.row('stays')).toMatchObject({ health: 'healthy' });
});

test('a directory that is a worker by its heartbeat alone, made before it was filled, is found once it is', () => {
  const run = makeRun();
  mkdirSync(join(run.workers, 'w'));
  const watched = watchStepped([run.state]);
  expect(watched.names()).toEqual([]);
  run.put('w', 'heartbeat.json', beatAt(watched));
  watched.step(31_000);
  expect(watched.names()).toEqual(['w']);
});
