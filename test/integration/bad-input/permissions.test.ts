import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asNobody } from '../support/as-nobody';
import { beat, makeRun, type Run, watchStepped } from '../support/watched-run';

const FILES = ['inbox.jsonl', 'outbox.jsonl', 'wire-events.jsonl', 'agent.log', 'worker-spec.json'];
const DENIED = 'permission denied';

function forbid(path: string, mode = 0): void {
  chmodSync(path, mode);
  onTestFinished(() => chmodSync(path, 0o755)); // So that it can be removed.
}

function makeWorkers(): Run {
  const run = makeRun();
  run.well('left');
  run.put('w', 'heartbeat.json', beat());
  run.well('right');
  return run;
}

/** A monitor for which what is forbidden is forbidden, and stays so in every step. */
function watchAsNobody(run: Run, roots = [run.state]) {
  const watched = asNobody(run.base, () => watchStepped(roots));
  return {
    ...watched,
    step: (ms: number) => asNobody(run.base, () => watched.step(ms)),
    look: (directory: string) => asNobody(run.base, () => watched.look(directory)),
  };
}

test('what this test forbids is forbidden to it', () => {
  const run = makeWorkers();
  const path = join(run.workers, 'w/heartbeat.json');
  forbid(path);
  expect(() => asNobody(run.base, () => readFileSync(path))).toThrow(/EACCES/);
});

test.each(FILES)('%s that may not be read is named, and the worker is judged by the rest', (file) => {
  const run = makeWorkers();
  forbid(run.put('w', file, '{}'));
  const watched = watchAsNobody(run);
  expect(watched.row('w')).toMatchObject({
    state: 'ready',
    reason: `Heartbeat on time · Cannot read ${file}: ${DENIED}`,
  });
  for (const name of ['left', 'right']) expect(watched.row(name).reason).toBe('Heartbeat on time');
  chmodSync(join(run.workers, 'w', file), 0o644);
  watched.step(31_000);
  watched.look('w');
  expect(watched.row('w').reason).not.toContain(DENIED);
});

test('a heartbeat that may not be read is dead with the reason', () => {
  const run = makeWorkers();
  forbid(join(run.workers, 'w/heartbeat.json'));
  const watched = watchAsNobody(run);
  expect(watched.row('w')).toMatchObject({ state: 'dead', reason: `Cannot read heartbeat: ${DENIED}` });
  expect([watched.row('left').health, watched.row('right').health]).toEqual(['healthy', 'healthy']);
});

describe('a worker directory that may not be', () => {
  test.each([
    ['entered nor listed', 0],
    ['listed', 0o311],
  ])('%s is a row of unknown health with the reason, and no alarm', (_name, mode) => {
    const run = makeWorkers();
    forbid(join(run.workers, 'w'), mode);
    const watched = watchAsNobody(run);
    expect(watched.row('w')).toMatchObject({
      health: 'unknown',
      reason: expect.stringMatching(`^Cannot be read: ${DENIED}`),
      needsPerson: false,
    });
    expect([watched.row('left').health, watched.row('right').health]).toEqual(['healthy', 'healthy']);
    chmodSync(join(run.workers, 'w'), 0o755);
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy', reason: 'Heartbeat on time' });
  });

  test('entered any more keeps its last state, of unknown health with the reason, and no alarm', () => {
    const run = makeWorkers();
    const watched = watchAsNobody(run);
    forbid(join(run.workers, 'w'));
    watched.step(35_000);
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'unknown' });
    expect(watched.row('w').reason).toMatch(`Cannot be read: ${DENIED}`);
    expect(watched.told('w')).toEqual([]);
  });
});

describe('a root that may not be read', () => {
  test('is named, and the others are watched', () => {
    const run = makeWorkers();
    const other = makeRun();
    other.well('elsewhere');
    forbid(run.workers);
    chmodSync(other.base, 0o755);
    const watched = watchAsNobody(run, [run.state, other.state]);
    expect(watched.names()).toEqual(['elsewhere']);
    expect(watched.monitor.roots()).toEqual([
      { path: run.state, workers: 0, unreadable: `workers/: ${DENIED}` },
      { path: other.state, workers: 1, unreadable: null },
    ]);
    chmodSync(run.workers, 0o755);
    watched.step(31_000);
    expect(watched.names()).toEqual(['elsewhere', 'left', 'right', 'w']);
    expect(watched.monitor.roots()[0]).toMatchObject({ workers: 3, unreadable: null });
  });

  test('any more keeps its workers: that it cannot be read says nothing of them', () => {
    const run = makeWorkers();
    const watched = watchAsNobody(run, [run.workers]);
    forbid(run.workers);
    watched.step(65_000);
    expect(watched.names()).toEqual(['left', 'right', 'w']);
    expect(watched.monitor.roots()[0]).toMatchObject({ unreadable: DENIED });
    expect(watched.events.filter(({ kind }) => kind === 'left')).toEqual([]);
  });
});
