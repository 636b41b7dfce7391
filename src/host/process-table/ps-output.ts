import type { ProcessFact } from '../../engine/ports';

/** What `ps` is asked for, in the order parseProcesses reads it. */
export const PS_COLUMNS = 'pid=,ppid=,pgid=,uid=,stat=,lstart=,rss=,time=,command=';

export interface PsProcess extends ProcessFact {
  command: string;
}

const LINE =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+\w{3}\s+(\w{3})\s+(\d+)\s+(\d\d):(\d\d):(\d\d)\s+(\d{4})\s+(\d+)\s+([\d:.-]+)(?: (.*))?$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const STATES: Record<string, string> = { I: 'S', U: 'D' };

/**
 * Read what `ps -axo PS_COLUMNS` printed, with times in UTC and English. `names` has the system's short names. Null where
 * any line is not understood: a process overlooked would be one taken for gone.
 *
 * `ps` of macOS does not tell sessions, but which processes lead one: the others are in that of their group's leader, or
 * of their parent where that one is gone; 0 where neither is known.
 */
export function parseProcesses(output: string, names: ReadonlyMap<number, string>): PsProcess[] | null {
  const processes: PsProcess[] = [];
  const leaders = new Set<number>();
  for (const line of output.split('\n')) {
    if (!line.trim()) continue;
    const fields = LINE.exec(line);
    if (!fields) return null;
    const process = toProcess(fields, names);
    if (!process) return null;
    if (process.pid < 1) continue;
    if (fields[5]?.slice(1).includes('s')) leaders.add(process.pid);
    processes.push(process);
  }
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  for (const process of processes) process.sessionId = sessionOf(process, byPid, leaders);
  for (const process of processes) if (isTmuxServer(process)) process.name = 'tmux: server';
  return processes;
}

function toProcess(fields: RegExpExecArray, names: ReadonlyMap<number, string>): PsProcess | null {
  const [, pid, ppid, pgid, uid, stat = '', month = '', day, hours, minutes, seconds, year, rss, time = ''] = fields;
  const command = (fields[14] ?? '').trim();
  const monthIndex = MONTHS.indexOf(month);
  const cpuMs = cpuMsOf(time);
  if (monthIndex < 0 || cpuMs === null) return null;
  const startedAt = Date.UTC(Number(year), monthIndex, Number(day), Number(hours), Number(minutes), Number(seconds));
  const letter = stat.charAt(0);
  return {
    pid: Number(pid),
    startTime: String(startedAt / 1000),
    ppid: Number(ppid),
    pgid: Number(pgid),
    sessionId: 0,
    uid: Number(uid),
    stat: STATES[letter] ?? letter,
    startedAt,
    name: names.get(Number(pid)) ?? programOf(command),
    rssBytes: Number(rss) * 1024,
    cpuMs,
    command,
  };
}

/** `1:02.50` (minutes and seconds), `01:02:03`, `2-01:02:03` (days first). */
function cpuMsOf(text: string): number | null {
  const found = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (!found) return null;
  const [, days = 0, hours = 0, minutes, seconds] = found;
  return Math.round((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000);
}

/** The name in a command line without the path to it: `/bin/zsh -l` is `zsh`. */
function programOf(command: string): string {
  return (command.split(' ')[0] ?? '').split('/').at(-1) ?? '';
}

function sessionOf(process: PsProcess, byPid: ReadonlyMap<number, PsProcess>, leaders: ReadonlySet<number>): number {
  const passed = new Set<number>();
  let at: PsProcess | undefined = process;
  while (at && !passed.has(at.pid)) {
    if (leaders.has(at.pid)) return at.pid;
    passed.add(at.pid);
    const leader = byPid.get(at.pgid);
    at = leader && !passed.has(leader.pid) ? leader : byPid.get(at.ppid);
  }
  return 0;
}

/** On Linux the server calls itself so; here nothing but its place tells it from its clients. */
function isTmuxServer({ name, pid, ppid, sessionId }: PsProcess): boolean {
  return name === 'tmux' && ppid === 1 && sessionId === pid;
}

/** Read `ps -axo pid=,ucomm=`: short names, which a program cannot give itself. Lines not understood are passed over. */
export function parseNames(output: string): Map<number, string> {
  return new Map(pidsWithText(output));
}

/**
 * The environments in what `ps` prints when asked for them too: `pid command environment`, all parted by spaces. What
 * stands before the environment is the command as known already; a process whose command differs by now is left out.
 */
export function parseEnvironments(output: string, commands: ReadonlyMap<number, string>): Map<number, string> {
  const environments = new Map<number, string>();
  for (const [pid, text] of pidsWithText(output)) {
    const command = commands.get(pid);
    if (command !== undefined && text.startsWith(`${command} `)) environments.set(pid, text.slice(command.length));
  }
  return environments;
}

/**
 * One value of such an environment: up to what looks like the next variable, since nothing else parts them. Null where it
 * is not set, or more than once.
 */
export function valueIn(environment: string, name: string): string | null {
  const parts = environment.split(/ (?=[A-Za-z_][A-Za-z0-9_]*=)/);
  const values = parts.filter((part) => part.startsWith(`${name}=`));
  return values.length === 1 ? (values[0] ?? '').slice(name.length + 1).trimEnd() : null;
}

function* pidsWithText(output: string): Generator<[number, string]> {
  for (const line of output.split('\n')) {
    const found = /^\s*(\d+) (.*)$/.exec(line);
    if (found) yield [Number(found[1]), (found[2] ?? '').trim()];
  }
}
