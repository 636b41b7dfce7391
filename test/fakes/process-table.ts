import type { OpenFile, ProcessFact, ProcessTable, SocketFact } from '../../src/engine/ports';

/** One process of a made-up table: what a test cares for, the rest has a default. */
export interface FakeProcess extends Partial<ProcessFact> {
  pid: number;
  cwd?: string | null;
  args?: string[] | null;
  environment?: Record<string, string>;
  files?: OpenFile[] | null;
  sockets?: SocketFact[] | null;
}

export interface FakeProcessTable extends ProcessTable {
  /** Change it as a test goes on. */
  processes: FakeProcess[];
}

export const OUR_UID = 1000;
export const OUR_PID = 500;

/** A process table in memory, for what real processes cannot be made to do: idlewatch is 500, below 400, below 1. */
export function fakeProcessTable(processes: FakeProcess[], ancestors: number[] = [400, 1]): FakeProcessTable {
  const table: FakeProcessTable = {
    processes: [
      { pid: 1, ppid: 0, uid: 0 },
      { pid: 400, args: ['bash'] },
      { pid: OUR_PID, ppid: 400, args: ['idlewatch'] },
      ...processes,
    ],
    inspect(pid) {
      const found = find(pid);
      return found && found.stat !== 'Z' ? { liveness: 'alive', fact: factOf(found) } : { liveness: 'gone' };
    },
    list: () => ({ ok: true, processes: table.processes.map(factOf) }),
    commandLine: (pid) => find(pid)?.args?.join(' ') ?? null,
    commandArguments: (pid) => find(pid)?.args ?? null,
    workingDirectory: (pid) => find(pid)?.cwd ?? null,
    environmentValue: (pid, name) => find(pid)?.environment?.[name] ?? null,
    openFiles: (pid) => find(pid)?.files ?? null,
    sockets: (pid) => find(pid)?.sockets ?? null,
    self: () => ({ pid: OUR_PID, uid: OUR_UID, ancestors, commonDirectories: ['/home/me', '/tmp'] }),
    space: () => ({ hostName: 'here', bootId: 'this boot', pidNamespace: null }),
  };
  const find = (pid: number) => table.processes.find((process) => process.pid === pid);
  return table;
}

function factOf(process: FakeProcess): ProcessFact {
  const { pid } = process;
  return {
    pid,
    startTime: process.startTime ?? `start of ${pid}`,
    ppid: process.ppid ?? 1,
    pgid: process.pgid ?? 1,
    sessionId: process.sessionId ?? 1,
    uid: process.uid ?? OUR_UID,
    stat: process.stat ?? 'S',
    startedAt: process.startedAt ?? 1_000_000,
    name: process.name ?? 'program',
    rssBytes: 0,
    cpuMs: process.cpuMs ?? 0,
  };
}
