import { formatBytes, harmless } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import type { LifeSign, Moment, Reading, SourceContext } from '../source';
import { HeartbeatFile } from './heartbeat-file';
import { LogFiles } from './log-files';
import { newest } from './moments';
import { SPEC_NAME, SpecFile } from './spec-file';
import { TaskFiles } from './task-files';
import { TraceFile, type TraceHandlers } from './trace-file';
import { parseWireLine, WireState } from './wire';

const NAME_MAX = 120;
/** A slice of a long file is counted at each look; the next one follows at once. */
const CONTINUE_MS = 1;
const NONE: string[] = [];
const NO_TASKS: Reading['tasks'] = [];
const decoder = new TextDecoder();

export type WorkerDirectoryContext = Pick<SourceContext, 'files' | 'clock' | 'settings'>;

type Derived = Pick<
  Reading,
  | 'name'
  | 'role'
  | 'problems'
  | 'specWritten'
  | 'otherLife'
  | 'inboxCount'
  | 'outboxCount'
  | 'openTasks'
  | 'traces'
  | 'files'
  | 'request'
> & { given: LifeSign | null; open: ReturnType<TaskFiles['open']> };

/** One worker directory, followed: what its files say now, and what only their history can tell. */
export class WorkerDirectory {
  readonly #spec: SpecFile;
  #heartbeat: HeartbeatFile;
  readonly #tasks: TaskFiles;
  readonly #wire: TraceFile;
  readonly #logs: LogFiles;
  readonly #wireState = new WireState();
  #listedMtimeMs: number | null = null;
  #busySince: Moment | null = null;
  #wasBusy: boolean | null = null;
  #unreadable: string | null = null;
  #derived: Derived | null = null;

  constructor(
    readonly id: WorkerId,
    readonly path: string,
    readonly runId: string,
    private readonly context: WorkerDirectoryContext,
  ) {
    const { files, clock } = context;
    this.#spec = new SpecFile(path, files, clock);
    this.#heartbeat = new HeartbeatFile(this.#spec.paths.heartbeat, path, files, clock);
    this.#tasks = new TaskFiles(this.#spec.paths, (kind, file, handlers) => this.#trace(kind, file, true, handlers));
    this.#wire = this.#trace('wire_events', files.resolve(path, 'wire-events.jsonl'), false, {
      onLine: (line) => line !== null && this.#wireState.add(parseWireLine(line), this.#wireWrittenAt),
      onRestart: () => this.#wireState.clear(),
    });
    const ignore = { onLine: () => undefined, onRestart: () => undefined };
    this.#logs = new LogFiles(files, path, (file) => this.#trace('log', file, false, ignore));
  }

  /** Look again. Null: the directory is gone. */
  look(depth: 'life' | 'full'): Reading | null {
    const tolerance = this.context.settings().clockSkewToleranceMs;
    if (depth === 'full') {
      if (!this.#lookAtDirectory()) return null;
      if (this.#spec.look(tolerance)) this.#follow();
    }
    const traces = depth === 'full' || this.#counting;
    const activity = traces ? this.#readOn(tolerance) : 0;
    if (traces) this.#derived = null;
    this.#heartbeat.look(tolerance);
    // Forbidding a directory changes no time of it: that its heartbeat cannot be read is the first to show it.
    if (depth === 'full' && this.#heartbeat.fault?.kind === 'unreadable' && !this.#list()) return null;
    this.#noteBusy();
    return this.#reading(activity, this.#counting ? CONTINUE_MS : this.#heartbeat.againInMs);
  }

  /** True when a file but the heartbeat is not what was last read, as far as a few calls tell. */
  touched(): boolean {
    return this.#spec.touched() || this.#traces().some((trace) => trace.touched());
  }

  get #wireWrittenAt(): number {
    return Math.min(this.#wire.grown?.at ?? Number.POSITIVE_INFINITY, this.context.clock.wallMs());
  }

  get #counting(): boolean {
    return this.#traces().some((trace) => trace.counting);
  }

  #readOn(toleranceMs: number): number {
    let activity = this.#tasks.look(toleranceMs);
    for (const trace of [this.#wire, ...this.#logs.traces]) activity += trace.look(toleranceMs);
    return activity;
  }

  /** What a change of one name is worth: most are temporary files of writers that rename. */
  depthFor(name: string | null): 'life' | 'full' | 'none' {
    if (name === null) return 'full';
    if (this.#heartbeat.path.endsWith(name)) return 'life';
    const matters =
      name === SPEC_NAME || name.endsWith('.log') || this.#traces().some((trace) => trace.path.endsWith(name));
    return matters ? 'full' : 'none';
  }

  /** The end of its newest log; null without one. */
  logTail(maxBytes: number): { file: string; path: string; text: string } | null {
    const path = this.#logs.newestPath;
    if (path === null) return null;
    const got = this.context.files.read(path, this.path, maxBytes, -maxBytes);
    return got.ok ? { file: this.context.files.baseName(path), path, text: decoder.decode(got.data) } : null;
  }

  #trace(kind: TraceFile['kind'], path: string, whole: boolean, handlers: TraceHandlers): TraceFile {
    return new TraceFile(kind, path, this.path, this.context.files, this.context.clock, whole, handlers);
  }

  /** The spec names other files now: follow those. */
  #follow(): void {
    const { heartbeat } = this.#spec.paths;
    const { files, clock } = this.context;
    if (heartbeat !== this.#heartbeat.path) this.#heartbeat = new HeartbeatFile(heartbeat, this.path, files, clock);
    this.#tasks.follow(this.#spec.paths);
  }

  /** List the directory for logs, where it changed. False when it is gone. */
  #lookAtDirectory(): boolean {
    const mtimeMs = this.context.files.mtimeMs(this.path);
    if (mtimeMs !== null && mtimeMs === this.#listedMtimeMs) return true;
    const found = this.#list();
    if (found && this.#unreadable === null) this.#listedMtimeMs = mtimeMs;
    return found;
  }

  /** False when the directory is gone, or is another one behind a link now. */
  #list(): boolean {
    this.#listedMtimeMs = null;
    const listing = this.context.files.list(this.path);
    if (!listing.ok) {
      this.#unreadable = listing.detail;
      return listing.problem !== 'missing';
    }
    if (this.context.files.realPath(this.path) !== this.path) return false;
    this.#unreadable = null;
    const logs = listing.entries.filter((entry) => entry.name.endsWith('.log') && entry.kind !== 'directory');
    this.#logs.follow(logs.map(({ name }) => name));
    return true;
  }

  #traces(): TraceFile[] {
    return [this.#tasks.inbox, this.#tasks.outbox, this.#wire, ...this.#logs.traces];
  }

  get #saysFree(): boolean {
    const declared = this.#heartbeat.declared;
    return declared === 'ready' || declared === 'stopped' || declared === 'starting';
  }

  /** Work that began now is not measured by the silence before it. */
  #noteBusy(): void {
    const busy = this.#heartbeat.declared === 'busy';
    // At first sight nobody knows when it became busy: its files tell how long nothing came of it, and where there are
    // none, the time begins now.
    const startsNow = this.#wasBusy === null ? !this.#traces().some((trace) => trace.grown) : !this.#wasBusy;
    if (busy && startsNow) this.#busySince = this.#heartbeat.beat;
    this.#wasBusy = busy;
  }

  get #command(): Reading['command'] {
    const beat = this.#heartbeat.beat;
    const tool = this.#wireState.openTool;
    if (tool && !(this.#saysFree && beat && beat.at > tool.at)) {
      return { label: tool.label, started: this.#placed(tool.at) };
    }
    const { content, taskStarted } = this.#heartbeat;
    const task = content?.task;
    if (!task || !taskStarted || this.#saysFree || (task.id !== null && this.#tasks.isAnswered(task.id))) return null;
    return { label: task.title ?? task.id ?? 'task', started: taskStarted };
  }

  #placed(at: number): Moment {
    const { clock } = this.context;
    const now = clock.wallMs();
    return { at: Math.min(at, now), monotonicMs: clock.monotonicMs() - Math.max(0, now - at) };
  }

  /** What only a full look can change, kept from one to the next: a beat costs none of it. */
  #derive(): Derived {
    const sign = (trace: TraceFile) => trace.grown && { ...trace.grown, from: trace.kind };
    const { inbox, outbox } = this.#tasks;
    const logGrown = this.#logs.grown && { ...this.#logs.grown, from: 'log' as const };
    return {
      name: this.#spec.spec.name ?? harmless(this.context.files.baseName(this.path), NAME_MAX),
      role: this.#spec.spec.role,
      problems: this.#problems(),
      specWritten: this.#spec.written,
      otherLife: newest([sign(outbox), sign(this.#wire), logGrown]),
      inboxCount: this.#tasks.count('inbox'),
      outboxCount: this.#tasks.count('outbox'),
      openTasks: this.#tasks.openCount,
      traces: this.#evidence(),
      files: [this.#heartbeat.path, ...[outbox, this.#wire, ...this.#logs.traces].map((trace) => trace.path)],
      request: null,
      given: this.#tasks.hasOpen ? sign(inbox) : null,
      open: this.#tasks.openCount > 0 ? this.#tasks.open() : [],
    };
  }

  #reading(newActivity: number, againInMs: number | null): Reading {
    const heartbeat = this.#heartbeat;
    const { content } = heartbeat;
    this.#derived ??= this.#derive();
    const derived = this.#derived;
    const beatProgress = heartbeat.progress && { ...heartbeat.progress, from: 'heartbeat' as const };
    const becameBusy = this.#busySince && { ...this.#busySince, from: 'heartbeat' as const };
    const question = this.#wireState.question;
    const waiting = heartbeat.declared === 'waiting' || (question !== null && !this.#saysFree);
    // Field by field: a spread of this many costs more than all the rest of a look.
    return {
      id: this.id,
      runId: this.runId,
      name: derived.name,
      role: derived.role,
      path: this.path,
      unreadable: this.#unreadable,
      problems: derived.problems,
      specWritten: derived.specWritten,
      otherLife: derived.otherLife,
      inboxCount: derived.inboxCount,
      outboxCount: derived.outboxCount,
      openTasks: derived.openTasks,
      traces: derived.traces,
      files: derived.files,
      request: derived.request,
      heartbeat: { fault: heartbeat.fault, content, beat: heartbeat.beat },
      clockSkew: heartbeat.clockSkew,
      progress: newest([derived.otherLife, derived.given, beatProgress, becameBusy]),
      declared: waiting ? 'waiting' : heartbeat.declared,
      asks: question?.text ?? (heartbeat.declared === 'waiting' ? (content?.message ?? null) : null),
      task: content?.task?.title ?? content?.task?.id ?? null,
      command: this.#command,
      intervalMs: content?.intervalMs ?? null,
      silentUntil: content?.silentUntil ?? null,
      claim: this.#claim(),
      session: null,
      existence: null,
      runTime: null,
      orphaned: null,
      stoppedReason: null,
      notices: NONE,
      staleMs: null,
      parentId: null,
      usage: null,
      tasks: derived.open.length ? this.#openTasks(derived) : NO_TASKS,
      attachCommand: null,
      abort: null,
      newActivity,
      againInMs,
      doubtful: heartbeat.againInMs !== null,
    };
  }

  /** What the worker does is activity of the task it names; where it names none, of whichever is open. */
  #openTasks({ open, otherLife }: Derived): Reading['tasks'] {
    const named = this.#heartbeat.content?.task?.id ?? null;
    const isNamed = open.some(({ id }) => id === named);
    return open.map(({ id, title, given }) => ({
      id: harmless(id),
      title: title ?? (id === named ? (this.#heartbeat.content?.task?.title ?? null) : null),
      state: 'open',
      active: isNamed && id !== named ? given : newest<Moment>([given, otherLife]),
    }));
  }

  #claim(): Reading['claim'] {
    const { content, beat, writtenAt } = this.#heartbeat;
    // The file's own time bounds what the heartbeat says of its time: nobody names a pid before writing it down.
    if (content?.pid)
      return { pid: content.pid, from: 'heartbeat', namedAt: Math.min(beat?.at ?? Infinity, writtenAt ?? Infinity) };
    const { pid } = this.#spec.spec;
    return pid ? { pid, from: 'spec', namedAt: this.#spec.writtenAt } : null;
  }

  #problems(): string[] {
    const unread = this.#traces().flatMap((trace) =>
      trace.problem ? [`Cannot read ${harmless(this.context.files.baseName(trace.path), 60)}: ${trace.problem}`] : [],
    );
    return [...this.#spec.problems, ...unread];
  }

  #evidence(): Reading['traces'] {
    const sized = (trace: TraceFile) => formatBytes(trace.size);
    const named = (log: TraceFile) => `${harmless(this.context.files.baseName(log.path), 60)}, ${sized(log)}`;
    const told: [TraceFile, string][] = [
      [this.#tasks.inbox, this.#tasks.text('inbox')],
      [this.#tasks.outbox, this.#tasks.text('outbox')],
      [this.#wire, sized(this.#wire)],
      ...this.#logs.traces.map((log): [TraceFile, string] => [log, named(log)]),
    ];
    return told
      .filter(([trace]) => trace.exists)
      .map(([{ kind, problem, grown }, text]) => ({
        kind,
        text: problem ?? text,
        moment: grown,
        fault: problem !== null,
      }));
  }
}
