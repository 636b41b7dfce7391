import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { createKiller, type ExecuteOptions, type Killer, type KillerOptions } from '../../../src/engine/act/kill';
import type { KillTarget } from '../../../src/engine/monitor-types';
import type { Signals } from '../../../src/engine/ports';
import { createClock } from '../../../src/host/clock';
import { createProcessTable } from '../../../src/host/process-table';
import { openRegistry } from '../../../src/host/registry';
import { createSignals } from '../../../src/host/signals';
import type { KillReceipt } from '../../../src/shared/model';
import { type Running, realProcesses } from './real-processes';

export const ASK: ExecuteOptions = { acceptShared: false, askedBy: 'test', why: 'for a test' };

export const table = createProcessTable();

/** Everything a test of ending real processes needs; made anew for each test, and cleaned up after it. */
export interface Killing {
  base: string;
  targets: KillTarget[];
  killGraceMs: number;
  receipts: KillReceipt[];
  processes: ReturnType<typeof realProcesses>;
  killer(over?: Partial<KillerOptions>): Killer;
  /** A worker directory, and what idlewatch knows of its worker: by default that a heartbeat just named `pid`. */
  worker(name: string, pid: number | null, over?: Partial<KillTarget>): KillTarget;
  /** Start a program in a worker's directory and let the worker name it. */
  startWorker(name: string, program?: string, args?: string[]): Promise<Running & { target: KillTarget }>;
  /** Plan and carry out. */
  end(target: KillTarget, ask?: Partial<ExecuteOptions>, over?: Partial<KillerOptions>): Promise<KillReceipt>;
  /** A process that must outlive the test. */
  bystander(pid: number): void;
}

/** Sets up before each test of a file; prints its figures at the end: endings, processes, survivors, wrong kills. */
export function killing(title: string): Killing {
  const figures = { endings: 0, processes: 0, survivors: 0, wrongKills: 0 };
  const processes = realProcesses();
  let bystanders: { pid: number; startTime: string }[] = [];

  const it: Killing = {
    base: '',
    targets: [],
    killGraceMs: 15_000,
    receipts: [],
    processes,
    killer: (over = {}) =>
      createKiller({
        table,
        audit: openRegistry(join(it.base, 'state'), { warn: console.error }).audit,
        clock: createClock(),
        settings: () => ({ killGraceMs: it.killGraceMs }),
        target: (id) => it.targets.find(({ workerId }) => workerId === id) ?? null,
        targets: () => it.targets,
        onReceipt: note,
        ...over,
        signals: watched(over.signals ?? createSignals()),
      }),
    worker(name, pid, over = {}) {
      const path = join(it.base, 'workers', name);
      mkdirSync(path, { recursive: true });
      const claim = pid === null ? null : { pid, from: 'heartbeat' as const, namedAt: Date.now() };
      const files = ['heartbeat.json', 'outbox.jsonl', 'agent.log'].map((file) => join(path, file));
      const workerId = `worker-directory:${path}`;
      const named = { workerId, workerName: name, source: 'worker-directory' as const, path };
      const target: KillTarget = { ...named, claim, session: null, files, abort: null, within: null, ...over };
      it.targets = [...it.targets.filter((other) => other.workerId !== target.workerId), target];
      return target;
    },
    async startWorker(name, program = 'sleeper.mjs', args = []) {
      const { path } = it.worker(name, null);
      const running = await processes.start(program, args, { cwd: path });
      return { ...running, target: it.worker(name, running.pid) };
    },
    async end(target, ask = {}, over = {}) {
      const killer = it.killer(over);
      const plan = killer.plan(target.workerId);
      const answer = await killer.execute(plan.planId, { ...ASK, ...ask });
      if (!answer.ok) throw new Error(answer.reason);
      return answer.receipt;
    },
    bystander(pid) {
      const look = table.inspect(pid);
      if (look.liveness !== 'alive') throw new Error(`${pid} does not live`);
      bystanders.push(look.fact);
    },
  };

  function note(receipt: KillReceipt): void {
    it.receipts.push(receipt);
    figures.endings += 1;
    figures.processes += receipt.processes.filter(({ outcome }) => outcome !== 'not_signalled').length;
    figures.survivors += receipt.processes.filter(({ outcome }) => outcome === 'survived').length;
  }

  /** A signal to a bystander is a wrong one, whether or not it ends. */
  function watched(signals: Signals): Signals {
    return {
      send(pid, signal) {
        if (bystanders.some((one) => one.pid === pid)) figures.wrongKills += 1;
        return signals.send(pid, signal);
      },
    };
  }

  beforeEach(() => {
    it.base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-kill-')));
    it.targets = [];
    it.receipts = [];
    it.killGraceMs = 15_000;
    bystanders = [];
  });
  afterEach(async () => {
    const lost = bystanders.filter(({ pid, startTime }) => {
      const look = table.inspect(pid);
      return look.liveness !== 'alive' || look.fact.startTime !== startTime;
    });
    figures.wrongKills += lost.length;
    await processes.endAll();
    rmSync(it.base, { recursive: true, force: true });
    expect(
      lost.map(({ pid }) => pid),
      'bystanders that were ended',
    ).toEqual([]);
  });
  afterAll(() => {
    const { endings, processes: count, survivors, wrongKills } = figures;
    process.stdout.write(
      `${title}: ${endings} endings, ${count} processes, ${survivors} survivors, ${wrongKills} wrong kills\n`,
    );
    expect(wrongKills).toBe(0);
  });
  return it;
}
