import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { RunNotice, RunRecord } from '../../../src/engine/run-registry';
import { createProcessTable } from '../../../src/host/process-table';
import { openRegistry, type Registry } from '../../../src/host/registry';
import { buildPrograms, type Programs } from '../support/programs';
import { cleanEnvironment } from '../support/run-cli';
import { waitFor } from '../support/wait-for';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

/** `idlewatch run` as built, in a state folder of each test's own. */
export interface RunBench {
  /** Temporary, of this test. */
  readonly base: string;
  readonly stateFolder: string;
  readonly environment: Record<string, string>;
  /** The arguments of node for `idlewatch run` with these arguments. */
  node(...args: string[]): string[];
  start(args: string[], options?: SpawnOptions): ChildProcess;
  /** To its end, with `input` as its standard input. */
  run(args: string[], input?: string): Promise<Ended>;
  records(): RunRecord[];
  notices(run: RunRecord): RunNotice[];
  heartbeat(run: RunRecord): Record<string, unknown>;
  log(run: RunRecord): string;
  /** Once it is in the registry with its first process, and beats. */
  running(): Promise<RunRecord & { child: NonNullable<RunRecord['child']> }>;
  /** Pids of the processes that carry the mark of one of this test's runs. */
  marked(): number[];
}

export function runBench(): RunBench {
  const table = createProcessTable();
  let programs: Programs;
  let base = '';
  let environment: Record<string, string> = {};
  let registry: Registry;

  beforeAll(async () => {
    programs = await buildPrograms(['cli']);
  }, 60_000);
  afterAll(() => programs?.remove());
  beforeEach(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-run-test-')));
    environment = { ...cleanEnvironment(base), TMUX_TMPDIR: base };
    registry = openRegistry(bench.stateFolder, { warn: (message) => console.warn(message) });
  });
  afterEach(async () => {
    await waitFor('nothing that a test started is left', () => {
      const left = bench.marked();
      for (const pid of left) process.kill(pid, 'SIGKILL');
      return left.length === 0;
    });
    registry.close();
    rmSync(base, { recursive: true, force: true });
  });

  const bench: RunBench = {
    get base() {
      return base;
    },
    get stateFolder() {
      return join(base, 'state', 'idlewatch');
    },
    get environment() {
      return environment;
    },
    node: (...args) => [programs.cli, 'run', ...args],
    start: (args, options = {}) =>
      spawn(process.execPath, [programs.cli, 'run', ...args], { cwd: base, env: environment, ...options }),
    async run(args, input) {
      const child = bench.start(args, { stdio: ['pipe', 'pipe', 'pipe'] });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
      return await ended(child);
    },
    records: () => registry.runs.list(),
    notices: ({ id }) => registry.runs.noticesAfter(id, 0),
    heartbeat: ({ directory }) => JSON.parse(readFileSync(join(directory, 'heartbeat.json'), 'utf8')),
    log: ({ directory }) => readFileSync(join(directory, 'agent.log'), 'utf8'),
    running: () =>
      waitFor('the run is in the registry and beats', () => {
        const [run] = bench.records();
        const beats = run && existsSync(join(run.directory, 'heartbeat.json'));
        return run?.child && beats ? { ...run, child: run.child } : null;
      }),
    marked() {
      const listing = table.list();
      if (!listing.ok) throw new Error(listing.reason);
      const isOurs = (pid: number) => table.environmentValue(pid, 'IDLEWATCH_WORKER_DIR')?.startsWith(base);
      return listing.processes.filter(({ pid, stat }) => stat !== 'Z' && isOurs(pid)).map(({ pid }) => pid);
    },
  };
  return bench;
}

/** What a program put out, and how it ended, once both are known. */
export function ended(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) =>
      done({ code, signal, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }),
    );
  });
}
