import { formatBytes, formatDuration, harmless, plural } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import { type FileStat, isSameContent, type TerminalSession } from '../../ports';
import { NOT_KEPT } from '../not-kept';
import type { Moment, Reading, SourceContext } from '../source';
import { place } from '../worker-directory/moments';
import { TraceFile } from '../worker-directory/trace-file';
import { endInWords, howEnded, parseExitCode, sessionNameOf, type WorkbenchName } from './parse';
import type { SessionLook } from './sessions';

const LOG_NAME = 'agent.log';
const EXIT_CODE_NAME = 'exit_code';
const EXIT_CODE_MAX_BYTES = 64;
const NAME_MAX = 120;

const decoder = new TextDecoder();

/** `begins`: its directory is there, its session is not yet. `unknown`: tmux was not heard since it was found. */
type Phase = 'unknown' | 'begins' | 'runs' | 'over';

/** What the source knows of a workbench beside its files. */
export interface Surroundings {
  /** Its session, as of tmux's last answers that began after `sinceMs` on the monotonic clock. */
  sessionOf(workbench: Workbench, sinceMs: number): SessionLook;
  /** What it may run for, in milliseconds. */
  maxRuntimeMs(slug: string): number;
  /** Of that, what its routine itself allows; null: what the setting does. */
  ownMaxRuntimeMs(slug: string): number | null;
}

/** One workbench, followed: its session, its log, and how it ended. */
export class Workbench {
  readonly sessionName: string;
  readonly triggered: Moment;
  /** First processes of its panes, as last listed. */
  panePids: number[] = [];
  readonly #foundMs: number;
  readonly #log: TraceFile;
  #phase: Phase = 'unknown';
  #session: SessionLook = { known: 'unknown', reason: 'tmux has not been asked yet' };
  /** The first process of the session, and when it was first listed. */
  #first: { pid: number; namedAt: number } | null = null;
  #exit: { stat: FileStat; code: number | 'killed' | null } | null = null;
  #mtimeMs: number | null = null;
  /** What the last full look told of phase and limit. */
  #told = '';

  constructor(
    readonly id: WorkerId,
    readonly path: string,
    readonly parsed: WorkbenchName,
    private readonly runId: string,
    private readonly context: SourceContext,
    private readonly around: Surroundings,
  ) {
    const { clock, files } = context;
    this.sessionName = sessionNameOf(files.baseName(path));
    this.triggered = place(clock, parsed.triggeredAt, this.#tolerance).moment;
    this.#foundMs = clock.monotonicMs();
    const ignore = { onLine: () => undefined, onRestart: () => undefined };
    this.#log = new TraceFile('log', files.resolve(path, LOG_NAME), path, files, clock, false, ignore);
  }

  get logPath(): string {
    return this.#log.path;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  /** Why it is not known to be over. */
  get whyNotOver(): string {
    return this.#session.known === 'unknown' ? this.#session.reason : 'its session lives or has not begun';
  }

  /**
   * When its run was over: the last writing to its log, or to its directory where it has none, but no earlier than its
   * beginning.
   */
  finishedAt(): number {
    const { files, clock } = this.context;
    const log = files.stat(this.#log.path, this.path);
    const at = log.ok ? log.mtimeMs : (files.mtimeMs(this.path) ?? clock.wallMs());
    return Math.max(this.parsed.triggeredAt, at);
  }

  /** What of its files would tell that something was written. */
  writtenAt(): string {
    return this.#ownFiles()
      .map((stat) => (stat.ok ? `${stat.mtimeMs} ${stat.size} ${stat.fileId}` : stat.problem))
      .join('; ');
  }

  /** Whether anything shows that a run worked here. Else it may be somebody's own directory with such a name. */
  hasTraces(): boolean {
    return this.#ownFiles().some(({ ok }) => ok);
  }

  #ownFiles() {
    const { files } = this.context;
    return [this.#log.path, files.resolve(this.path, EXIT_CODE_NAME)].map((path) => files.stat(path, this.path));
  }

  /** True when what tmux or the limits say is another thing than at the last look. */
  hasNews(): boolean {
    this.#followSession();
    return this.#told !== this.#telling();
  }

  touched(): boolean {
    return this.#log.touched() || this.hasNews() || this.#readExitCode();
  }

  /** Look again. Null: the directory is gone. */
  look(): Reading | null {
    const unreadable = this.#whyUnreadable();
    if (unreadable === 'gone') return null;
    const newActivity = this.#log.look(this.#tolerance);
    this.#readExitCode();
    this.#followSession();
    this.#told = this.#telling();
    const running = this.#phase === 'runs';
    const session = this.#session.known === 'alive' ? this.#session.session : null;
    return {
      ...NO_CLOCKS,
      id: this.id,
      runId: this.runId,
      name: harmless(this.parsed.slug, NAME_MAX),
      path: this.path,
      unreadable: unreadable ?? this.#whyUnknown(),
      problems: this.#log.problem ? [`Cannot read ${LOG_NAME}: ${this.#log.problem}`] : [],
      declared: DECLARED[this.#phase],
      claim: session && this.#first ? { ...this.#first, from: 'session' } : null,
      session,
      existence: this.#existence(),
      runTime: running ? this.#runTime() : null,
      stoppedReason: this.isOver ? endInWords(this.#exit?.code ?? null) : null,
      howEnded: this.isOver ? howEnded(this.#exit?.code ?? null) : undefined,
      traces: this.#traces(session),
      attachCommand: session ? `tmux attach-session -t '=${session.name}'` : null,
      newActivity,
      againInMs: this.#log.counting ? 1 : null,
    };
  }

  get #tolerance(): number {
    return this.context.settings().clockSkewToleranceMs;
  }

  #runTime(): NonNullable<Reading['runTime']> {
    const ownLimitMs = this.around.ownMaxRuntimeMs(this.parsed.slug);
    return { started: this.triggered, limitMs: this.#limitMs, ownLimitMs };
  }

  get #limitMs(): number {
    return this.around.maxRuntimeMs(this.parsed.slug);
  }

  /** tmux does not answer: what was said of it stands, and how it is is not known. */
  #whyUnknown(): string | null {
    const session = this.#session;
    if (session.known !== 'unknown' || (session.isPassing && this.#phase !== 'unknown')) return null;
    return session.reason;
  }

  #telling(): string {
    return `${this.#phase} ${this.#session.known} ${this.#limitMs}`;
  }

  /** `gone`: it is not there, or another one behind a link now. */
  #whyUnreadable(): string | null {
    const { files } = this.context;
    const mtimeMs = files.mtimeMs(this.path);
    if (mtimeMs !== null && mtimeMs === this.#mtimeMs) return null;
    const listing = files.list(this.path);
    if (!listing.ok) return listing.problem === 'missing' ? 'gone' : listing.detail;
    if (files.realPath(this.path) !== this.path) return 'gone';
    this.#mtimeMs = mtimeMs;
    return null;
  }

  /** True when it says another thing now. */
  #readExitCode(): boolean {
    const { files } = this.context;
    const path = files.resolve(this.path, EXIT_CODE_NAME);
    const stat = files.stat(path, this.path);
    if (stat.ok && this.#exit && isSameContent(this.#exit.stat, stat)) return false;
    const before = this.#exit?.code ?? null;
    const got = stat.ok ? files.read(path, this.path, EXIT_CODE_MAX_BYTES) : null;
    this.#exit = got?.ok ? { stat: got, code: parseExitCode(decoder.decode(got.data)) } : null;
    return before !== (this.#exit?.code ?? null);
  }

  /** The first thing a session does is to begin the log, so whatever tmux said after the log was begun counts. */
  #followSession(): void {
    this.#session = this.around.sessionOf(this, this.#log.grown?.monotonicMs ?? this.#foundMs);
    if (this.#session.known === 'alive') {
      this.#phase = 'runs';
      this.#noteProcesses(this.#session.session);
    } else if (this.#session.known === 'absent' && this.#phase !== 'over') {
      this.#phase = this.#mayStillBegin ? 'begins' : 'over';
    }
  }

  /** Between its directory and its session repositories may be fetched, for minutes. */
  get #mayStillBegin(): boolean {
    if (this.#phase === 'runs' || this.#log.exists || this.#exit) return false;
    return this.context.clock.monotonicMs() - this.triggered.monotonicMs < this.#limitMs;
  }

  #noteProcesses({ panePids }: TerminalSession): void {
    this.panePids = panePids;
    const [pid] = panePids;
    if (pid !== undefined && this.#first?.pid !== pid) this.#first = { pid, namedAt: this.context.clock.wallMs() };
  }

  #existence(): Reading['existence'] {
    const name = harmless(this.sessionName);
    switch (this.#session.known) {
      case 'alive':
        return { liveness: 'alive', reason: `its tmux session ${name} lives` };
      case 'unknown':
        return { liveness: 'unknown', reason: `whether its tmux session lives is not known: ${this.#session.reason}` };
      case 'absent':
        return this.isOver
          ? { liveness: 'gone', reason: `its tmux session ${name} is gone` }
          : { liveness: 'unknown', reason: `its tmux session ${name} has not begun` };
    }
  }

  #traces(session: TerminalSession | null): Reading['traces'] {
    const { clock } = this.context;
    const log = this.#log;
    const traces: Reading['traces'] = [
      {
        kind: 'session',
        text: session
          ? `${harmless(session.name)}, ${plural(session.panePids.length, 'pane', 'panes')}`
          : (this.#existence()?.reason ?? ''),
        moment: session && place(clock, session.createdAt, this.#tolerance).moment,
        fault: false,
      },
      { kind: 'run_time', text: `allowed ${formatDuration(this.#limitMs)}`, moment: this.triggered, fault: false },
    ];
    if (log.exists) {
      const text = log.problem ?? `${LOG_NAME}, ${formatBytes(log.size)}`;
      traces.push({ kind: 'log', text, moment: log.grown, fault: log.problem !== null });
    }
    return traces;
  }
}

const DECLARED = { unknown: null, begins: 'starting', runs: 'busy', over: 'stopped' } as const;

/**
 * A workbench says nothing of itself and is judged by its run time alone: silence of its log is no fault. Its log is
 * written by a helper of tmux, so whoever holds it open is not the worker.
 */
const NO_CLOCKS = {
  ...NOT_KEPT,
  role: null,
  clockSkew: null,
  progress: null,
  asks: null,
  task: null,
  command: null,
  notices: [],
  staleMs: null,
  parentId: null,
  usage: null,
  abort: null,
  files: [],
  doubtful: false,
} satisfies Partial<Reading>;
