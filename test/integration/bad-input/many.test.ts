import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkerDir } from '../../fixtures/worker-dir';
import { ODD_FILES } from '../support/odd-files';
import { beat, makeRun, watch, watchStepped } from '../support/watched-run';

test('one worker', async () => {
  const run = makeRun();
  run.well('only');
  const watched = await watch([run.state]);
  expect(watched.names()).toEqual(['only']);
  expect(watched.monitor.snapshot()).toMatchObject({ counts: { ready: 1, dead: 0 }, overall: 'idle' });
  expect(watched.row('only')).toMatchObject({ state: 'ready', health: 'healthy' });
});

/** Verdicts that must come out, each for every tenth worker. */
const SORTS: { state: string; make(run: ReturnType<typeof makeRun>, name: string): void }[] = [
  { state: 'ready', make: (run, name) => void run.put(name, 'heartbeat.json', beat()) },
  { state: 'busy', make: (run, name) => void run.put(name, 'heartbeat.json', beat({ status: 'busy' })) },
  { state: 'waiting', make: (run, name) => void run.put(name, 'heartbeat.json', beat({ status: 'waiting' })) },
  { state: 'stopped', make: (run, name) => void run.put(name, 'heartbeat.json', beat({ status: 'stopped' })) },
  { state: 'starting', make: (run, name) => void run.put(name, 'worker-spec.json', '{}') },
  { state: 'stalled', make: (run, name) => void run.put(name, 'heartbeat.json', '{}') },
  { state: 'dead', make: makeLink },
  {
    state: 'ready',
    make: (run, name) => void makeWorkerDir(run.workers, name, { heartbeat: {}, inbox: [], outbox: [] }),
  },
  { state: 'busy', make: (run, name) => void makeWorkerDir(run.workers, name, { heartbeat: {}, inbox: [{ id: 1 }] }) },
  { state: 'stopped', make: (run, name) => void run.put(name, 'heartbeat.json', beat({ ts: '1999-01-01T00:00:00Z' })) },
];

function makeLink(run: ReturnType<typeof makeRun>, name: string): void {
  run.put(name, 'worker-spec.json', '{}');
  symlinkSync('/dev/zero', join(run.workers, name, 'heartbeat.json'));
}

test('2,000 workers of every sort: each gets its own verdict at the first reading', async () => {
  const run = makeRun();
  for (let at = 0; at < 2_000; at += 1) SORTS[at % 10]?.make(run, `w${at}`);
  // However slowly they are made: none of them turns late meanwhile.
  const settings = { heartbeat_missing_secs: 600, heartbeat_stale_secs: 600, startupGraceMs: 600_000 };
  const watched = await watch([run.state], { settings });
  const { workers, counts } = watched.monitor.snapshot();
  expect(workers).toHaveLength(2_000);
  expect(counts).toEqual({ ready: 400, busy: 400, waiting: 200, stopped: 400, starting: 200, stalled: 200, dead: 200 });
  const wrong = workers.filter(({ path, state }) => {
    const at = Number(/w(\d+)$/.exec(path)?.[1]);
    return state !== SORTS[at % 10]?.state;
  });
  expect(wrong).toEqual([]);
  expect(watched.monitor.roots()).toEqual([{ path: run.state, workers: 2_000, unreadable: null }]);
  expect(watched.warnings).toEqual([]);
}, 60_000);

test('200 workers, one of them broken in every way: the others are well, sweep after sweep', async () => {
  const run = makeRun();
  for (let at = 0; at < 200; at += 1) run.put(`w${at}`, 'heartbeat.json', beat({ interval_ms: 60_000 }));
  run.put('broken', 'worker-spec.json', '\u0000{');
  for (const [at, file] of ['heartbeat.json', 'inbox.jsonl', 'outbox.jsonl', 'wire-events.jsonl', 'a.log'].entries()) {
    await ODD_FILES[at]?.make(join(run.workers, 'broken', file));
  }
  const watched = watchStepped([run.state]);
  watched.step(35_000);
  expect(watched.monitor.snapshot().counts).toMatchObject({ ready: 200, dead: 1 });
  expect(watched.row('broken').reason).toMatch(/^Cannot read heartbeat: it is a FIFO/);
  expect(watched.events.filter(({ kind }) => kind !== 'idle' && kind !== 'running').map(({ kind }) => kind)).toEqual([
    'dead',
  ]);
  writeFileSync(join(run.workers, 'w199/heartbeat.json'), '{}');
  watched.step(35_000);
  expect(watched.row('w199').state).toBe('stalled');
});
