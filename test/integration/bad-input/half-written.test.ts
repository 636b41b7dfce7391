import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for';
import { beat, makeRun, type SteppedWatch, watch, watchStepped } from '../support/watched-run';

const beatAt = (watched: SteppedWatch) => beat({ ts: new Date(watched.clock.wallMs()).toISOString() });

/** What a writer's file looks like in between, and what is said of it when it stays so. */
const HALVES: [name: string, halve: (path: string) => void, state: string, reason: RegExp][] = [
  ['emptied', (path) => truncateSync(path), 'stalled', /^Invalid heartbeat JSON: it is empty/],
  ['half-written', (path) => writeFileSync(path, '{"status":"ready","ts":"20'), 'stalled', /^Invalid heartbeat JSON: /],
  ['removed', (path) => rmSync(path), 'dead', /^Heartbeat file missing/],
  ['moved away', (path) => renameSync(path, `${path}.old`), 'dead', /^Heartbeat file missing/],
];

test.each(HALVES)('a heartbeat that is %s and whole again within 250 ms is never announced', (_name, halve) => {
  const run = makeRun();
  run.well('neighbour');
  const path = run.put('w', 'heartbeat.json', beat());
  const watched = watchStepped([run.state]);
  for (let time = 0; time < 5; time += 1) {
    halve(path);
    watched.look('w'); // 150 ms
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
    writeFileSync(path, beatAt(watched));
    watched.step(200);
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy', reason: 'Heartbeat on time' });
  }
  expect(watched.told('w')).toEqual([]);
});

test.each(HALVES)(
  'a heartbeat that stays %s is announced once after 250 ms, and recovers',
  (_name, halve, state, reason) => {
    const run = makeRun();
    run.well('neighbour');
    const path = run.put('w', 'heartbeat.json', beat());
    const watched = watchStepped([run.state]);
    halve(path);
    watched.look('w');
    watched.step(200);
    expect(watched.row('w')).toMatchObject({ state });
    expect(watched.row('w').reason).toMatch(reason);
    watched.step(10_000);
    writeFileSync(path, beatAt(watched));
    watched.step(1_200);
    expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
    expect(watched.told('w')).toEqual([state, 'recovered']);
    expect(watched.row('neighbour').health).toBe('healthy');
  },
);

test('a heartbeat that is half-written at first sight is not announced before it had its time', () => {
  const run = makeRun();
  run.well('neighbour');
  const path = run.put('w', 'heartbeat.json', '{"status":');
  const watched = watchStepped([]);
  watched.monitor.configure(watched.settings, { 'worker-directory': [run.state] });
  watched.step(100);
  expect(watched.names()).toEqual(['neighbour']);
  writeFileSync(path, beat());
  watched.step(400);
  expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
  expect(watched.told('w')).toEqual(['found']);
});

test('with the real clock and file events: a writer that truncates and rewrites is never announced', async () => {
  const run = makeRun();
  const path = run.put('w', 'heartbeat.json', beat({ phase: '0' }));
  const watched = await watch([run.state]);
  for (let phase = 1; phase <= 8; phase += 1) {
    truncateSync(path);
    appendFileSync(path, '{"status":"ready",');
    await new Promise((done) => setImmediate(done));
    writeFileSync(path, beat({ phase: `${phase}` }));
    await waitFor(`phase ${phase} is seen`, () => watched.report('w').heartbeatContent?.phase === `${phase}`);
  }
  expect(watched.told('w')).toEqual([]);
  expect(watched.row('w')).toMatchObject({ state: 'ready', health: 'healthy' });
});

test('a spec that is written by halves is taken over once it is whole', () => {
  const run = makeRun();
  const path = run.put('w', 'worker-spec.json', '{"name":"Ada","inbox":"ta');
  run.put('w', 'heartbeat.json', beat({ status: 'alive' }));
  run.put('w', 'tasks.jsonl', '{"id":1}\n');
  const watched = watchStepped([run.state]);
  expect(watched.row('w')).toMatchObject({ name: 'w', inboxCount: null });
  appendFileSync(path, 'sks.jsonl"}');
  watched.look('w');
  expect(watched.row('w')).toMatchObject({ name: 'Ada', inboxCount: 1, state: 'busy' });
  expect(watched.row('w').reason).not.toContain('worker-spec.json');
});
