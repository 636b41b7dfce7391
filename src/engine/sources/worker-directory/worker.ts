import { formatBytes, harmless, plural } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import type { Clock, Files } from '../../ports';
import type { LifeSign, Moment, Reading } from '../source';
import { HeartbeatFile } from './heartbeat-file';
import { newest } from './moments';
import { entryId } from './parse';
import { SPEC_NAME, SpecFile } from './spec-file';
import { TaskLedger } from './tasks';
import { TraceFile } from './trace-file';
import { parseWireLine, WireState } from './wire';

const LOGS_MAX = 16;
const LOGS_COMPARED_MAX = 1_000;
const NAME_MAX = 120;
/** A slice of a long file is counted at each look; the next one follows at once. */
const CONTINUE_MS = 1;

export interface WorkerDirectoryContext {
  files: Files;
  clock: Clock;
  clockSkewToleranceMs: () => number;
}

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
> & { given: LifeSign | null };

/** One worker directory, followed: what its files say now, and what only their history can tell. */
export class WorkerDirectory {
  readonly #spec: SpecFile;
  #heartbeat: HeartbeatFile;
  #inbox: TraceFile;
  #outbox: TraceFile;
  readonly #wire: TraceFile;
  readonly #logs = new Map<string, TraceFile>();
  /** When the newest of the logs that are not followed any more last grew. */
  #pastLog: Moment | null = null;
  readonly #tasks = new TaskLedger();
  readonly #wireState = new WireState();
  readonly #notEntries = { inbox: 0, outbox: 0 };
  /** Tasks without a result, as known when everything was last counted. */
  #openTasks = 0;
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
    this.#inbox = this.#entries('inbox', this.#spec.paths.inbox);
    this.#outbox = this.#entries('outbox', this.#spec.paths.outbox);
    this.#wire = this.#trace('wire_events', files.resolve(path, 'wire-events.jsonl'), false, {
      onLine: (line) => line !== null && this.#wireState.add(parseWireLine(line), this.#wireWrittenAt),
      onRestart: () => this.#wireState.clear(),
    });
  }

  /** Look again. Null: the directory is gone. */
  look(depth: 'life' | 'full'): Reading | null {
    const tolerance = this.context.clockSkewToleranceMs();
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

  get #wireWrittenAt(): number {
    return Math.min(this.#wire.grown?.at ?? Number.POSITIVE_INFINITY, this.context.clock.wallMs());
  }

  get #counting(): boolean {
    return this.#traces().some((trace) => trace.counting);
  }

  /** Read what came. Results are read after the tasks they answer, so that a long file of them cannot get ahead. */
  #readOn(toleranceMs: number): number {
    let activity = 0;
    for (const trace of this.#traces()) {
      activity += trace.look(toleranceMs, trace === this.#outbox && this.#inbox.counting);
    }
    if (!this.#inbox.counting && !this.#outbox.counting) this.#openTasks = this.#countOpenTasks();
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

  /** The newest log's path, for its tail. */
  get newestLog(): string | null {
    const logs = [...this.#logs.values()].filter((log) => log.exists);
    const grown = newest(logs.map((log) => log.grown));
    return (logs.find((log) => log.grown === grown) ?? logs[0])?.path ?? null;
  }

  #trace(
    kind: TraceFile['kind'],
    path: string,
    whole: boolean,
    handlers: { onLine: (line: string | null) => void; onRestart: () => void },
  ): TraceFile {
    return new TraceFile(kind, path, this.path, this.context.files, this.context.clock, whole, handlers);
  }

  #entries(kind: 'inbox' | 'outbox', path: string): TraceFile {
    const field = kind === 'inbox' ? 'id' : 'task_id';
    const onRestart = () => {
      this.#notEntries[kind] = 0;
      if (kind === 'inbox') this.#tasks.forgetGiven();
      else this.#tasks.forgetAnswered();
    };
    onRestart(); // What stood in the file that was followed before is void.
    return this.#trace(kind, path, true, {
      onLine: (line) => {
        const id = line === null ? null : entryId(line, field);
        if (id === null) this.#notEntries[kind] += 1;
        else if (kind === 'inbox') this.#tasks.given(id);
        else this.#tasks.answered(id);
      },
      onRestart,
    });
  }

  /** The spec names other files now: follow those. */
  #follow(): void {
    const { heartbeat, inbox, outbox } = this.#spec.paths;
    const { files, clock } = this.context;
    if (heartbeat !== this.#heartbeat.path) this.#heartbeat = new HeartbeatFile(heartbeat, this.path, files, clock);
    if (inbox !== this.#inbox.path) this.#inbox = this.#entries('inbox', inbox);
    if (outbox !== this.#outbox.path) this.#outbox = this.#entries('outbox', outbox);
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
    this.#followLogs(logs.map(({ name }) => name));
    return true;
  }

  /** Follow the newest: a worker that begins a new log every hour has many. */
  #followLogs(names: string[]): void {
    const chosen = new Set(names.length > LOGS_MAX ? this.#newestOf(names).slice(0, LOGS_MAX) : names);
    for (const [name, log] of this.#logs) {
      if (chosen.has(name)) continue;
      this.#pastLog = newest([this.#pastLog, log.grown]);
      this.#logs.delete(name);
    }
    for (const name of chosen) this.#followLog(name);
  }

  #newestOf(names: string[]): string[] {
    const { files } = this.context;
    const aged = names
      .slice(0, LOGS_COMPARED_MAX)
      .map((name) => ({ name, mtimeMs: files.mtimeMs(files.resolve(this.path, name)) ?? 0 }));
    return aged.sort((a, b) => b.mtimeMs - a.mtimeMs).map(({ name }) => name);
  }

  #followLog(name: string): void {
    if (this.#logs.has(name)) return;
    const ignore = () => undefined;
    const path = this.context.files.resolve(this.path, name);
    this.#logs.set(name, this.#trace('log', path, false, { onLine: ignore, onRestart: ignore }));
  }

  #traces(): TraceFile[] {
    return [this.#inbox, this.#outbox, this.#wire, ...this.#logs.values()];
  }

  get #saysFree(): boolean {
    const declared = this.#heartbeat.declared;
    return declared === 'ready' || declared === 'stopped' || declared === 'starting';
  }

  /** Work that began now is not measured by the silence before it. */
  #noteBusy(): void {
    const busy = this.#heartbeat.declared === 'busy';
    // At first sight nobody knows when it became busy: its files tell how long nothing came of it.
    if (busy && this.#wasBusy === false) this.#busySince = this.#heartbeat.beat;
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
    const logs = [...this.#logs.values()];
    const past = this.#pastLog && { ...this.#pastLog, from: 'log' as const };
    return {
      name: this.#spec.spec.name ?? harmless(this.context.files.baseName(this.path), NAME_MAX),
      role: this.#spec.spec.role,
      problems: this.#problems(),
      specWritten: this.#spec.written,
      otherLife: newest([sign(this.#outbox), sign(this.#wire), past, ...logs.map(sign)]),
      inboxCount: this.#count(this.#inbox, 'inbox'),
      outboxCount: this.#count(this.#outbox, 'outbox'),
      openTasks: this.#openTasks,
      traces: this.#evidence(),
      files: [this.#heartbeat.path, this.#outbox.path, this.#wire.path, ...logs.map((log) => log.path)],
      request: null,
      given: this.#tasks.openCount ? sign(this.#inbox) : null,
    };
  }

  #reading(newActivity: number, againInMs: number | null): Reading {
    const heartbeat = this.#heartbeat;
    const { content } = heartbeat;
    this.#derived ??= this.#derive();
    const { given, ...derived } = this.#derived;
    const beatProgress = heartbeat.progress && { ...heartbeat.progress, from: 'heartbeat' as const };
    const becameBusy = this.#busySince && { ...this.#busySince, from: 'heartbeat' as const };
    const question = this.#wireState.question;
    const waiting = heartbeat.declared === 'waiting' || (question !== null && !this.#saysFree);
    return {
      ...derived,
      id: this.id,
      runId: this.runId,
      path: this.path,
      unreadable: this.#unreadable,
      heartbeat: { fault: heartbeat.fault, content, beat: heartbeat.beat },
      clockSkew: heartbeat.clockSkew,
      progress: newest([derived.otherLife, given, beatProgress, becameBusy]),
      declared: waiting ? 'waiting' : heartbeat.declared,
      asks: question?.text ?? (heartbeat.declared === 'waiting' ? (content?.message ?? null) : null),
      task: content?.task?.title ?? content?.task?.id ?? null,
      command: this.#command,
      intervalMs: content?.intervalMs ?? null,
      silentUntil: content?.silentUntil ?? null,
      claim: this.#claim(),
      newActivity,
      againInMs,
      doubtful: heartbeat.againInMs !== null,
    };
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

  /** Entries, with a last line that has no end yet where it is one. */
  #count(trace: TraceFile, kind: 'inbox' | 'outbox'): number | null {
    if (!trace.exists || trace.problem) return null;
    return trace.lines.count - this.#notEntries[kind] + (this.#unfinishedId(trace, kind) === null ? 0 : 1);
  }

  #unfinishedId(trace: TraceFile, kind: 'inbox' | 'outbox'): string | null {
    const line = trace.lines.unfinished;
    return line === '' ? null : entryId(line, kind === 'inbox' ? 'id' : 'task_id');
  }

  #countOpenTasks(): number {
    if (!this.#inbox.exists) return 0;
    const given = this.#unfinishedId(this.#inbox, 'inbox');
    const answered = this.#unfinishedId(this.#outbox, 'outbox');
    let open = this.#tasks.openCount;
    if (given !== null && given !== answered && !this.#tasks.isAnswered(given)) open += 1;
    if (answered !== null && this.#tasks.isGiven(answered)) open -= 1;
    return open;
  }

  #evidence(): Reading['traces'] {
    const traces: Reading['traces'] = [];
    const add = (trace: TraceFile, text: string) => {
      if (trace.exists)
        traces.push({
          kind: trace.kind,
          text: trace.problem ?? text,
          moment: trace.grown,
          fault: trace.problem !== null,
        });
    };
    add(this.#inbox, this.#entriesText(this.#inbox, 'inbox', 'task'));
    add(this.#outbox, this.#entriesText(this.#outbox, 'outbox', 'result'));
    add(this.#wire, formatBytes(this.#wire.size));
    for (const [name, log] of this.#logs) add(log, `${harmless(name, 60)}, ${formatBytes(log.size)}`);
    return traces;
  }

  #entriesText(trace: TraceFile, kind: 'inbox' | 'outbox', word: string): string {
    const bad = this.#notEntries[kind];
    const count = plural(this.#count(trace, kind) ?? 0, word, `${word}s`);
    const known = trace.counting ? `${count} so far` : count;
    return bad ? `${known}, ${plural(bad, 'line is', 'lines are')} no JSON entry` : known;
  }
}
