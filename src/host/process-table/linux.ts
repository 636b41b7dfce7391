import { lstatSync, readdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import type { OpenFile, ProcessFact, ProcessListing, ProcessLook, ProcessTable } from '../../engine/ports';
import { findCommonDirectories } from './common-directories';
import { createBootClock, machineUnits } from './machine';
import { errorCode, readProc, readProcLink } from './proc-file';
import { createSocketReader } from './sockets';
import { hasEnded, parseStat, type StatFields } from './stat';

/** No Linux hands out a larger process id (PID_MAX_LIMIT). */
const LARGEST_PID = 2 ** 22;
const COMMAND_LINE_BYTES = 4096;
const ARGUMENTS_BYTES = 65_536;
const ENVIRONMENT_BYTES = 1024 * 1024;
/** A process with more open files than this is looked at in part. */
const OPEN_FILES_LOOKED_AT = 10_000;
const STAT_BYTES = 4096;
const FOREIGN = '/proc shows the processes of another pid namespace than idlewatch’s own';
const BOOT_ID_BYTES = 64;

type Found = { fact: ProcessFact; ended: boolean };
type Lookup = Found | { gone: true } | { unknown: string };

/**
 * The process table of Linux, read from /proc; no program is started and nothing is kept between calls but the time of
 * boot and, for a moment, the table of sockets.
 *
 * - `startedAt` is the start in clock ticks (10 ms) on top of the time of boot in whole seconds: up to 1.01 s early,
 *   never late, and it moves when the wall clock is set. `startTime`, the ticks alone, never moves.
 * - A process that ended and was not reaped yet (`Z`) is `gone` for `inspect`; `list` shows it with its `Z`. While other
 *   threads of a process still run after its first one, it lives, and its state reads `S`.
 * - Where /proc hides other users' processes (hidepid), `list` shows those that are ours and `inspect` says `unknown`
 *   for the hidden.
 * - Files and directories of a process that lives in another mount namespace count only where the same path leads to
 *   the same file here; otherwise a container's /data would be taken for ours.
 * - A path that was removed ends in ` (deleted)`, as the kernel shows it.
 */
export function createLinuxProcessTable(): ProcessTable {
  const units = machineUnits();
  const bootWallMs = createBootClock();
  const commonDirectories = findCommonDirectories();
  // As below `unshare --pid` without a /proc of its own: our pids and those of /proc are not the same.
  const foreign = readProcLink('/proc/self') === String(process.pid) ? null : FOREIGN;

  function toFact(fields: StatFields, uid: number, bootMs: number): ProcessFact {
    const ended = hasEnded(fields);
    return {
      pid: fields.pid,
      startTime: fields.startTicks,
      ppid: fields.ppid,
      pgid: fields.pgid,
      sessionId: fields.sessionId,
      uid,
      stat: fields.state === 'Z' && !ended ? 'S' : fields.state,
      startedAt: bootMs + Math.floor((Number(fields.startTicks) * 1000) / units.ticksPerSecond),
      name: fields.name,
      rssBytes: Math.max(0, fields.rssPages) * units.pageBytes,
      cpuMs: Math.round((fields.cpuTicks * 1000) / units.ticksPerSecond),
    };
  }

  function lookup(pid: number): Lookup {
    if (foreign !== null) return { unknown: foreign };
    const bootMs = bootWallMs();
    if (bootMs === null) return { unknown: 'the time of boot cannot be read from /proc/stat' };
    // The owner of the directory is the effective user, also of a process whose other files are closed to us.
    const directory = statOf(`/proc/${pid}`);
    const read = readProc(`/proc/${pid}/stat`, STAT_BYTES);
    const code = !read.ok ? read.code : !directory.ok ? directory.code : null;
    if (code === 'ENOENT' || code === 'ESRCH') return { gone: true };
    if (!read.ok || !directory.ok) return { unknown: `/proc/${pid} cannot be read (${code})` };
    const fields = parseStat(read.data);
    if (!fields) return { unknown: `/proc/${pid}/stat cannot be understood` };
    return { fact: toFact(fields, directory.uid, bootMs), ended: hasEnded(fields) };
  }

  function inspect(pid: number): ProcessLook {
    if (!Number.isSafeInteger(pid) || pid < 1 || pid > LARGEST_PID) {
      return { liveness: 'unknown', reason: `${pid} cannot be the id of a process` };
    }
    const found = lookup(pid);
    if ('unknown' in found) return { liveness: 'unknown', reason: found.unknown };
    if ('fact' in found) return found.ended ? { liveness: 'gone' } : { liveness: 'alive', fact: found.fact };
    if (existsUnseen(pid)) return { liveness: 'unknown', reason: `process ${pid} is hidden from this user` };
    return { liveness: 'gone' };
  }

  function list(): ProcessListing {
    if (foreign !== null) return { ok: false, reason: foreign };
    let names: string[];
    try {
      names = readdirSync('/proc');
    } catch (error) {
      return { ok: false, reason: `/proc cannot be read (${errorCode(error)})` };
    }
    if (bootWallMs() === null) return { ok: false, reason: 'the time of boot cannot be read from /proc/stat' };
    const processes: ProcessFact[] = [];
    for (const name of names) {
      if (!/^\d+$/.test(name)) continue;
      const found = lookup(Number(name));
      if ('fact' in found) processes.push(found.fact);
    }
    return processes.length ? { ok: true, processes } : { ok: false, reason: '/proc shows no process at all' };
  }

  return {
    inspect,
    list,
    commandLine(pid) {
      const text = readText(`/proc/${pid}/cmdline`, COMMAND_LINE_BYTES);
      return text === null ? null : text.replace(/\0+$/, '').replaceAll('\0', ' ');
    },
    commandArguments(pid) {
      const text = readText(`/proc/${pid}/cmdline`, ARGUMENTS_BYTES);
      return text === null ? null : text.replace(/\0$/, '').split('\0');
    },
    workingDirectory: (pid) => pathHere(pid, 'cwd', sharesMounts(pid)),
    environmentValue(pid, name) {
      // Electron writes its title over the environment that others see of it.
      if (pid === process.pid) return process.env[name] ?? null;
      const text = readText(`/proc/${pid}/environ`, ENVIRONMENT_BYTES);
      const entry = text?.split('\0').find((line) => line.startsWith(`${name}=`));
      return entry === undefined ? null : entry.slice(name.length + 1);
    },
    openFiles,
    sockets: createSocketReader(),
    self: () => ({
      pid: process.pid,
      uid: process.geteuid?.() ?? -1,
      ancestors: ancestorsOf(process.pid),
      commonDirectories,
    }),
    space: () => ({
      hostName: hostname(),
      bootId: readText('/proc/sys/kernel/random/boot_id', BOOT_ID_BYTES)?.trim() || null,
      pidNamespace: readProcLink('/proc/self/ns/pid'),
    }),
  };

  function ancestorsOf(pid: number): number[] {
    const ancestors: number[] = [];
    let look = inspect(pid);
    // A parent that is hidden or another user's ends the chain: nothing above it can be ours to end.
    while (look.liveness === 'alive' && look.fact.ppid > 0 && !ancestors.includes(look.fact.ppid)) {
      ancestors.push(look.fact.ppid);
      look = inspect(look.fact.ppid);
    }
    return ancestors;
  }
}

function statOf(path: string): { ok: true; uid: number } | { ok: false; code: string } {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat ? { ok: true, uid: stat.uid } : { ok: false, code: 'ENOENT' };
  } catch (error) {
    return { ok: false, code: errorCode(error) };
  }
}

/** Signal 0 reaches nobody and tells whether there is somebody, also where /proc hides it. */
function existsUnseen(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return statOf(`/proc/${pid}`).ok === false;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

function readText(path: string, maxBytes: number): string | null {
  const read = readProc(path, maxBytes);
  return read.ok ? read.data.toString('utf8') : null;
}

function openFiles(pid: number): OpenFile[] | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return null;
  }
  const sharing = sharesMounts(pid);
  const files: OpenFile[] = [];
  for (const name of names.slice(0, OPEN_FILES_LOOKED_AT)) {
    const path = pathHere(pid, `fd/${name}`, sharing);
    if (path !== null) files.push({ path, writing: opensForWriting(`/proc/${pid}/fd/${name}`) });
  }
  return files;
}

/** The mode of the link itself tells how the file was opened, as proc_pid_fd(5) says; the flags of fdinfo, but cheaper. */
function opensForWriting(link: string): boolean {
  try {
    return (lstatSync(link).mode & 0o200) !== 0;
  } catch {
    return false;
  }
}

function sharesMounts(pid: number): boolean {
  const theirs = readProcLink(`/proc/${pid}/ns/mnt`);
  return theirs !== null && theirs === readProcLink('/proc/self/ns/mnt');
}

/** The path a link of a process leads to; null for what is no path (pipes, sockets) or not the same file here. */
function pathHere(pid: number, link: string, sharing: boolean): string | null {
  const path = readProcLink(`/proc/${pid}/${link}`);
  if (!path?.startsWith('/')) return null;
  return sharing || isSameFile(`/proc/${pid}/${link}`, path) ? path : null;
}

function isSameFile(a: string, b: string): boolean {
  try {
    const first = statSync(a);
    const second = statSync(b);
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}
