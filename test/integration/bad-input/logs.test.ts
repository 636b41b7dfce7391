import { appendFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { beat, makeRun, type SteppedWatch, watchStepped } from '../support/watched-run';

const old = (path: string, ageMs: number) => utimesSync(path, (Date.now() - ageMs) / 1000, (Date.now() - ageMs) / 1000);
const logsShown = (watched: SteppedWatch) => watched.report('w').evidence.filter(({ kind }) => kind === 'log');

test('of many logs the newest are followed, however they are named', () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat());
  for (let at = 0; at < 100; at += 1) old(run.put('w', `${at}.log`, 'line\n'), 600_000 + at);
  const busy = run.put('w', '57.log', 'line\n');
  const watched = watchStepped([run.state]);
  expect(logsShown(watched)).toHaveLength(16);
  expect(logsShown(watched).map(({ text }) => text)).toContain('57.log, 5 B');
  appendFileSync(busy, 'one\ntwo\n');
  watched.look('w');
  expect(watched.monitor.snapshot().idle.trafficCount).toBe(2);
});

test('logs that come and go leave nothing behind but that there was life', () => {
  const run = makeRun();
  run.put('w', 'worker-spec.json', '{}');
  old(join(run.workers, 'w/worker-spec.json'), 3_000_000);
  const watched = watchStepped([run.state]);
  for (let hour = 0; hour < 40; hour += 1) {
    const now = watched.clock.wallMs() / 1000;
    const path = run.put('w', `${hour}.log`, 'line\n');
    utimesSync(path, now, now);
    watched.look('w');
    expect(logsShown(watched).map(({ text }) => text)).toEqual([`${hour}.log, 5 B`]);
    expect(watched.row('w')).toMatchObject({ state: 'ready', reason: 'No heartbeat, but its log grows' });
    rmSync(path);
    watched.look('w');
    expect(watched.row('w')).toMatchObject({ state: 'ready', reason: 'No heartbeat, but its log grows' });
  }
  expect(watched.monitor.killTarget(watched.row('w').id)?.files.filter((file) => file.endsWith('.log'))).toEqual([]);
  watched.step(31_000);
  expect(watched.row('w').state).toBe('dead');
});

test('a log that is replaced by an empty one is no new life', () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat());
  const path = run.put('w', 'w.log', 'line\n');
  const watched = watchStepped([run.state]);
  watched.step(20_000);
  rmSync(path);
  run.put('w', 'w.log', '');
  watched.look('w');
  watched.step(11_000);
  expect(watched.row('w')).toMatchObject({ state: 'dead' });
});

test('a log that grows by a lot at once is read from its end, and its tail is shown', () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat());
  const path = run.put('w', 'w.log', 'first\n');
  const watched = watchStepped([run.state]);
  appendFileSync(path, `${'x'.repeat(99)}\n`.repeat(50_000));
  appendFileSync(path, 'last\n');
  watched.monitor.focus({ visible: [], selected: watched.row('w').id });
  watched.step(300);
  const { trafficCount } = watched.monitor.snapshot().idle;
  expect(trafficCount).toBeGreaterThan(0);
  expect(trafficCount).toBeLessThan(1_000);
  const lines = watched.monitor.snapshot().detail?.logTail?.lines ?? [];
  expect([lines.length, lines.at(-1)]).toEqual([60, 'last']);
});

test('a log of bytes that are no text has a tail that can be shown', () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat());
  run.put(
    'w',
    'w.log',
    Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256),
  );
  const watched = watchStepped([run.state]);
  watched.monitor.focus({ visible: [], selected: watched.row('w').id });
  watched.step(300);
  const lines = watched.monitor.snapshot().detail?.logTail?.lines ?? [];
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
