import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EvidenceKind } from '../../../src/shared/model';
import { ODD_FILES, SECRET } from '../support/odd-files';
import { beat, makeRun, type Run, type SteppedWatch, watchStepped } from '../support/watched-run';

const FILES = ['heartbeat.json', 'worker-spec.json', 'inbox.jsonl', 'outbox.jsonl', 'wire-events.jsonl', 'agent.log'];
const KINDS: Record<string, EvidenceKind> = {
  'heartbeat.json': 'heartbeat',
  'worker-spec.json': 'spec',
  'inbox.jsonl': 'inbox',
  'outbox.jsonl': 'outbox',
  'wire-events.jsonl': 'wire_events',
  'agent.log': 'log',
};
const IN_PLACE_OF = FILES.flatMap((file) => ODD_FILES.map((odd) => ({ file, odd, what: odd.name })));

/** A worker that is well, one of its files left out, between two neighbours. */
function workerWithout(file: string): { run: Run; path: string } {
  const run = makeRun();
  run.well('left');
  run.well('right');
  run.put('w', 'worker-spec.json', '{"name":"w"}');
  run.put('w', 'heartbeat.json', beat());
  const path = join(run.workers, 'w', file);
  rmSync(path, { force: true });
  return { run, path };
}

function expectNeighboursWell(watched: SteppedWatch): void {
  expect(watched.names()).toEqual(['left', 'right', 'w']);
  for (const name of ['left', 'right']) {
    expect(watched.row(name)).toMatchObject({ state: 'ready', health: 'healthy', reason: 'Heartbeat on time' });
  }
  expect(watched.monitor.roots()[0]?.unreadable).toBeNull();
  expect(watched.warnings).toEqual([]);
}

/** Everything that is shown of a worker, the tail of its log included. */
function everythingShown(watched: SteppedWatch): string {
  watched.monitor.focus({ visible: [], selected: watched.row('w').id });
  watched.step(150);
  const snapshot = watched.monitor.snapshot();
  expect(snapshot.detail?.id).toBe(watched.row('w').id);
  return JSON.stringify(snapshot);
}

describe.each(IN_PLACE_OF)('in the place of $file $what', ({ file, odd }) => {
  test('is named, and nothing of it is read', async () => {
    const { run, path } = workerWithout(file);
    await odd.make(path);
    const watched = watchStepped([run.state]);
    expectNeighboursWell(watched);
    const row = watched.row('w');
    const faults = watched.report('w').evidence.filter(({ level }) => level === 'fault');
    if (file === 'heartbeat.json') {
      expect(row).toMatchObject({ state: 'dead', reason: `Cannot read heartbeat: ${odd.words}` });
      expect(faults).toEqual([expect.objectContaining({ kind: 'heartbeat', text: `cannot be read: ${odd.words}` })]);
    } else if (file === 'agent.log' && odd.name === 'a directory') {
      expect(row).toMatchObject({ state: 'ready', reason: 'Heartbeat on time' }); // By its kind it is no log.
    } else {
      expect(row).toMatchObject({ state: 'ready', health: 'healthy' });
      expect(row.reason).toBe(`Heartbeat on time · Cannot read ${file}: ${odd.words}`);
      expect(faults.map(({ kind }) => kind)).toContain(KINDS[file]);
    }
    expect([row.inboxCount, row.outboxCount]).toEqual([null, null]);
    expect(everythingShown(watched)).not.toContain(SECRET);
  });
});

describe.each(['heartbeat.json', 'worker-spec.json'])('%s alone', (file) => {
  test.each(ODD_FILES)('makes a directory a worker, be it $name', async (odd) => {
    const { run, path } = workerWithout(file);
    for (const other of ['heartbeat.json', 'worker-spec.json']) rmSync(join(run.workers, 'w', other), { force: true });
    await odd.make(path);
    const watched = watchStepped([run.state]);
    expectNeighboursWell(watched);
    expect(watched.row('w').reason).toContain(`: ${odd.words}`);
  });
});

describe.each(FILES)('%s', (file) => {
  test('that becomes a link out of the directory is named, and read again once it is a file', async () => {
    const { run, path } = workerWithout(file);
    const content = file.endsWith('.json') ? beat({ name: 'w' }) : '{"id":1,"task_id":1}\n';
    writeFileSync(path, content);
    const watched = watchStepped([run.state]);
    expect(watched.row('w')).toMatchObject({ health: 'healthy', reason: expect.not.stringContaining('Cannot read') });
    rmSync(path);
    await ODD_FILES.find(({ name }) => name === 'a link out of the directory')?.make(path);
    watched.look('w');
    expect(watched.row('w').reason).toContain('it is a link that leads out of the worker directory');
    expect(everythingShown(watched)).not.toContain(SECRET);
    rmSync(path);
    writeFileSync(path, content);
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ health: 'healthy', reason: expect.not.stringContaining('Cannot read') });
    expectNeighboursWell(watched);
  });

  test.each(['real', '../w/real', 'sub/../real'])('that is a link into the directory (%s) is read', (target) => {
    const { run, path } = workerWithout(file);
    const content = { 'heartbeat.json': beat(), 'worker-spec.json': '{"name":"linked"}' };
    mkdirSync(join(run.workers, 'w/sub'));
    run.put('w', 'real', content[file as keyof typeof content] ?? '{"id":1,"task_id":1}\n');
    symlinkSync(target, path);
    const watched = watchStepped([run.state]);
    expectNeighboursWell(watched);
    const { name, health, reason, inboxCount, outboxCount } = watched.row('w');
    expect({ health, reason: reason.includes('Cannot read') }).toEqual({ health: 'healthy', reason: false });
    expect(watched.report('w').evidence.map(({ kind }) => kind)).toContain(KINDS[file]);
    expect(name).toBe(file === 'worker-spec.json' ? 'linked' : 'w');
    expect(inboxCount).toBe(file === 'inbox.jsonl' ? 1 : null);
    expect(outboxCount).toBe(file === 'outbox.jsonl' ? 1 : null);
  });
});

test('a worker directory that becomes a link to another directory is not followed there', () => {
  const run = makeRun();
  run.well('left');
  const path = run.well('w');
  const outside = join(run.base, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'heartbeat.json'), beat({ message: SECRET, status: 'waiting' }));
  utimesSync(outside, 1, 1); // Made in the same moment, the two would look the same until the next sweep.
  const watched = watchStepped([run.state]);
  const { id } = watched.row('w');
  renameSync(path, join(run.base, 'moved'));
  symlinkSync(outside, path);
  watched.look('w');
  expect(watched.monitor.report(id)).toBeNull();
  watched.step(60_000);
  expect(watched.names()).toEqual(['left']);
  expect(JSON.stringify(watched.monitor.snapshot())).not.toContain(SECRET);
});
