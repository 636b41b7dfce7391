import { formatDuration, harmless, plural } from '../shared/format';
import { type IdleStatus, natureOf, type OpenTask } from '../shared/model';
import type { Settings } from '../shared/settings';
import type { EventLog } from './event-log';
import type { IdleItem, IdleItems } from './monitor-types';
import { type Instant, lastActivity } from './observe/facts';
import { idleStatusOf, idleThresholdMs, isOver } from './observe/idle-status';
import { isWrong } from './observe/verdict';
import type { Clock } from './ports';
import type { Roster } from './roster';
import type { Reading } from './sources/source';
import { newest } from './sources/worker-directory/moments';
import { Timers } from './timers';
import type { WorkerRecord } from './worker-record';

/** Of more than this that become idle in one round, one event tells together. */
const TOLD_SINGLY_MAX = 3;
const NAMED_MAX = 5;

interface IdleRoundsParts {
  clock: Clock;
  roster: Roster;
  events: EventLog;
  settings: () => Settings;
  now: () => Instant;
  /** Verdicts hold, and so does what is idle. */
  isHeld: () => boolean;
  /** Something of a row changed. */
  changed: (record: WorkerRecord) => void;
}

/** Something that has just become idle. */
interface Turned {
  record: WorkerRecord;
  kind: 'session_idle' | 'task_idle';
  name: string;
  text: string;
}

/** Goes through sessions and tasks again and again, and notes which are in use and which are idle. */
export class IdleRounds {
  readonly #timers: Timers<'round'>;
  /** Of the open tasks of workers, as of the last round: only what was in use before can become idle. */
  #tasks = new Map<string, IdleStatus['status']>();

  constructor(private readonly parts: IdleRoundsParts) {
    this.#timers = new Timers(parts.clock);
  }

  /** Go through all now, and then at the pace of the settings. */
  start(): void {
    const { settings, roster, isHeld } = this.parts;
    this.#timers.set('round', settings().IDLE_CHECK_INTERVAL_SECONDS * 1000, () => this.start());
    if (isHeld()) return;
    const tasks = new Map<string, IdleStatus['status']>();
    const turned = [...roster.all()].flatMap((record) => [
      ...this.#followStatus(record),
      ...this.#followTasks(record, tasks),
    ]);
    this.#tasks = tasks;
    this.#tell(turned);
  }

  stop(): void {
    this.#timers.clear();
  }

  get isRunning(): boolean {
    return this.#timers.has('round');
  }

  /** One session or task as of now, not as of the last round. */
  refresh(record: WorkerRecord): void {
    if (!this.parts.isHeld()) this.#tell(this.#followStatus(record));
  }

  /** The open tasks of one worker as of now. */
  readTasks(record: WorkerRecord): void {
    if (!this.parts.isHeld()) record.tasks = this.#openTasks(record);
  }

  /** It was ended for being idle, or for a task of its own that was. */
  noteTimedOut(record: WorkerRecord): void {
    const { monotonicMs, at } = this.parts.now();
    record.timedOut = { monotonicMs, at };
    this.refresh(record);
    this.readTasks(record);
  }

  /** Every session and task that has a status, idle or not. */
  items(): IdleItems {
    const all = [...this.parts.roster.all()];
    const own = (nature: 'session' | 'task') =>
      all.flatMap((record) =>
        record.idle && natureOf(record.source.kind) === nature ? [itemOf(record, record.idle)] : [],
      );
    return { sessions: own('session'), tasks: [...own('task'), ...all.flatMap((record) => taskItemsOf(record))] };
  }

  #followStatus(record: WorkerRecord): Turned[] {
    if (natureOf(record.source.kind) === 'worker' || !record.reading || !record.verdict) return [];
    const before = record.idle;
    const now = this.#statusOf(record, record.reading);
    const isSame = before?.status === now?.status && before?.activeAt === now?.activeAt;
    if (isSame && before?.thresholdMs === now?.thresholdMs) return [];
    record.idle = now && { status: now.status, activeAt: now.activeAt, thresholdMs: now.thresholdMs };
    this.parts.changed(record);
    if (before?.status !== 'active' || now?.status !== 'idle') return [];
    const kind = natureOf(record.source.kind) === 'session' ? 'session_idle' : 'task_idle';
    return [{ record, kind, name: record.reading.name, text: idleWords(now.ageMs, now.thresholdMs) }];
  }

  /** Null: it is over, and nobody ended it for being idle. */
  #statusOf(record: WorkerRecord, reading: Reading): ReturnType<typeof idleStatusOf> | null {
    const { kind } = record.source;
    const { verdict } = record;
    const isSession = natureOf(kind) === 'session';
    const isAtWork = isSession && (verdict?.state === 'busy' || verdict?.state === 'starting') && !isWrong(verdict);
    const status = idleStatusOf(
      {
        active: newest([lastActivity(reading), reading.progress]),
        firstSeen: record.firstSeen,
        timedOut: record.timedOut,
        thresholdMs: idleThresholdMs(this.parts.settings(), kind),
        isAtWork,
      },
      this.parts.now(),
    );
    return verdict && isOver(verdict.state) && status.status !== 'timed_out' ? null : status;
  }

  #followTasks(record: WorkerRecord, into: Map<string, IdleStatus['status']>): Turned[] {
    if (!record.reading?.tasks.length && !record.tasks.length) return [];
    record.tasks = this.#openTasks(record);
    return record.tasks.flatMap(({ id, title, idle }) => {
      const key = `${record.id}\n${id}`;
      into.set(key, idle.status);
      if (this.#tasks.get(key) !== 'active' || idle.status !== 'idle') return [];
      const name = title ?? id;
      const text = `Its task “${harmless(name, 80)}” is idle: nothing happened to it for ${formatDuration(idle.thresholdMs)}`;
      return [{ record, kind: 'task_idle' as const, name, text }];
    });
  }

  #openTasks(record: WorkerRecord): OpenTask[] {
    const { settings, now } = this.parts;
    const tasks = record.reading?.tasks ?? [];
    if (!tasks.length) return [];
    const thresholdMs = idleThresholdMs(settings(), record.source.kind);
    const { firstSeen, reading } = record;
    // A worker that does something again has its tasks again.
    const livesAgain = newest([record.timedOut, reading && lastActivity(reading)]) !== record.timedOut;
    const shared = { firstSeen, timedOut: livesAgain ? null : record.timedOut, thresholdMs, isAtWork: false };
    const instant = now();
    return tasks.map(({ id, title, state, active }) => {
      const { status, activeAt } = idleStatusOf({ ...shared, active }, instant);
      return { id, title, state, since: activeAt, idle: { status, activeAt, thresholdMs } };
    });
  }

  #tell(turned: Turned[]): void {
    for (const kind of ['session_idle', 'task_idle'] as const) {
      const some = turned.filter((each) => each.kind === kind);
      if (some.length <= TOLD_SINGLY_MAX) {
        for (const { record, text } of some) this.parts.events.add(kind, record, text);
        continue;
      }
      const names = some.slice(0, NAMED_MAX).map(({ name }) => harmless(name, 60));
      const more = some.length > NAMED_MAX ? ` and ${some.length - NAMED_MAX} more` : '';
      const what =
        kind === 'session_idle' ? plural(some.length, 'session', 'sessions') : plural(some.length, 'task', 'tasks');
      this.parts.events.add(kind, null, `${what} have become idle: ${names.join(', ')}${more}`);
    }
  }
}

function idleWords(ageMs: number, thresholdMs: number): string {
  return `Idle: no activity for ${formatDuration(ageMs)} (idle after ${formatDuration(thresholdMs)})`;
}

function itemOf({ id, reading }: WorkerRecord, { status, activeAt, thresholdMs }: IdleStatus): IdleItem {
  return { workerId: id, taskId: null, name: reading?.name ?? id, status, since: activeAt, thresholdMs };
}

function taskItemsOf({ id, tasks }: WorkerRecord): IdleItem[] {
  return tasks.map((task) => ({
    workerId: id,
    taskId: task.id,
    name: task.title ?? task.id,
    status: task.idle.status,
    since: task.since,
    thresholdMs: task.idle.thresholdMs,
  }));
}
