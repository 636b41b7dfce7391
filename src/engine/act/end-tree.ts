import type { PlannedProcess, ReceiptProcess } from '../../shared/model';
import type { Clock, ProcessTable, SignalName, Signals } from '../ports';
import { keyOf } from './apart';
import { createLed } from './led';
import { plannedProcess } from './plan';
import type { Scope } from './scope';
import { inSeconds } from './words';

export interface EndTreeOptions {
  table: ProcessTable;
  signals: Signals;
  clock: Clock;
  scope: Scope;
  /** In the order they are signalled: parents before children. */
  processes: readonly PlannedProcess[];
  killGraceMs: number;
  /** Another way to end it, gone before the first signal; what is left then is signalled. `words`: "ended with …". */
  first?: { act(): Promise<void>; words: string };
}

export interface EndTreeResult {
  processes: ReceiptProcess[];
  /** Pids still there. */
  left: number[];
  /** Why what was started meanwhile could not be looked for at the end; null when it could. */
  blind: string | null;
}

const POLL_MS = 40;
/** How long processes may take to go after SIGKILL, and how long a tree that keeps forking is chased. */
const KILL_DEADLINE_MS = 5_000;

interface Entry {
  process: PlannedProcess;
  signals: { signal: SignalName; at: number }[];
  /** Monotonic time at which it was seen to be gone. */
  endedAt: number | null;
  /** Why a signal was not sent. */
  trouble: string | null;
  /** It was seen to live before anything was done. */
  wasThere: boolean;
}

/**
 * End processes: SIGTERM, up to the kill grace of waiting, SIGKILL to what is left, and a last look. Between the looks
 * it waits on the clock and never blocks.
 *
 * Parents come before children, at SIGTERM so that an agent can end its own in order and nothing restarts a child that
 * went first, at SIGKILL so that nothing is left to start another. What the tree starts meanwhile is found at every look
 * and signalled too. Every signal is preceded by a look at pid, start time and user of its process.
 */
export async function endTree(options: EndTreeOptions): Promise<EndTreeResult> {
  const { table, signals, clock, scope, killGraceMs } = options;
  const { uid } = table.self();
  const startedAt = clock.monotonicMs();
  const entries: Entry[] = [];
  const led = createLed(scope.own);
  let blind: string | null = null;
  let isEmpty = false;

  const add = (process: PlannedProcess) =>
    entries.push({ process, signals: [], endedAt: null, trouble: null, wasThere: false });
  const left = () => entries.filter((entry) => entry.endedAt === null);
  const pause = () => new Promise<void>((resolve) => clock.after(POLL_MS, resolve));

  /** The process behind an entry, if it still is the same; notes its end. */
  function lookAt(entry: Entry) {
    const look = table.inspect(entry.process.pid);
    if (look.liveness === 'unknown') return look;
    if (look.liveness === 'alive' && look.fact.startTime === entry.process.startTime) return look;
    entry.endedAt = clock.monotonicMs();
    return null;
  }

  function send(entry: Entry, signal: SignalName): void {
    if (entry.signals.some((sent) => sent.signal === signal)) return;
    const look = lookAt(entry);
    if (!look) return;
    if (look.liveness === 'unknown') {
      entry.trouble = `it could not be checked: ${look.reason}`;
      return;
    }
    if (look.fact.uid !== uid) {
      entry.trouble = `it belongs to another user by now (uid ${look.fact.uid})`;
      return;
    }
    const { pid } = entry.process;
    const sent = signals.send(pid, signal);
    if (sent.result === 'sent') {
      entry.signals.push({ signal, at: clock.wallMs() });
      entry.trouble = null;
    } else if (sent.result === 'refused') entry.trouble = `${signal} was refused: ${sent.reason}`;
    // `gone`: the next look notes its end.
  }

  /** Note what has ended, then find what was started: in this order, so that the orphans of the ended are seen. */
  function lookAround(): void {
    for (const entry of left()) lookAt(entry);
    const listed = table.list();
    if (!listed.ok) {
      blind = listed.reason;
      return;
    }
    blind = null;
    const known = left().map(({ process }) => ({ identity: process, why: process.why }));
    led.forgetEmptied(listed.processes);
    const tree = scope.grow(listed.processes, known, led);
    const have = new Set(entries.map(({ process }) => keyOf(process)));
    for (const { fact, depth, why } of tree.members) {
      led.note(fact);
      if (!have.has(keyOf(fact))) add(plannedProcess(table, fact, depth, `${why}, while it was being ended`));
    }
  }

  for (const process of options.processes) add(process);
  for (const entry of entries) {
    const look = lookAt(entry);
    if (look?.liveness !== 'alive') continue;
    led.note(look.fact);
    entry.wasThere = true;
  }
  await options.first?.act();
  await signalUntil('SIGTERM', clock.monotonicMs() + killGraceMs);
  await signalUntil('SIGKILL', clock.monotonicMs() + KILL_DEADLINE_MS);
  return {
    processes: entries.map((entry) => receiptOf(entry, startedAt, stateOf(entry), options.first?.words)),
    left: left().map(({ process }) => process.pid),
    blind,
  };

  /** Signal what is left, and what comes up meanwhile, until nothing is left or the time is over. */
  async function signalUntil(signal: SignalName, deadlineAt: number): Promise<void> {
    while (!isDone()) {
      for (const entry of left()) send(entry, signal);
      lookAround();
      if (clock.monotonicMs() >= deadlineAt) return;
      if (left().length) await pause();
      for (const entry of left()) lookAt(entry);
    }
  }

  /** Nothing is left, also where no mark is remembered: a process may have taken it on since it was first seen. */
  function isDone(): boolean {
    if (left().length) return false;
    if (isEmpty) return true;
    scope.forgetMarks();
    lookAround();
    isEmpty = left().length === 0;
    return isEmpty;
  }

  function stateOf(entry: Entry): string | null {
    const look = entry.endedAt === null ? table.inspect(entry.process.pid) : null;
    return look?.liveness === 'alive' ? look.fact.stat : null;
  }
}

function receiptOf(entry: Entry, startedAt: number, state: string | null, first?: string): ReceiptProcess {
  const { process, signals, endedAt, trouble } = entry;
  const { pid, startTime, startedAt: began, command } = process;
  const base = { pid, startTime, startedAt: began, command, signals };
  const last = signals.at(-1);
  if (endedAt !== null) {
    const after = `after ${inSeconds(endedAt - startedAt)}`;
    if (last) return { ...base, outcome: 'ended', note: `ended on ${last.signal} ${after}` };
    return first && entry.wasThere
      ? { ...base, outcome: 'ended', note: `${first} ${after}` }
      : { ...base, outcome: 'not_signalled', note: 'it had ended before it was signalled' };
  }
  const stuck = state === 'D' ? 'it is in uninterruptible sleep (D) and ends when the system lets it go' : null;
  if (!last) return { ...base, outcome: 'not_signalled', note: trouble ?? 'there was no time left to signal it' };
  return { ...base, outcome: 'survived', note: trouble ?? stuck ?? `it is still there after ${last.signal}` };
}
