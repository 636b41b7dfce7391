import { hostname } from 'node:os';
import type { ProcessLook, ProcessTable } from '../../engine/ports';
import { findCommonDirectories } from './common-directories';
import { createHeldFiles } from './held-files';
import { ancestorsIn, lookFor } from './listing';
import { PS_COLUMNS, type PsProcess, parseEnvironments, parseNames, parseProcesses, valueIn } from './ps-output';
import { recently } from './recently';
import { runProgram } from './run-program';

/** The programs of the system that are asked, and how they are asked for environments. */
export interface MacPrograms {
  ps: string;
  psWithEnvironments: string[];
  lsof: string;
  sysctl: string;
}

const MACOS: MacPrograms = {
  ps: '/bin/ps',
  psWithEnvironments: ['-axEww', '-o', 'pid=,command='],
  lsof: '/usr/sbin/lsof',
  sysctl: '/usr/sbin/sysctl',
};

const TIMEOUT_MS = 5_000;
/** Looks of one breath share a listing; one that precedes a signal is no older than this. */
const LISTING_KEPT_MS = 25;
const ENVIRONMENTS_KEPT_MS = 2_000;
const LARGEST_PID = 2 ** 31 - 1;
/** Months in English, times in UTC, names as they are. */
const PS_ENVIRONMENT = { PATH: '/usr/bin:/bin', TZ: 'UTC', LC_TIME: 'C', LC_CTYPE: 'UTF-8' };

type Listing = { ok: true; processes: PsProcess[] } | { ok: false; reason: string };

/**
 * The process table of macOS, which lets no program read it but by its own tools: `ps` for all processes, `lsof` for
 * where this user's work and what they hold open.
 *
 * - `startTime` is the second in which the process started, by the clock as it then stood. Two processes of the same pid
 *   and second would be taken for one; process ids are given out in order up to 99,999, so that takes as many new
 *   processes within a second. The command is no part of it: it changes where a process becomes another program (exec).
 * - An answer is up to LISTING_KEPT_MS old, so between the last look and a signal lies that much more than on Linux.
 * - Arguments are not told apart: `commandArguments` has all of them as one.
 * - The environment is that of this user's programs which macOS does not shield; a value ends where the next variable
 *   seems to begin.
 */
export function createMacProcessTable(programs: MacPrograms = MACOS): ProcessTable {
  const uid = process.geteuid?.() ?? -1;
  const commonDirectories = findCommonDirectories();
  const heldFiles = createHeldFiles(programs.lsof, uid);
  const ps = (args: string[]) => runProgram(programs.ps, args, { timeoutMs: TIMEOUT_MS, env: PS_ENVIRONMENT });
  let bootId: string | null = null;

  const listing = recently((): Listing => {
    const named = ps(['-axo', 'pid=,ucomm=']);
    const listed = ps(['-axwwo', PS_COLUMNS]);
    if (!listed.ok) return listed;
    const processes = parseProcesses(listed.output, named.ok ? parseNames(named.output) : new Map());
    return processes?.length ? { ok: true, processes } : { ok: false, reason: 'what ps prints is not understood' };
  }, LISTING_KEPT_MS);

  const environments = recently((): { ok: boolean; byPid: ReadonlyMap<number, string> } => {
    const listed = listing();
    const answer = ps(programs.psWithEnvironments);
    if (!listed.ok || !answer.ok) return { ok: false, byPid: new Map() };
    const commands = new Map(listed.processes.map(({ pid, command }) => [pid, command]));
    return { ok: true, byPid: parseEnvironments(answer.output, commands) };
  }, ENVIRONMENTS_KEPT_MS);

  const commandOf = (pid: number) => {
    const listed = listing();
    return (listed.ok && listed.processes.find((process) => process.pid === pid)?.command) || null;
  };

  return {
    inspect(pid): ProcessLook {
      if (!Number.isSafeInteger(pid) || pid < 1 || pid > LARGEST_PID) {
        return { liveness: 'unknown', reason: `${pid} cannot be the id of a process` };
      }
      return lookFor(pid, listing());
    },
    list: listing,
    commandLine: (pid) => commandOf(pid)?.slice(0, 4096) ?? null,
    commandArguments(pid) {
      const command = commandOf(pid);
      return command === null ? null : [command];
    },
    workingDirectory: (pid) => heldFiles(pid)?.workingDirectory ?? null,
    environmentValue(pid, name) {
      const environment = environments().byPid.get(pid);
      return environment === undefined ? null : valueIn(environment, name);
    },
    openFiles: (pid) => heldFiles(pid)?.files ?? null,
    sockets: (pid) => heldFiles(pid)?.sockets ?? null,
    self: () => ({ pid: process.pid, uid, ancestors: ancestorsIn(listing()), commonDirectories }),
    space() {
      if (bootId === null) {
        const answer = runProgram(programs.sysctl, ['-n', 'kern.bootsessionuuid'], { timeoutMs: TIMEOUT_MS });
        bootId = answer.ok ? answer.output.trim() : null;
      }
      return { hostName: hostname(), bootId, pidNamespace: null };
    },
  };
}
