import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createProcessTable } from '../../../src/host/process-table';
import { waitFor } from './wait-for';

const PROGRAMS = join(import.meta.dirname, '../../fixtures/programs');

export interface Running {
  pid: number;
  /** The pids it told with its `ready`. */
  pids: number[];
  child: ChildProcess;
}

/**
 * The real processes of one test. Each program runs in a session of its own, which is how all of it is found again; so
 * are the sessions of the processes it tells of.
 */
export interface RealProcesses {
  /** Start a program of test/fixtures/programs and wait until it says `ready`. */
  start(program: string, args?: string[], options?: SpawnOptions): Promise<Running>;
  /** Start any command; it is not waited for. */
  run(command: string, args: string[], options?: SpawnOptions): Running;
  /** End the session of this process too, should it be left at the end. */
  adopt(pid: number): void;
  isAlive(pid: number): boolean;
  /** End all of them, by pid, whatever state they are in. */
  endAll(): Promise<void>;
}

export function realProcesses(): RealProcesses {
  const table = createProcessTable();
  const sessions = new Set<number>();

  function run(command: string, args: string[], options: SpawnOptions = {}): Running {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options, detached: true });
    if (child.pid === undefined) throw new Error(`${command} did not start`);
    sessions.add(child.pid);
    return { pid: child.pid, pids: [], child };
  }

  function leftovers(): number[] {
    const listed = table.list();
    if (!listed.ok) throw new Error(listed.reason);
    return listed.processes.filter((fact) => sessions.has(fact.sessionId) && fact.stat !== 'Z').map(({ pid }) => pid);
  }

  function adopt(pid: number): void {
    const look = table.inspect(pid);
    const own = table.inspect(process.pid);
    if (look.liveness !== 'alive' || own.liveness !== 'alive') return;
    if (look.fact.sessionId > 1 && look.fact.sessionId !== own.fact.sessionId) sessions.add(look.fact.sessionId);
  }

  return {
    run,
    adopt,
    async start(program, args = [], options = {}) {
      const file = join(PROGRAMS, program);
      const running = program.endsWith('.sh')
        ? run('sh', [file, ...args], options)
        : run(process.execPath, [file, ...args], options);
      const lines = createInterface(running.child.stdout!);
      for await (const line of lines) {
        if (!line.startsWith('ready')) continue;
        const pids = line.split(' ').slice(1).map(Number);
        for (const pid of pids) adopt(pid);
        return { ...running, pids };
      }
      throw new Error(`${program} ended before it was ready`);
    },
    isAlive: (pid) => table.inspect(pid).liveness === 'alive',
    async endAll() {
      await waitFor('no process of the test is left', () => {
        const left = leftovers();
        for (const pid of left) {
          try {
            process.kill(pid, 'SIGKILL');
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
          }
        }
        return left.length === 0;
      });
      sessions.clear();
    },
  };
}
