import type { WorkerId } from '../../../shared/model';
import type { TaskListSetting } from '../../../shared/settings';
import type { Clock } from '../../ports';
import type { PushListener, Reading, Source, SourceContext, SourceListener } from '../source';
import { TaskList } from './list';
import type { Task } from './task';

/** Lists are files that change by the minute: they are looked at at this pace, and file events are kept for others. */
const REFRESH_MS = 5_000;

interface Known {
  task: Task;
  list: TaskList;
}

/** The tasks of the files named in the setting `taskLists` that are in no final state. One worker a task. */
export function createTaskListSource(context: SourceContext): Source {
  return new TaskListSource(context);
}

class TaskListSource implements Source {
  readonly kind = 'task-list';
  readonly refreshIntervalMs = REFRESH_MS;
  /** By file and table. */
  #paths = new Set<string>();
  readonly #lists = new Map<string, TaskList>();
  /** What the monitor was told of. */
  readonly #known = new Map<WorkerId, Known>();
  #listener: PushListener | null = null;

  constructor(private readonly context: SourceContext) {}

  /** The setting says more of each than its path: the roots say which of them. */
  setRoots(paths: string[]): void {
    this.#paths = new Set(paths);
    this.#followSettings();
  }

  roots() {
    return [...this.#lists.values()].map(({ setting, tasks, unreadable }) => ({
      path: setting.path,
      workers: tasks.size,
      unreadable,
    }));
  }

  connect(listener: PushListener): void {
    this.#listener = listener;
  }

  disconnect(): void {
    this.#listener = null;
  }

  refresh(): Promise<WorkerId[]> | null {
    this.#followSettings();
    return this.#lists.size ? this.#readAll() : null;
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    const lists = new Set(this.#lists.values());
    for (const [id, known] of [...this.#known]) {
      yield;
      const why = whyLeft(id, known, lists);
      if (why !== null) this.#leave(id, listener, why);
    }
    for (const list of lists) {
      for (const [id, task] of [...list.tasks]) {
        yield;
        if (task.isOver) list.tasks.delete(id);
        else if (!this.#known.has(id)) this.#meet(id, { task, list }, listener);
      }
    }
  }

  look(id: WorkerId): Reading | null {
    const known = this.#known.get(id);
    return known ? known.task.look(known.list.now(this.#settingOf(known.list))) : null;
  }

  /** What changed is told by `refresh`. */
  touched(): boolean {
    return false;
  }

  watchDirectories(): string[] {
    return [];
  }

  depthFor(): 'none' {
    return 'none';
  }

  rootDirectories(): string[] {
    return [];
  }

  logTail(): null {
    return null;
  }

  forget(id: WorkerId): void {
    this.#known.delete(id);
  }

  #meet(id: WorkerId, known: Known, listener: SourceListener): void {
    this.#known.set(id, known);
    listener.onFound(id);
  }

  #leave(id: WorkerId, listener: SourceListener, why: string): void {
    this.forget(id);
    listener.onLeft(id, why);
  }

  /** Lists that are still named in the same way go on; only how long a task may take can change while they do. */
  #followSettings(): void {
    const asked = this.context.settings().taskLists.filter(({ path }) => this.#paths.has(path));
    const named = new Map(asked.map((setting) => [keyOf(setting), setting]));
    for (const [key, { setting }] of this.#lists) {
      const now = named.get(key);
      if (!now || !isReadAlike(now, setting)) this.#lists.delete(key);
    }
    for (const [key, setting] of named) {
      if (!this.#lists.has(key)) this.#lists.set(key, new TaskList(setting, this.context));
    }
  }

  #settingOf({ setting }: TaskList): TaskListSetting {
    const key = keyOf(setting);
    return this.context.settings().taskLists.find((each) => keyOf(each) === key) ?? setting;
  }

  async #readAll(): Promise<WorkerId[]> {
    const changed: WorkerId[] = [];
    for (const [index, list] of [...this.#lists.values()].entries()) {
      if (index > 0) await aMoment(this.context.clock); // Each of them may take a while.
      changed.push(...list.read());
    }
    const isNew = [...this.#lists.values()].some(({ tasks }) => [...tasks.keys()].some((id) => !this.#known.has(id)));
    if (isNew) this.#listener?.appeared();
    return changed.filter((id) => this.#known.has(id));
  }
}

/** Why a task is shown no more; null: it is. */
function whyLeft(id: WorkerId, { task, list }: Known, lists: ReadonlySet<TaskList>): string | null {
  if (!lists.has(list)) return 'Its list is not watched any more';
  if (task.isOver) return 'It is no open task any more';
  if (list.tasks.get(id) === task) return null;
  return list.unreadable === null ? 'Others of its list come first' : 'Its list is gone';
}

function keyOf({ path, table }: TaskListSetting): string {
  return JSON.stringify([path, table]);
}

function isReadAlike(one: TaskListSetting, other: TaskListSetting): boolean {
  const without = (setting: TaskListSetting) => JSON.stringify({ ...setting, stuckAfterMinutes: null });
  return without(one) === without(other);
}

function aMoment(clock: Clock): Promise<void> {
  return new Promise((done) => {
    clock.after(0, done);
  });
}
