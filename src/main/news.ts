import type { Clock } from '../engine/ports';
import {
  type MonitorEvent,
  natureOf,
  type PolicyMessage,
  type Snapshot,
  type SourceKind,
  tellsOfWorker,
  type WorkerId,
  type WorkerRow,
} from '../shared/model';
import type { Settings } from '../shared/settings';
import { aboutIdle, aboutWorkers, type Item, type Message, SUBJECTS, type Subject } from './news-words';
import { isQuiet } from './quiet-hours';

export type { Message } from './news-words';

/** What happens within this time of the first is told together. */
const GROUP_MS = 400;
/** While one trouble follows the other, the next is told no sooner, and then with all that came meanwhile. */
const APART_MS = 5_000;
/** In quiet hours it is looked this often whether they are over: clocks may be set, and machines sleep. */
const QUIET_LOOK_MS = 60_000;

/** No worker has more above it; and what programs say of their sessions is not believed without end. */
const KIN_MAX = 16;

interface NewsOptions {
  clock: Clock;
  settings: () => Settings;
  /** Whether a person wants this worker's end, see kills.ts. */
  isWanted(id: WorkerId): boolean;
  /** A worker as it is now; null when it is gone. */
  row(id: WorkerId): Pick<WorkerRow, 'name' | 'state' | 'failure' | 'parentId' | 'snoozed'> | null;
  tell(message: Message): void;
}

/** Decides what the person is told of and when: pure of any desktop. */
export interface News {
  event(event: MonitorEvent): void;
  head(snapshot: Snapshot): void;
  /** The policy has something to say: in quiet hours, and of muted kinds, only what it has done. */
  policy(message: PolicyMessage): void;
  stop(): void;
}

/** What will be told of a worker once it has held for long enough. */
interface Pending extends Item {
  subject: Subject;
  sinceMs: number;
  /** It ends only once: however much was told of it before, this is told too. */
  isFinal: boolean;
}

export function createNews({ clock, settings, isWanted, row, tell }: NewsOptions): News {
  const pending = new Map<WorkerId, Pending>();
  /** When something of a worker and its sub-agents was told last, by what it was. */
  const toldMs = new Map<WorkerId, Partial<Record<Subject, number>>>();
  /** What each session was doing, as far as events have told. */
  const doing = new Map<WorkerId, MonitorEvent['kind']>();
  let cancel = () => {};
  let wakeAtMs = Number.POSITIVE_INFINITY;
  let apartUntilMs = Number.NEGATIVE_INFINITY;
  let wasBusy = false;

  const isQuietNow = () => isQuiet(settings().quietHours, new Date(clock.wallMs()));
  const isMuted = (id: WorkerId) => settings().mutedSources.includes(sourceOf(id));

  /** From when on it may be told, on the monotonic clock. */
  function dueMs({ family, subject, sinceMs, isFinal }: Pending): number {
    const { announceAfterMs, announceAgainAfterMs } = settings();
    const heldMs = sinceMs + announceAfterMs;
    const told = toldMs.get(family.id);
    if (!told || isFinal) return heldMs;
    // Neither keeps a person from the other: that it needs them, and that its work has ended.
    const { finished = Number.NEGATIVE_INFINITY, ...needs } = told;
    const before = subject === 'finished' ? [finished] : Object.values(needs);
    return Math.max(heldMs, ...before.map((at) => at + announceAgainAfterMs));
  }

  /** See to it that all is told that is due `firstDueMs` from the clock's start. */
  function wake(firstDueMs: number): void {
    const atMs = Math.max(firstDueMs + GROUP_MS, apartUntilMs);
    if (atMs >= wakeAtMs) return;
    cancel();
    wakeAtMs = atMs;
    cancel = clock.after(Math.max(0, atMs - clock.monotonicMs()), flush);
  }

  function flush(): void {
    const now = clock.monotonicMs();
    wakeAtMs = Number.POSITIVE_INFINITY;
    forgetTold(now);
    for (const item of pending.values()) if (!isTold(item)) pending.delete(item.id);
    if (isQuietNow()) {
      if (pending.size) wake(now + QUIET_LOOK_MS);
      return;
    }
    for (const subject of SUBJECTS) {
      const due = [...pending.values()].filter((item) => item.subject === subject && dueMs(item) <= now);
      if (!due.length) continue;
      apartUntilMs = now + APART_MS;
      for (const { id, family } of due) {
        pending.delete(id);
        toldMs.set(family.id, { ...toldMs.get(family.id), [subject]: now });
      }
      tell(aboutWorkers(subject, due.map(withFailure)));
    }
    for (const item of pending.values()) wake(dueMs(item));
  }

  /** An event may come before the row it tells of. */
  function withFailure(item: Pending): Pending {
    return { ...item, failure: row(item.id)?.failure ?? item.failure };
  }

  /** Whether the person wants to be told of it at all. */
  function isTold({ id, subject }: Pending): boolean {
    const { notifyStalled, notifyWaiting, notifyFinished } = settings();
    const isOn = { trouble: notifyStalled, waiting: notifyWaiting, finished: notifyFinished }[subject];
    return isOn && !isMuted(id) && !row(id)?.snoozed;
  }

  function forgetTold(now: number): void {
    const { announceAgainAfterMs } = settings();
    for (const [id, told] of toldMs) {
      if (Object.values(told).every((at) => at + announceAgainAfterMs <= now)) toldMs.delete(id);
    }
  }

  function itemOf(event: MonitorEvent, id: WorkerId): Pending | null {
    const now = row(id);
    const state = stateOf(event, now?.state ?? null, doing.get(id) ?? null);
    const parent = now?.parentId ?? null;
    // What a session that runs in a workbench has done is news; what a sub-agent of a session has, is that one's.
    const isSubAgent = parent !== null && sourceOf(parent) === sourceOf(id);
    if (!state || (state === 'finished' && isSubAgent)) return null;
    const name = now?.name ?? event.workerName ?? '';
    const family = familyOf(id, name);
    const subject = state === 'waiting' || state === 'finished' ? state : 'trouble';
    const before = pending.get(id);
    const sinceMs = before?.subject === subject ? before.sinceMs : clock.monotonicMs();
    const isFinal = state === 'finished' && natureOf(sourceOf(id)) !== 'session';
    const failure = now?.failure ?? null;
    return { id, name, family, state, failure, text: event.text, subject, sinceMs, isFinal };
  }

  /** The worker and those above it, the topmost last: a session in a workbench may have sub-agents of its own. */
  function kinOf(id: WorkerId): WorkerId[] {
    const kin = [id];
    while (kin.length < KIN_MAX) {
      const parent = row(kin.at(-1) ?? id)?.parentId ?? null;
      if (parent === null) break;
      kin.push(parent);
    }
    return kin;
  }

  function familyOf(id: WorkerId, name: string): Item['family'] {
    const topmost = kinOf(id).at(-1) ?? id;
    return topmost === id ? { id, name } : { id: topmost, name: row(topmost)?.name ?? name };
  }

  return {
    event(event) {
      const { workerId: id, kind } = event;
      if (id === null || !tellsOfWorker(kind)) return;
      // What runs in a worker ends with it.
      const item = kinOf(id).some(isWanted) ? null : itemOf(event, id);
      if (!item) pending.delete(id);
      else {
        pending.set(id, item);
        wake(dueMs(item));
      }
      if (kind === 'left' || kind === 'stopped') doing.delete(id);
      else if (natureOf(sourceOf(id)) === 'session') doing.set(id, kind);
    },
    head({ counts, overall, paused, workers }) {
      if (counts.busy > 0) wasBusy = true;
      // Work that awaits a person has not ended.
      if (overall !== 'idle' || counts.waiting > 0 || !wasBusy || paused) return;
      wasBusy = false;
      if (settings().notifyAllIdle && !isQuietNow()) tell(aboutIdle(workers.length));
    },
    policy({ done, ...message }) {
      const isUnwanted = isQuietNow() || (message.workerId !== null && isMuted(message.workerId));
      if (done || !isUnwanted) tell(message);
    },
    stop: () => cancel(),
  };
}

/** What there is to tell of a worker after this; null: nothing. `before`: the kind of the event before, where known. */
function stateOf(
  { kind, workerId }: MonitorEvent,
  state: WorkerRow['state'] | null,
  before: MonitorEvent['kind'] | null,
): Item['state'] | null {
  if (kind === 'stalled' || kind === 'dead' || kind === 'waiting') return kind;
  if (kind === 'recovered') return state === 'waiting' ? 'waiting' : null;
  const source = sourceOf(workerId ?? '');
  // A session ends many pieces of work; that a person closes one that has nothing to do is no news to them.
  if (natureOf(source) === 'session') {
    const wasAtWork = before === 'busy' || (before === null && kind === 'ready');
    return wasAtWork && (kind === 'ready' || kind === 'stopped') ? 'finished' : null;
  }
  return kind === 'stopped' && ENDS.has(source) ? 'finished' : null;
}

/** Kinds of workers that are one piece of work each. */
const ENDS: ReadonlySet<SourceKind> = new Set<SourceKind>(['supervised-run', 'workbench']);

function sourceOf(id: WorkerId): SourceKind {
  return id.slice(0, id.indexOf(':')) as SourceKind;
}
