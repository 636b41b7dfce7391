import type { ProcessFact, ProcessTable } from '../../ports';
import type { OpenCall } from './turns';

/** Codex starts every command with the id of the call in its environment. */
const CALL_MARK = 'CODEX_TOOL_CALL_ID';

/** Calls of one session, and the process that would have started their commands. */
export interface CallsOfHolder {
  /** Null: it is not known, or not to be seen from here. */
  pid: number | null;
  calls: readonly OpenCall[];
}

/**
 * Tells which tool calls are known to run, because their process was seen. Of a call without one nobody can tell whether
 * it awaits a person's approval: that stands in no file.
 */
export class RunningCalls {
  /** Seen to run once: it was approved, or needed no approval. */
  readonly #seen = new Set<string>();
  readonly #looked = new Set<string>();

  constructor(private readonly table: ProcessTable) {}

  /** Look for the processes of these calls. Lists all processes only where one was not seen yet. */
  ask(holders: readonly CallsOfHolder[]): void {
    const open = new Set(holders.flatMap(({ calls }) => calls.map(({ callId }) => callId)));
    for (const callId of [...this.#seen]) if (!open.has(callId)) this.#seen.delete(callId);
    for (const callId of [...this.#looked]) if (!open.has(callId)) this.#looked.delete(callId);
    const unseen = holders.filter(({ calls }) => calls.some(({ callId }) => !this.#seen.has(callId)));
    if (!unseen.length) return;
    const listing = this.table.list();
    const processes = listing.ok ? listing.processes : [];
    for (const { pid, calls } of unseen) {
      const children = pid === null ? [] : processes.filter(({ ppid }) => ppid === pid);
      for (const call of calls) this.#find(call, children);
    }
  }

  /** Null: nobody looked for its process yet. */
  hasRun(callId: string): boolean | null {
    if (this.#seen.has(callId)) return true;
    return this.#looked.has(callId) ? false : null;
  }

  #find(call: OpenCall, children: readonly ProcessFact[]): void {
    const { callId, command } = call;
    if (this.#seen.has(callId)) return;
    this.#looked.add(callId);
    const isRunning = children.some(({ pid }) => {
      const mark = this.table.environmentValue(pid, CALL_MARK);
      if (mark !== null) return mark === callId;
      // Older versions leave no mark: the command stands among the arguments of the shell that runs it.
      return command !== null && (this.table.commandArguments(pid)?.includes(command) ?? false);
    });
    if (isRunning) this.#seen.add(callId);
  }
}
