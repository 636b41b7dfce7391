import type { WorkerId } from '../../../shared/model';
import { expected } from '../drift';
import { NOT_KEPT } from '../not-kept';
import type { Moment, Reading, SourceContext } from '../source';
import { newest, place, skewText } from '../worker-directory/moments';
import { type ListedTask, stateKey, stateWords } from './parse';
import { timeIn } from './when';

/** What a task's list says beside the task itself. */
export interface ListNow {
  /** Real path, and the name it goes by in words. */
  path: string;
  name: string;
  /** What the last activity is called there. */
  activityColumn: string;
  intermediate: ReadonlySet<string>;
  /** How long a task may stay in an intermediate state. */
  stuckAfterMs: number;
  /** Why the list cannot be read; null: it can. */
  fault: string | null;
  /** To be told once, by whichever task is looked at first. */
  notice(task: Task): string | null;
}

/** When what a list says was written. */
export interface Written {
  /** Wall time of the file. */
  at: number;
  /** What is new of a task has come after this moment of the monotonic clock; -Infinity where that is not known. */
  sinceMs: number;
  /** What the last activity is called there. */
  column: string;
}

/** One entry of a task list, followed. */
export class Task {
  #task: ListedTask | null = null;
  /** When it last showed activity, pinned to the monotonic clock when that was read. */
  #active: Moment | null = null;
  #clockSkew: string | null = null;
  #drift: string | null = null;
  #newActivity = 0;

  constructor(
    readonly id: WorkerId,
    private readonly context: SourceContext,
    private readonly final: ReadonlySet<string>,
  ) {}

  /** Its list has it in a final state, or has it no more. */
  get isOver(): boolean {
    const state = this.#task?.state ?? null;
    return this.#task === null || (state !== null && this.final.has(stateKey(state)));
  }

  /** What of it is not as expected. */
  get drift(): string | null {
    return this.#drift;
  }

  /** Take over what its list says now; null: it is not there any more. True when that is another thing than before. */
  follow(task: ListedTask | null, written: Written): boolean {
    const before = this.#task;
    this.#task = task;
    if (!task) return before !== null;
    const isSame = before?.state === task.state && JSON.stringify(before.activity) === JSON.stringify(task.activity);
    if (isSame) return before.title !== task.title || before.drift !== task.drift;
    this.#place(task, before, written);
    if (before) this.#newActivity += 1;
    return true;
  }

  #place(task: ListedTask, before: ListedTask | null, { at, sinceMs, column }: Written): void {
    const { clock, settings } = this.context;
    const tolerance = settings().clockSkewToleranceMs;
    const written = place(clock, at, tolerance).moment;
    const when = timeIn(task.activity, clock.wallMs(), tolerance);
    this.#clockSkew = null;
    this.#drift = task.drift ?? (when.kind === 'odd' ? expected(`a time in “${column}”`, task.activity) : null);
    if (when.kind === 'at') {
      const told = place(clock, when.at, tolerance);
      if (told.aheadMs) this.#clockSkew = skewText(column, told.aheadMs);
      const moment = told.aheadMs ? written : told.moment;
      // That its state is another one now is activity, whether or not its list says so. And what was not there when the
      // list was read before is no older than that, however long the machine has slept since it was written.
      const changed = before && before.state !== task.state ? written : null;
      const newer = newest([moment, changed]) ?? moment;
      this.#active = { ...newer, monotonicMs: Math.max(newer.monotonicMs, sinceMs) };
    } else if (!before || before.state !== task.state) {
      this.#active = { ...written, monotonicMs: Math.max(written.monotonicMs, sinceMs) };
    }
  }

  look(list: ListNow): Reading {
    const task = this.#task;
    const state = task?.state ?? null;
    const over = this.#whyOver(list);
    const isBusy = state !== null && list.intermediate.has(stateKey(state));
    const newActivity = this.#newActivity;
    this.#newActivity = 0;
    const notice = list.notice(this);
    return {
      ...NO_CLOCKS,
      id: this.id,
      runId: list.name,
      name: task?.title ?? task?.id ?? this.id,
      path: list.path,
      unreadable: over === null ? (list.fault ?? this.#drift) : null,
      clockSkew: this.#clockSkew,
      declared: over !== null ? 'stopped' : state === null ? null : isBusy ? 'busy' : 'ready',
      stoppedReason: over,
      inState: state === null ? undefined : stateWords(state),
      runTime: isBusy && this.#active ? { started: this.#active, limitMs: list.stuckAfterMs } : null,
      traces: this.#traces(list, state),
      notices: notice === null ? [] : [notice],
      newActivity,
    };
  }

  #whyOver({ name }: ListNow): string | null {
    if (!this.isOver) return null;
    const state = this.#task?.state ?? null;
    return state === null ? `${name} has it no more as an open task` : `${stateWords(state)}, says ${name}`;
  }

  #traces({ name, activityColumn }: ListNow, state: string | null): Reading['traces'] {
    const said = state === null ? 'without a state' : `“${state}”`;
    const isSaid = this.#task?.activity !== undefined && this.#task.activity !== null;
    const text = `${said} in ${name}${isSaid ? '' : `, which has no “${activityColumn}” for it`}`;
    return [{ kind: 'task', text, moment: this.#active, fault: this.#drift !== null }];
  }
}

/** A task is an entry in a file: nothing of it lives, and it is judged by its time without activity alone. */
const NO_CLOCKS = {
  ...NOT_KEPT,
  role: null,
  problems: [],
  progress: null,
  asks: null,
  task: null,
  command: null,
  claim: null,
  existence: null,
  staleMs: null,
  parentId: null,
  usage: null,
  attachCommand: null,
  abort: null,
  files: [],
  againInMs: null,
  doubtful: false,
} satisfies Partial<Reading>;
