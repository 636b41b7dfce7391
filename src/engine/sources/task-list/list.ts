import { harmless } from '../../../shared/format';
import type { WorkerId } from '../../../shared/model';
import type { TaskListSetting } from '../../../shared/settings';
import { idleThresholdMs } from '../../observe/idle-status';
import { RewrittenFile } from '../rewritten-file';
import type { SourceContext } from '../source';
import { type Entry, type ListedTask, parseEntries, stateKey, tasksOf } from './parse';
import { TableFile } from './table-file';
import { type ListNow, Task } from './task';
import { timeIn } from './when';

/** More open tasks than this are not shown: those that should not stay as they are come first, then the newest. */
export const TASKS_MAX = 300;
const FILE_MAX_BYTES = 8 * 1024 * 1024;
/** A list that is gone takes its tasks along after this long: it may be replaced. */
const MISSING_MAX_MS = 60_000;
const NAME_MAX = 80;

type Reader = Pick<TableFile, 'path' | 'value' | 'fault' | 'writtenAt' | 'look'>;

/** One file of tasks, followed. */
export class TaskList {
  /** The open ones by worker id, and those that were open until the last sweep. */
  readonly tasks = new Map<WorkerId, Task>();
  /** What is not as expected of all of it, though it can be read. */
  #drift: string | null = null;
  #reader: Reader | null = null;
  #wasLookedFor = false;
  #missingSince: number | null = null;
  /** Whatever is new was written after this; monotonic. */
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** All that it had when it was read last, shown or not. */
  #before: ReadonlySet<WorkerId> = new Set();
  readonly #told = new Set<string>();
  readonly #intermediate: ReadonlySet<string>;
  readonly #final: ReadonlySet<string>;

  constructor(
    readonly setting: TaskListSetting,
    private readonly context: SourceContext,
  ) {
    this.#intermediate = new Set(setting.intermediate.map(stateKey));
    this.#final = new Set(setting.final.map(stateKey));
  }

  /** Why it cannot be read; null: it can. */
  get unreadable(): string | null {
    if (!this.#reader) return this.#wasLookedFor ? 'there is no such file' : null;
    return this.#reader.fault?.detail ?? this.#drift;
  }

  /** Look at the file, and read it if it changed. Returns the tasks of which something is another thing now. */
  read(): WorkerId[] {
    const before = this.unreadable;
    this.#open();
    const reader = this.#reader;
    const lookedMs = this.context.clock.monotonicMs();
    const changed = reader?.look() && reader.value ? this.#take(reader.value, reader.writtenAt ?? 0) : [];
    if (this.unreadable === null) this.#lookedMs = lookedMs;
    this.#dropOfMissing(!reader || reader.fault?.kind === 'missing');
    return before === this.unreadable ? changed : [...this.tasks.keys()];
  }

  /** What a task's reading needs of its list. `stuckAfterMinutes` may change while the list is followed. */
  now({ stuckAfterMinutes }: TaskListSetting): ListNow {
    const { settings } = this.context;
    const path = this.#reader?.path ?? this.setting.path;
    return {
      path,
      name: this.#name,
      activityColumn: this.setting.columns.lastActivity,
      intermediate: this.#intermediate,
      stuckAfterMs: stuckAfterMinutes === null ? idleThresholdMs(settings(), 'task-list') : stuckAfterMinutes * 60_000,
      fault: this.unreadable === null ? null : `${this.#name}: ${this.unreadable}`,
      notice: (task) => this.#noticeOf(task),
    };
  }

  get #name(): string {
    const { path, table } = this.setting;
    const name = harmless(this.context.files.baseName(path), NAME_MAX);
    return table === null ? name : `${name} (${harmless(table, NAME_MAX)})`;
  }

  /** Find the file behind its name, which may be a link to another one by now. */
  #open(): void {
    const { files, clock, tables } = this.context;
    const path = files.realPath(this.setting.path);
    this.#wasLookedFor = true;
    if (path === null || path === this.#reader?.path) return;
    const { table } = this.setting;
    if (table !== null) {
      this.#reader = new TableFile(path, { ...this.setting, table }, tables, clock);
      return;
    }
    const isLines = /\.(jsonl|ndjson)$/i.test(path);
    const parse = (text: string) => parseEntries(text, isLines);
    this.#reader = new RewrittenFile({
      ...{ path, within: files.parent(path), maxBytes: FILE_MAX_BYTES, parse, files, clock },
    });
  }

  #take(entries: Entry[], writtenAt: number): WorkerId[] {
    const parsed = tasksOf(entries, this.setting.columns);
    this.#drift = parsed.ok ? null : parsed.detail;
    if (!parsed.ok) return [];
    const listed = new Map(parsed.value.map((task) => [this.#idOf(task), task]));
    const shown = this.#chosen(listed);
    const added = [...shown].filter((id) => !this.tasks.has(id));
    for (const id of added) this.tasks.set(id, new Task(id, this.context, this.#final));
    // Others came first until now: how long ago something happened to them is not known.
    const wasHidden = new Set(added.filter((id) => this.#before.has(id)));
    this.#before = new Set(listed.keys());
    const written = { at: writtenAt, sinceMs: this.#lookedMs, column: this.setting.columns.lastActivity };
    return [...this.tasks].flatMap(([id, task]) => {
      const now = listed.get(id) ?? null;
      if (now && this.#isOpen(now) && !shown.has(id)) this.tasks.delete(id);
      const isChanged = task.follow(
        now,
        wasHidden.has(id) ? { ...written, sinceMs: Number.NEGATIVE_INFINITY } : written,
      );
      return isChanged ? [id] : [];
    });
  }

  /** The open ones, at most TASKS_MAX of them. */
  #chosen(listed: ReadonlyMap<WorkerId, ListedTask>): ReadonlySet<WorkerId> {
    const open = [...listed].filter(([, task]) => this.#isOpen(task));
    if (open.length > TASKS_MAX) {
      const { clock, settings } = this.context;
      const activeAt = ({ activity }: ListedTask) => {
        const when = timeIn(activity, clock.wallMs(), settings().clockSkewToleranceMs);
        return when.kind === 'at' ? when.at : Number.NEGATIVE_INFINITY;
      };
      const isFirst = ({ state }: ListedTask) => state !== null && this.#intermediate.has(stateKey(state));
      const ranked = open.map(([id, task], at) => ({ id, rank: [Number(isFirst(task)), activeAt(task), at] }));
      ranked.sort((a, b) => compare(b.rank, a.rank));
      return new Set(ranked.slice(0, TASKS_MAX).map(({ id }) => id));
    }
    return new Set(open.map(([id]) => id));
  }

  #isOpen({ state }: ListedTask): boolean {
    return state === null || !this.#final.has(stateKey(state));
  }

  #idOf({ id }: ListedTask): WorkerId {
    const { path, table } = this.setting;
    return `task-list:${path}${table === null ? '' : `?${table}`}#${id}`;
  }

  #dropOfMissing(isMissing: boolean): void {
    const now = this.context.clock.monotonicMs();
    this.#missingSince = isMissing ? (this.#missingSince ?? now) : null;
    if (this.#missingSince !== null && now - this.#missingSince >= MISSING_MAX_MS) this.tasks.clear();
  }

  /** What has drifted is told once, however many tasks it concerns. */
  #noticeOf(task: Task): string | null {
    const text = this.unreadable ?? task.drift;
    if (text === null) return null;
    const [expectation = text] = text.split(', found ');
    if (this.#told.has(expectation)) return null;
    this.#told.add(expectation);
    return `${this.#name}: ${text}`;
  }
}

function compare(a: number[], b: number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  // Two infinities are equal, and their difference is no number.
  return at < 0 ? 0 : (a[at] as number) < (b[at] as number) ? -1 : 1;
}
