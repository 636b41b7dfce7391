import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ProcessTable } from '../../engine/ports';
import { findCommonDirectories } from './common-directories';
import { ancestorsIn, lookFor } from './listing';
import { recently } from './recently';
import { runProgram } from './run-program';
import { LIST_SCRIPT, ownersScript, parseOwners, parseWindowsProcesses, type WindowsProcess } from './windows-output';

const TIMEOUT_MS = 15_000;
/** Looks of one breath share a listing: PowerShell takes most of a second to start. */
const LISTING_KEPT_MS = 100;
/** Windows has no numbers for users: we are one, all others are another. */
const OUR_UID = 1;
const OTHER_UID = 2;

type Listing = { ok: true; processes: WindowsProcess[] } | { ok: false; reason: string };

/**
 * The process table of Windows, as PowerShell tells it (Win32_Process).
 *
 * - `startTime` is the creation time in 100 ns, which the system gives to the microsecond.
 * - There are no process groups and no Unix sessions (0), and where a process works, what it holds open, its sockets and
 *   its environment are not told (null). Arguments are not told apart: `commandArguments` has all of them as one.
 * - `uid` is 1 for our user, 2 for others, and -1 for processes of other Windows sessions, who are never asked for.
 * - Every signal ends a process at once (TerminateProcess): there is no difference between SIGTERM and SIGKILL.
 */
export function createWindowsProcessTable(): ProcessTable {
  const commonDirectories = findCommonDirectories();
  const powershell = join(
    process.env.SystemRoot ?? 'C:\\Windows',
    'System32',
    'WindowsPowerShell',
    'v1.0',
    'powershell.exe',
  );
  const owners = new Map<string, string | null>();

  const run = (script: string) =>
    runProgram(
      powershell,
      ['-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(script, 'utf16le').toString('base64')],
      { timeoutMs: TIMEOUT_MS },
    );

  const listing = recently((): Listing => {
    const answer = run(LIST_SCRIPT);
    if (!answer.ok) return answer;
    const found = parseWindowsProcesses(answer.output);
    if (!found) return { ok: false, reason: 'what PowerShell prints is not understood' };
    const session = found.sessions.get(process.pid);
    const ours = found.processes.filter(({ pid }) => found.sessions.get(pid) === session);
    learnOwners(ours);
    const self = ours.find(({ pid }) => pid === process.pid);
    const sid = self ? owners.get(keyOf(self)) : null;
    for (const fact of ours) {
      const owner = owners.get(keyOf(fact));
      if (sid && owner) fact.uid = owner === sid ? OUR_UID : OTHER_UID;
    }
    return { ok: true, processes: found.processes };
  }, LISTING_KEPT_MS);

  function learnOwners(processes: readonly WindowsProcess[]): void {
    const present = new Set(processes.map(keyOf));
    for (const key of owners.keys()) if (!present.has(key)) owners.delete(key);
    const unknown = processes.filter((fact) => !owners.has(keyOf(fact))).map(({ pid }) => pid);
    if (!unknown.length) return;
    const answer = run(ownersScript(unknown));
    for (const [key, sid] of (answer.ok && parseOwners(answer.output)) || []) owners.set(key, sid);
  }

  const commandOf = (pid: number) => {
    const listed = listing();
    return (listed.ok && listed.processes.find((process) => process.pid === pid)?.command) || null;
  };

  return {
    inspect: (pid) =>
      Number.isSafeInteger(pid) && pid > 0
        ? lookFor(pid, listing())
        : { liveness: 'unknown', reason: `${pid} cannot be the id of a process` },
    list: listing,
    commandLine: (pid) => commandOf(pid)?.slice(0, 4096) ?? null,
    commandArguments(pid) {
      const command = commandOf(pid);
      return command === null ? null : [command];
    },
    workingDirectory: () => null,
    environmentValue: () => null,
    openFiles: () => null,
    sockets: () => null,
    self: () => ({ pid: process.pid, uid: OUR_UID, ancestors: ancestorsIn(listing()), commonDirectories }),
    // Windows tells when it booted by a clock that may be set, never which boot this is. A creation time tells boots apart.
    space: () => ({ hostName: hostname(), bootId: null, pidNamespace: null }),
  };
}

function keyOf({ pid, startTime }: WindowsProcess): string {
  return `${pid} ${startTime}`;
}
