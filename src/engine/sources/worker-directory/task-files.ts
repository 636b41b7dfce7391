import { plural } from '../../../shared/format';
import { entryId, inboxEntry } from './parse';
import { type TaskAbout, TaskLedger } from './tasks';
import type { TraceFile, TraceHandlers } from './trace-file';

type Kind = 'inbox' | 'outbox';
type MakeTrace = (kind: Kind, path: string, handlers: TraceHandlers) => TraceFile;

/** More of them are not shown one by one. */
const SHOWN_MAX = 50;

/** Follows the tasks given to a worker and its results, and knows which tasks are open. */
export class TaskFiles {
  inbox: TraceFile;
  outbox: TraceFile;
  /** Tasks without a result, as known when both files were last read to their ends. */
  openCount = 0;
  readonly #ledger = new TaskLedger();
  /** Lines that are no entry. */
  readonly #odd = { inbox: 0, outbox: 0 };

  constructor(
    paths: Record<Kind, string>,
    private readonly makeTrace: MakeTrace,
  ) {
    this.inbox = this.#open('inbox', paths.inbox);
    this.outbox = this.#open('outbox', paths.outbox);
  }

  /** The worker names other files now: follow those. */
  follow(paths: Record<Kind, string>): void {
    if (paths.inbox !== this.inbox.path) this.inbox = this.#open('inbox', paths.inbox);
    if (paths.outbox !== this.outbox.path) this.outbox = this.#open('outbox', paths.outbox);
  }

  /**
   * Look, and read the next slice of what came; returns the activity. Results are read after the tasks they answer, so
   * that a long file of them cannot get ahead.
   */
  look(toleranceMs: number): number {
    const given = this.inbox.look(toleranceMs);
    const answered = this.outbox.look(toleranceMs, this.inbox.counting);
    if (!this.inbox.counting && !this.outbox.counting) this.openCount = this.#countOpen();
    return given + answered;
  }

  /** Some of the lines read so far hold a task that has no result in those read so far. */
  get hasOpen(): boolean {
    return this.#ledger.openCount > 0;
  }

  /** The open tasks, those given last first. */
  open(): (TaskAbout & { id: string })[] {
    const unfinished = inboxEntry(this.inbox.lines.unfinished);
    const answered = this.#unfinishedId('outbox');
    const isOpen = unfinished !== null && !this.#ledger.isAnswered(unfinished.id);
    const tasks = [...(isOpen ? [{ ...unfinished, given: this.inbox.grown }] : []), ...this.#ledger.newest(SHOWN_MAX)];
    return tasks.filter(({ id }, at) => id !== answered && tasks.findIndex((task) => task.id === id) === at);
  }

  isAnswered(id: string): boolean {
    return this.#ledger.isAnswered(id);
  }

  /** Entries, with a last line that has no end yet where it is one; null while the file cannot be read. */
  count(kind: Kind): number | null {
    const trace = this[kind];
    if (!trace.exists || trace.problem) return null;
    return trace.lines.count - this.#odd[kind] + (this.#unfinishedId(kind) === null ? 0 : 1);
  }

  /** `4 tasks`, `2 results so far, 1 line is no JSON entry`. */
  text(kind: Kind): string {
    const word = kind === 'inbox' ? 'task' : 'result';
    const odd = this.#odd[kind];
    const count = plural(this.count(kind) ?? 0, word, `${word}s`) + (this[kind].counting ? ' so far' : '');
    return odd ? `${count}, ${plural(odd, 'line is', 'lines are')} no JSON entry` : count;
  }

  #open(kind: Kind, path: string): TraceFile {
    const onRestart = () => {
      this.#odd[kind] = 0;
      if (kind === 'inbox') this.#ledger.forgetGiven();
      else this.#ledger.forgetAnswered();
    };
    onRestart(); // What stood in the file that was followed before is void.
    const take = kind === 'inbox' ? (line: string) => this.#takeTask(line) : (line: string) => this.#takeResult(line);
    const onLine = (line: string | null) => {
      if (line === null || !take(line)) this.#odd[kind] += 1;
    };
    return this.makeTrace(kind, path, { onLine, onRestart });
  }

  /** False where the line is no entry. */
  #takeTask(line: string): boolean {
    const task = inboxEntry(line);
    if (task) this.#ledger.given(task.id, { title: task.title, given: this.inbox.grown });
    return task !== null;
  }

  #takeResult(line: string): boolean {
    const id = entryId(line, 'task_id');
    if (id !== null) this.#ledger.answered(id);
    return id !== null;
  }

  #unfinishedId(kind: Kind): string | null {
    const line = this[kind].lines.unfinished;
    return line === '' ? null : entryId(line, kind === 'inbox' ? 'id' : 'task_id');
  }

  #countOpen(): number {
    if (!this.inbox.exists) return 0;
    const given = this.#unfinishedId('inbox');
    const answered = this.#unfinishedId('outbox');
    let open = this.#ledger.openCount;
    if (given !== null && given !== answered && !this.#ledger.isAnswered(given)) open += 1;
    if (answered !== null && this.#ledger.isGiven(answered)) open -= 1;
    return open;
  }
}
