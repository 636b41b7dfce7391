import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBeat } from '../../../../src/engine/act/run-beat';
import { endOf, farewellOf, writeLastWord } from '../../../../src/engine/act/run-end';
import { watchLimits } from '../../../../src/engine/act/run-limits';
import { createRunReports } from '../../../../src/engine/act/run-reports';
import type { RunningCommand } from '../../../../src/engine/command-runner';
import type { NewRun, RunRegistry } from '../../../../src/engine/run-registry';
import { createRunFolder } from '../../../../src/host/command/run-folder';
import { createProcessTable } from '../../../../src/host/process-table';
import { openRegistry } from '../../../../src/host/registry';
import { createRunSpool } from '../../../../src/host/registry/spool';
import { SteppedClock } from '../../../fakes/stepped-clock';

const settled = () => new Promise((done) => setImmediate(done));

function setUp() {
  const stateFolder = mkdtempSync(join(tmpdir(), 'idlewatch-reports-'));
  onTestFinished(() => rmSync(stateFolder, { recursive: true, force: true }));
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const { runs, close } = openRegistry(stateFolder, log);
  onTestFinished(close);
  const table = createProcessTable();
  const clock = new SteppedClock();
  const address = { pid: process.pid, startTime: '1', ...table.space() };
  const folder = createRunFolder(stateFolder);
  const run: NewRun = {
    id: 'run-1',
    name: 'nightly',
    key: 'k',
    command: ['true'],
    directory: folder.pathOf('run-1'),
    workingDirectory: '/',
    supervisor: address,
    timeoutMs: null,
    idleTimeoutMs: null,
  };
  runs.begin(run, () => 'gone');
  const files = folder.make('run-1');
  const spool = createRunSpool(stateFolder, log);
  const options = { run, files, isRegistered: true, runs, spool, table, clock, log };
  const heartbeat = () => JSON.parse(readFileSync(join(files.path, 'heartbeat.json'), 'utf8'));
  return { options, runs, clock, warnings, heartbeat, address, spool };
}

const command = { pid: process.pid } as RunningCommand;

describe('the heartbeat of a run', () => {
  it('is written every 10 s with what has been put out, and at each phase', async () => {
    const { options, clock, heartbeat, runs, address } = setUp();
    const reports = createRunReports(options);
    reports.started(command, address);
    await settled();
    const startedAt = clock.wallMs();
    expect(heartbeat()).toMatchObject({
      status: 'busy',
      phase: 'running',
      pid: process.pid,
      progress: 0,
      name: 'nightly',
    });
    for (let beat = 1; beat <= 5; beat += 1) {
      reports.onOutput(100);
      clock.step(9_999);
      expect(Date.parse(heartbeat().ts)).toBe(startedAt + (beat - 1) * 10_000);
      clock.step(1);
      expect(heartbeat()).toMatchObject({
        ts: new Date(startedAt + beat * 10_000).toISOString(),
        progress: beat * 100,
      });
      await settled();
      expect(runs.get('run-1')).toMatchObject({ outputBytes: beat * 100, child: address });
    }
    clock.step(3_000);
    reports.phase('passing on its output');
    expect(heartbeat()).toMatchObject({
      phase: 'passing on its output',
      ts: new Date(startedAt + 53_000).toISOString(),
    });
    await reports.end(endOf({ exitCode: 3, signal: null }, null));
    expect(heartbeat()).toMatchObject({ status: 'stopped', message: 'Failed with exit code 3' });
    expect(clock.timerCount).toBe(0);
  });

  it('is tried again sooner and sooner than the next, told once, and never stops', async () => {
    const clock = new SteppedClock();
    const beats: number[] = [];
    const told: string[] = [];
    let isBroken = true;
    const beat = createBeat({
      clock,
      intervalMs: 10_000,
      write() {
        beats.push(clock.monotonicMs());
        if (isBroken) throw new Error('no room');
      },
      onFailing: (reason) => told.push(reason),
      onRecovered: (failedForMs) => told.push(`back after ${failedForMs}`),
    });
    void beat.now();
    for (let i = 0; i < 300; i += 1) {
      clock.step(250);
      await settled();
    }
    expect(beats.slice(0, 7)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 15_750]);
    expect(beats.at(-1)! - beats.at(-2)!).toBe(10_000);
    isBroken = false;
    const count = beats.length;
    while (beats.length === count) clock.step(250);
    await settled();
    expect(told).toEqual(['no room', `back after ${beats.at(-1)}`]);
    beat.stop();
    expect(clock.timerCount).toBe(0);
  });
});

describe('limits', () => {
  function watch(timeoutMs: number | null, idleTimeoutMs: number | null) {
    const clock = new SteppedClock();
    const over: [number, string][] = [];
    let lastOutputMs = 0;
    const stop = watchLimits({
      clock,
      timeoutMs,
      idleTimeoutMs,
      lastOutputMs: () => lastOutputMs,
      onOver: (reason) => over.push([clock.monotonicMs(), reason]),
    });
    const output = () => {
      lastOutputMs = clock.monotonicMs();
    };
    return { clock, over, stop, output };
  }

  it('are over at their time, once, also after weeks', () => {
    const { clock, over } = watch(40 * 86_400_000, null);
    clock.step(41 * 86_400_000);
    expect(over).toEqual([[40 * 86_400_000, 'timed out after 3456000 s']]);
    expect(clock.timerCount).toBe(0);
  });

  it('of silence begin anew with each output', () => {
    const { clock, over, output } = watch(null, 5_000);
    for (let i = 0; i < 10; i += 1) {
      clock.step(4_000);
      output();
    }
    expect(over).toEqual([]);
    clock.step(10_000);
    expect(over).toEqual([[45_000, 'no output for 5 s']]);
  });

  it('are none once stopped, or where none is set', () => {
    const { clock, over, stop } = watch(1_000, 1_000);
    stop();
    clock.step(5_000);
    expect([over, clock.timerCount]).toEqual([[], 0]);
    expect(watch(null, null).clock.timerCount).toBe(0);
  });
});

describe('the last word', () => {
  it.each([
    [{ exitCode: 0, signal: null }, null, 'succeeded', 'Succeeded'],
    [{ exitCode: 3, signal: null }, null, 'failed', 'Failed with exit code 3'],
    [{ exitCode: null, signal: 'SIGSEGV' }, null, 'failed', 'Failed: ended by SIGSEGV'],
    [{ exitCode: 0, signal: null }, 'timed out after 2 s', 'timed_out', 'timed out after 2 s'],
  ] as const)('of %j, %s', (end, timedOut, state, farewell) => {
    const change = endOf(end, timedOut);
    expect(change.state).toBe(state);
    expect(farewellOf(change)).toBe(farewell);
  });

  it('is tried four times, kept in the spool, and told once', async () => {
    const { options, warnings, spool } = setUp();
    let tries = 0;
    const broken: Partial<RunRegistry> = {
      async change() {
        tries += 1;
        throw new Error('locked');
      },
    };
    const clock = new SteppedClock();
    const runs = { ...options.runs, ...broken };
    const written = writeLastWord('run-1', { state: 'failed', exitCode: 1 }, { ...options, runs, clock });
    for (let i = 0; i < 30; i += 1) {
      await settled();
      clock.step(100);
    }
    expect(await written).toEqual({ state: 'failed', exitCode: 1 });
    expect(tries).toBe(4);
    expect(warnings).toEqual([
      'Status update failed after retries: locked. That the run is failed is kept, and written at the next start.',
    ]);
    expect(spool.waiting()).toEqual([{ id: 'run-1', change: { state: 'failed', exitCode: 1 } }]);
  });
});
