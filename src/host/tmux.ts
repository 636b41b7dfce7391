import { type ExecFileException, execFile } from 'node:child_process';
import type { Multiplexer, ProcessTable, SessionListing, TerminalSession } from '../engine/ports';
import { harmless } from '../shared/format';
import { createProcessTable } from './process-table';

/** A listing of more than this is not read: some ten thousand panes. */
const OUTPUT_MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 3_000;
/** A server that is about to exit answers with an error or with its last session: asked so often, this far apart. */
const ASKED_MAX = 5;
const ASKED_APART_MS = 100;

// No name of a session holds a colon (tmux makes `_` of it), and line breaks in names are escaped. The name comes last.
const PANE = '#{session_id}:#{session_created}:#{pid}:#{pane_pid}:#{session_name}';
const PANE_LINE = /^(\$\d+):(\d+):(\d+):(\d+):(.*)$/;
const NO_SERVER = /^(no server running on |error connecting to .* \(No such file or directory\)$)/m;
const EXITS_NOW = /\b(server exited|lost server)\b/;

/** Where programs of package managers are that the PATH of a desktop session leaves out. */
const MACOS_PATHS = ['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin'];

export interface TmuxOptions {
  /** Tells which server: `TMUX_TMPDIR`; and where the program is: `PATH`. */
  environment?: Record<string, string | undefined>;
  /** How long one question may take. */
  timeoutMs?: number;
  /** Tells for which session a pane was opened, where several have it. */
  processTable?: Pick<ProcessTable, 'environmentValue'>;
}

/** tmux, this user's default server (never the one idlewatch itself was started in); see the port. */
export function createTmux(options: TmuxOptions = {}): Multiplexer {
  const { environment = process.env, timeoutMs = TIMEOUT_MS, processTable = createProcessTable() } = options;
  const env = environmentFor(environment);

  async function list(): Promise<SessionListing> {
    const answer = await run(['list-panes', '-a', '-F', PANE], env, timeoutMs);
    if (answer.ok) return withOwnPanes(parsePanes(answer.stdout), processTable);
    return NO_SERVER.test(answer.stderr) ? { ok: true, sessions: [] } : { ok: false, reason: answer.reason };
  }

  async function listUntil(isClear: (listing: SessionListing) => boolean): Promise<SessionListing> {
    for (let asked = 1; ; asked += 1) {
      const listing = await list();
      if (isClear(listing) || asked === ASKED_MAX) return listing;
      await new Promise((done) => setTimeout(done, ASKED_APART_MS));
    }
  }

  function sessions(): Promise<SessionListing> {
    return listUntil((listing) => listing.ok || !EXITS_NOW.test(listing.reason));
  }

  async function endSession(wanted: TerminalSession): ReturnType<Multiplexer['endSession']> {
    const before = await sessions();
    if (!before.ok) return before;
    const changed = whyAnother(wanted, before.sessions);
    if (changed) return { ok: false, reason: changed };
    const answer = await run(endingCommand(wanted), env, timeoutMs);
    // With its last session the server goes, perhaps before it has answered.
    if (!answer.ok && !NO_SERVER.test(answer.stderr) && !EXITS_NOW.test(answer.stderr)) return answer;
    return confirmEnd(wanted);
  }

  async function confirmEnd(wanted: TerminalSession): ReturnType<Multiplexer['endSession']> {
    const isThere = (session: TerminalSession) => isSame(session, wanted);
    const after = await listUntil((listing) => listing.ok && !listing.sessions.some(isThere));
    if (!after.ok) return after;
    if (!after.sessions.some(isThere)) return { ok: true };
    return { ok: false, reason: `tmux still lists the session ${shown(wanted)}` };
  }

  return { sessions, endSession };
}

/**
 * `kill-session -t =name` would reach a session that took the name between our look and the command, and tmux reads
 * other things than a name in some targets. So the session is named by its id, which one server never gives twice, and
 * the server itself compares its own pid and the session's time in the same step: another server, or none such, ends
 * nothing. `-F` makes it a comparison of formats; no shell is run. All three are numbers by `PANE_LINE`.
 */
function endingCommand({ id, serverPid, createdAt }: TerminalSession): string[] {
  const isStillIt = `#{&&:#{==:#{pid},${serverPid}},#{==:#{session_created},${createdAt / 1000}}}`;
  return ['if-shell', '-F', '-t', `${id}:`, isStillIt, `kill-session -t '${id}'`];
}

function whyAnother(wanted: TerminalSession, listed: TerminalSession[]): string | null {
  const found = listed.find(({ id }) => id === wanted.id);
  if (!found) return `the session ${shown(wanted)} is not there any more`;
  if (!isSame(found, wanted)) return `the session ${shown(wanted)} is not the one that was listed`;
  return found.name === wanted.name ? null : `the session ${shown(wanted)} is called ${harmless(found.name)} now`;
}

function isSame(a: TerminalSession, b: TerminalSession): boolean {
  return a.id === b.id && a.serverPid === b.serverPid && a.createdAt === b.createdAt;
}

function shown({ name }: TerminalSession): string {
  return harmless(name);
}

function parsePanes(output: string): SessionListing {
  const sessions = new Map<string, TerminalSession>();
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const [, id, created, server, pane, name] = PANE_LINE.exec(line) ?? [];
    if (id === undefined || name === undefined) {
      return { ok: false, reason: `tmux gave an answer that cannot be understood: ${harmless(line, 80)}` };
    }
    const session = sessions.get(id) ?? {
      ...{ name, id, serverPid: Number(server), createdAt: Number(created) * 1000 },
      panePids: [],
    };
    if (!session.panePids.includes(Number(pane))) session.panePids.push(Number(pane));
    sessions.set(id, session);
  }
  return { ok: true, sessions: [...sessions.values()] };
}

/**
 * A window may be linked into several sessions: a person may have theirs in a worker's, or look at it in a session of their
 * own. Such a pane counts for the session it was opened in, which tmux tells its program; where that cannot be read, for
 * each of them.
 */
function withOwnPanes(listing: SessionListing, table: Pick<ProcessTable, 'environmentValue'>): SessionListing {
  if (!listing.ok) return listing;
  const counts = new Map<number, number>();
  for (const pid of listing.sessions.flatMap(({ panePids }) => panePids)) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  const isOf = (pid: number, id: string): boolean => {
    const openedIn = counts.get(pid) === 1 ? undefined : /,(\d+)$/.exec(table.environmentValue(pid, 'TMUX') ?? '')?.[1];
    return openedIn === undefined || id === `$${openedIn}`;
  };
  const ownOf = ({ id, panePids }: TerminalSession) => panePids.filter((pid) => isOf(pid, id));
  return { ok: true, sessions: listing.sessions.map((session) => ({ ...session, panePids: ownOf(session) })) };
}

type Answer = { ok: true; stdout: string } | { ok: false; stderr: string; reason: string };

/** `-u`: names come as they are; without it tmux writes `_` for every letter beyond ASCII where the locale is plain. */
function run(args: string[], env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Answer> {
  const options = { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_MAX_BYTES } as const;
  return new Promise((done) => {
    execFile('tmux', ['-u', ...args], options, (error, stdout, stderr) =>
      done(error ? { ok: false, stderr, reason: reasonOf(error, stderr, timeoutMs) } : { ok: true, stdout }),
    );
  });
}

function reasonOf(error: ExecFileException, stderr: string, timeoutMs: number): string {
  if (error.code === 'ENOENT') return 'tmux is not installed, or not in the PATH';
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'tmux gave an answer of more than 1 MB';
  if (error.killed) return `tmux did not answer within ${timeoutMs / 1000} s`;
  return `tmux failed: ${harmless(stderr.trim() || error.message)}`;
}

/**
 * `TMUX` names the server idlewatch was started in, which need not be the default one. The messages are compared, so
 * they must not be translated; the kind of letters stays that of the user.
 */
function environmentFor(given: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const { TMUX: _server, TMUX_PANE: _pane, LC_ALL: locale, ...env } = given;
  const letters = locale || given.LC_CTYPE;
  const paths = process.platform === 'darwin' ? [given.PATH, ...MACOS_PATHS] : [given.PATH];
  return {
    ...env,
    LC_MESSAGES: 'C',
    ...(letters ? { LC_CTYPE: letters } : {}),
    PATH: paths.filter(Boolean).join(':'),
  };
}
