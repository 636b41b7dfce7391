import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createFiles } from '../../../src/host/files';
import { beat, makeRun, watch, watchStepped } from '../support/watched-run';

const MB = 1024 * 1024;
const GB = 1024 * MB;
/** No call reads more than this, whatever the size of the file. */
const CALL_MAX = MB;
/** Memory that reading may take at its peak: far more than it does, far less than it would without slices. */
const PEAK_MAX = 256 * MB;

const FILES = ['heartbeat.json', 'worker-spec.json', 'inbox.jsonl', 'outbox.jsonl', 'wire-events.jsonl', 'agent.log'];

/** A file of 1 GB that takes no space. */
function makeHuge(path: string, start = '', end = ''): void {
  const file = openSync(path, 'w');
  writeSync(file, start);
  ftruncateSync(file, GB);
  writeSync(file, end, GB - end.length);
  closeSync(file);
}

/** The real files, how much was read of them, and how much by the greatest call. */
function counted() {
  const real = createFiles();
  const counting = { bytes: 0, largest: 0, files: real };
  counting.files = {
    ...real,
    read(...args) {
      const got = real.read(...args);
      const length = got.ok ? got.data.length : 0;
      counting.bytes += length;
      counting.largest = Math.max(counting.largest, length);
      return got;
    },
  };
  return counting;
}

/** By how much the process's peak of memory rose, in bytes. */
function peakGrowth(work: () => void): number {
  const before = process.resourceUsage().maxRSS;
  work();
  return (process.resourceUsage().maxRSS - before) * 1024;
}

describe.each(FILES)('1 GB of %s', (file) => {
  test('gets a verdict, is read in slices, and disturbs no neighbour', () => {
    const run = makeRun();
    run.well('left');
    run.put('w', 'heartbeat.json', beat());
    makeHuge(run.put('w', file, ''));
    run.well('right');
    const reads = counted();
    const growth = peakGrowth(() => {
      const watched = watchStepped([run.state], { ports: { files: reads.files } });
      const { state, reason } = watched.row('w');
      const tooLong = (allowed: number) => `it has ${GB} bytes; allowed are ${allowed}`;
      if (file === 'heartbeat.json') {
        expect({ state, reason }).toEqual({ state: 'dead', reason: `Cannot read heartbeat: ${tooLong(64 * 1024)}` });
      } else if (file === 'worker-spec.json') {
        expect(reason).toBe(`Heartbeat on time · Cannot read worker-spec.json: ${tooLong(256 * 1024)}`);
      } else {
        expect({ state, reason }).toEqual({ state: 'ready', reason: 'Heartbeat on time' });
      }
      for (const name of ['left', 'right']) expect(watched.row(name).reason).toBe('Heartbeat on time');
      watched.monitor.focus({ visible: [], selected: watched.row('w').id });
      watched.step(150);
      expect(JSON.stringify(watched.monitor.snapshot()).length).toBeLessThan(100_000);
    });
    expect(growth).toBeLessThan(PEAK_MAX);
    expect(reads.largest).toBeLessThanOrEqual(CALL_MAX);
  });
});

test('1 GB of an inbox without a line end is gone through, and the tasks around it count', () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat({ status: 'ready' }));
  makeHuge(run.put('w', 'inbox.jsonl', ''), '{"id":1}\n', '\n{"id":2}\n');
  const reads = counted();
  const growth = peakGrowth(() => {
    const watched = watchStepped([run.state], { ports: { files: reads.files } });
    for (let second = 0; second < 200 && reads.bytes < GB; second += 1) watched.step(1_000);
    expect(reads.bytes).toBeGreaterThanOrEqual(GB);
    watched.step(1_000);
    expect(watched.row('w').inboxCount).toBe(2);
    expect(watched.report('w').evidence.find(({ kind }) => kind === 'inbox')?.text).toBe(
      '2 tasks, 1 line is no JSON entry',
    );
  });
  expect(growth).toBeLessThan(PEAK_MAX);
  expect(reads.largest).toBeLessThanOrEqual(CALL_MAX);
});

/** 64 MB of tasks, of which every tenth is none; returns how many are. */
function writeTasks(path: string): number {
  const file = openSync(path, 'w');
  const rest = 'x'.repeat(480);
  let tasks = 0;
  for (let block = 0; block < 1_280; block += 1) {
    let text = '';
    for (let line = 0; line < 100; line += 1) {
      const isTask = line % 10 !== 0;
      if (isTask) tasks += 1;
      text += isTask ? `{"id":"${block}-${line}","task":"${rest}"}\n` : `no task, but ${rest}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
  return tasks;
}

test('64 MB of tasks are counted to the last, none of them taken for traffic', () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat());
  const tasks = writeTasks(run.put('w', 'inbox.jsonl', ''));
  const reads = counted();
  const growth = peakGrowth(() => {
    const watched = watchStepped([run.state], { ports: { files: reads.files } });
    for (let second = 0; second < 60 && reads.bytes < 64 * MB; second += 1) watched.step(1_000);
    watched.step(1_000);
    expect(watched.row('w').inboxCount).toBe(tasks);
    expect(watched.report('w').evidence.find(({ kind }) => kind === 'inbox')?.text).toMatch(
      / tasks, 12800 lines are no JSON entry$/,
    );
    expect(watched.monitor.snapshot().idle.trafficCount).toBe(0);
  });
  expect(growth).toBeLessThan(PEAK_MAX);
  expect(reads.largest).toBeLessThanOrEqual(CALL_MAX);
});

test('while a long file is counted by the real clock, everything else has its turn', async () => {
  const run = makeRun();
  run.put('w', 'heartbeat.json', beat());
  run.well('neighbour');
  writeTasks(run.put('w', 'inbox.jsonl', ''));
  const reads = counted();
  let [turns, most, bytesBefore] = [0, 0, 0];
  let isOver = false;
  const turn = () => {
    turns += 1;
    most = Math.max(most, reads.bytes - bytesBefore);
    bytesBefore = reads.bytes;
    if (!isOver) setImmediate(turn);
  };
  turn();
  const watched = await watch([run.state], { ports: { files: reads.files } });
  isOver = true;
  expect(reads.bytes).toBeGreaterThan(0);
  expect(turns).toBeGreaterThan(4);
  expect(most).toBeLessThan(16 * MB); // A quarter of the file, and far more than is read in one go.
  expect(watched.row('neighbour')).toMatchObject({ health: 'healthy' });
});
