import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMonitor } from '../../../src/engine/monitor';
import type { Monitor, WatchedRoots } from '../../../src/engine/monitor-types';
import type { HttpAnswer, HttpRequest, SocketFact, TerminalSession } from '../../../src/engine/ports';
import { createFiles } from '../../../src/host/files';
import { createForeignTables } from '../../../src/host/foreign-tables';
import { openRegistry } from '../../../src/host/registry';
import type { WorkerRow } from '../../../src/shared/model';
import { defaultSettings, type Settings } from '../../../src/shared/settings';
import { absent } from '../../fakes/absent';
import { type FakeProcess, fakeProcessTable } from '../../fakes/process-table';
import { SteppedClock } from '../../fakes/stepped-clock';

/** How long one step of the stepped clock is. */
const STEP_MS = 1_000;

/**
 * Where a scenario happens: real files and a real registry, with clocks that the test steps; processes, tmux and servers
 * are told by the scenario, for what they do in an hour must happen in a moment.
 */
export class World {
  readonly clock = new SteppedClock({ wallStartMs: Date.now(), readCostMs: 0.001 });
  readonly startedAt = this.clock.wallMs();
  readonly base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-truth-')));
  readonly table = fakeProcessTable([]);
  readonly registry = openRegistry(join(this.base, 'state'), { warn: () => undefined });
  readonly #watches = new Map<string, (name: string | null) => void>();
  readonly #sessions = new Map<string, TerminalSession>();
  readonly #sockets = new Map<number, SocketFact[]>();
  /** Processor time a second, in milliseconds, by process. */
  readonly #working = new Map<number, number>();
  readonly #followers: { url: string; event(data: string): void; end(reason: string): void }[] = [];
  /** Answers of servers, by method and address. */
  readonly #answers = new Map<string, HttpAnswer>();
  #tmux: string | null = null;

  constructor() {
    onTestFinished(() => {
      this.registry.close();
      rmSync(this.base, { recursive: true, force: true });
    });
  }

  get now(): number {
    return this.clock.wallMs();
  }

  iso(): string {
    return new Date(this.now).toISOString();
  }

  path(...names: string[]): string {
    return join(this.base, ...names);
  }

  // ── files ──

  /** Write a file now, as the stepped clock tells it. */
  put(path: string, content: string | object): void {
    this.#write(path, (full) => writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content)));
  }

  /** Add lines: objects become JSON. */
  append(path: string, ...lines: (string | object)[]): void {
    const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
    this.#write(path, (full) => appendFileSync(full, text));
  }

  remove(path: string): void {
    const full = join(this.base, path);
    rmSync(full, { recursive: true, force: true });
    this.#tell(full);
  }

  beat(worker: string, status: string, over: object = {}): void {
    this.put(`run/workers/${worker}/heartbeat.json`, { status, ts: this.iso(), ...over });
  }

  #write(path: string, write: (full: string) => void): void {
    const full = join(this.base, path);
    const made = mkdirSync(dirname(full), { recursive: true });
    write(full);
    const at = this.now / 1000;
    utimesSync(full, at, at);
    this.#tell(full);
    if (made !== undefined) this.#tell(made);
  }

  #tell(full: string): void {
    this.#watches.get(dirname(full))?.(full.slice(dirname(full).length + 1));
  }

  // ── processes ──

  /** A process of this user's; `startTime` is `start of <pid>` unless given. */
  start(process: FakeProcess): void {
    this.table.processes.push({ startedAt: this.now, ...process });
  }

  end(pid: number): void {
    this.table.processes = this.table.processes.filter((process) => process.pid !== pid);
    this.#working.delete(pid);
    this.#sockets.delete(pid);
  }

  /** From now on the process uses so many milliseconds of processor time a second. */
  works(pid: number, cpuMsPerSecond: number): void {
    this.#working.set(pid, cpuMsPerSecond);
  }

  /** Open connections of a process from now on. */
  connects(pid: number, count: number): void {
    const socket: SocketFact = {
      ...{ state: 'established', localAddress: '10.0.0.2', localPort: 50_000 },
      ...{ remoteAddress: '203.0.113.7', remotePort: 443 },
    };
    const listening = (this.#sockets.get(pid) ?? []).filter(({ state }) => state === 'listening');
    this.#sockets.set(pid, [...listening, ...Array<SocketFact>(count).fill(socket)]);
  }

  /** A process waits for others at this port of loopback from now on. */
  listens(pid: number, localPort: number): void {
    const socket: SocketFact = {
      ...{ state: 'listening', localAddress: '127.0.0.1', localPort },
      ...{ remoteAddress: '0.0.0.0', remotePort: 0 },
    };
    this.#sockets.set(pid, [...(this.#sockets.get(pid) ?? []), socket]);
  }

  // ── tmux ──

  openSession(name: string, pid: number): void {
    this.start({ pid, sessionId: pid, pgid: pid });
    const createdAt = Math.floor(this.now / 1000) * 1000;
    this.#sessions.set(name, { name, id: `$${pid}`, serverPid: 77, createdAt, panePids: [pid] });
  }

  closeSession(name: string): void {
    for (const pid of this.#sessions.get(name)?.panePids ?? []) this.end(pid);
    this.#sessions.delete(name);
  }

  sessionNames(): string[] {
    return [...this.#sessions.keys()];
  }

  /** tmux answers no more, with the reason; null: it does again. */
  tmuxFails(reason: string | null): void {
    this.#tmux = reason;
  }

  // ── servers ──

  /** What a server answers from now on: an object as JSON, or a failure. `request`: `GET http://…`, for any query where it has none. */
  answers(request: string, answer: object | { fails: string }): void {
    const fails = 'fails' in answer ? String(answer.fails) : null;
    this.#answers.set(
      request,
      fails === null ? { ok: true, status: 200, body: JSON.stringify(answer) } : { ok: false, reason: fails },
    );
  }

  /** A server sends an event to whoever follows it. */
  sends(url: string, event: object): void {
    for (const follower of this.#followers) if (follower.url.startsWith(url)) follower.event(JSON.stringify(event));
  }

  /** A server ends what it sends to whoever follows it. */
  hangsUp(url: string, reason: string): void {
    for (const follower of this.#followers.splice(0)) {
      if (follower.url.startsWith(url)) follower.end(reason);
      else this.#followers.push(follower);
    }
  }

  // ── the clock ──

  /** The machine sleeps: the monotonic clock stands still, the wall clock does not. */
  sleep(seconds: number): void {
    this.clock.jumpWall(seconds * 1000);
  }

  /** Somebody sets the clock. */
  setClock(seconds: number): void {
    this.clock.jumpWall(seconds * 1000);
  }

  /** Nothing runs, idlewatch neither (SIGSTOP, a machine that thrashes). */
  standStill(seconds: number): void {
    this.clock.standStill(seconds * 1000);
  }

  // ── watching ──

  watch(roots: WatchedRoots, changes: Partial<Settings>): Monitor {
    const settings: Settings = { ...defaultSettings(), ...changes };
    const table = {
      ...this.table,
      inspect: (pid: number) => this.table.inspect(pid),
      list: () => this.table.list(),
      sockets: (pid: number) => this.#sockets.get(pid) ?? [],
    };
    const ports = {
      ...absent,
      clock: this.clock,
      files: createFiles(),
      fileEvents: {
        watch: (directory: string, onChange: (name: string | null) => void) => {
          this.#watches.set(directory, onChange);
          return () => void this.#watches.delete(directory);
        },
      },
      processTable: table,
      memoryProbe: { read: async () => ({ totalBytes: 16e9, availableBytes: 12e9 }) },
      multiplexer: {
        sessions: async () =>
          this.#tmux === null
            ? { ok: true as const, sessions: [...this.#sessions.values()] }
            : { ok: false as const, reason: this.#tmux },
        endSession: async () => ({ ok: false as const, reason: 'nothing is ended here' }),
      },
      http: {
        ask: async ({ method, url }: HttpRequest): Promise<HttpAnswer> =>
          this.#answers.get(`${method} ${url}`) ??
          this.#answers.get(`${method} ${url.split('?')[0]}`) ?? {
            ok: false,
            reason: `nothing answers ${method} ${url}`,
          },
        follow: (url: string, on: { event(data: string): void; end(reason: string): void }) => {
          const follower = { url, ...on };
          this.#followers.push(follower);
          return { close: () => void this.#followers.splice(this.#followers.indexOf(follower), 1) };
        },
      },
      tables: createForeignTables(),
      runs: this.registry.runs,
      log: { warn: (message: string) => this.warnings.push(message) },
    };
    const monitor = createMonitor(ports, settings, {
      'task-list': settings.taskLists.map(({ path }) => path),
      ...roots,
    });
    onTestFinished(() => monitor.stop());
    monitor.start();
    return monitor;
  }

  readonly warnings: string[] = [];

  /** One second goes by, for the processes too. */
  async second(): Promise<void> {
    for (const process of this.table.processes) {
      const ms = this.#working.get(process.pid);
      if (ms !== undefined) process.cpuMs = (process.cpuMs ?? 0) + ms;
    }
    this.clock.step(STEP_MS);
    // Whoever asked tmux or a server has its answer by now.
    await new Promise<void>((done) => setImmediate(done));
    this.clock.step(0.01);
  }
}

/** What idlewatch says of a worker, in the words of the truth table. */
export function verdictOf(row: WorkerRow | undefined): Verdict {
  if (!row) return 'not shown';
  if (row.health === 'stalled') return 'stuck';
  if (row.health === 'dead') return 'dead';
  if (row.state === 'waiting') return 'waiting';
  if (row.state === 'stopped') return 'over';
  if (row.reason.startsWith('Cannot be read')) return 'unknown';
  if (row.state === 'starting') return 'working';
  if (row.health === 'unknown') return 'unknown';
  return row.state === 'busy' ? 'working' : 'resting';
}

export const TRUTHS = ['working', 'waiting', 'resting', 'over', 'stuck', 'dead', 'unknown'] as const;
export type Truth = (typeof TRUTHS)[number];
export type Verdict = Truth | 'not shown';
