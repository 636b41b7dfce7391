import type { Clock } from '../engine/ports';
import { harmless, plural } from '../shared/format';
import type { MonitorEvent, Snapshot, WorkerId } from '../shared/model';
import type { Settings } from '../shared/settings';

/** What happens within this time of the first is told together. */
const GROUP_MS = 400;
/** While one trouble follows the other, the next is told no sooner, and then with all that came meanwhile. */
const APART_MS = 5_000;
const MAX_NAMES = 5;

export interface Message {
  title: string;
  body: string;
  /** The worker that a click shows; null: only the window. */
  workerId: WorkerId | null;
}

interface NewsOptions {
  clock: Clock;
  settings: () => Settings;
  /** Whether a person wants this worker's end, see kills.ts. */
  isWanted(id: WorkerId): boolean;
  tell(message: Message): void;
}

/** Decides what the person is told of and when: pure of any desktop. */
export interface News {
  event(event: MonitorEvent): void;
  head(snapshot: Snapshot): void;
  stop(): void;
}

export function createNews({ clock, settings, isWanted, tell }: NewsOptions): News {
  const bad: MonitorEvent[] = [];
  let cancel: (() => void) | null = null;
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  let wasBusy = false;

  function tellBad(): void {
    cancel = null;
    quietUntilMs = clock.monotonicMs() + APART_MS;
    tell(aboutBad(bad.splice(0)));
  }

  return {
    event(event) {
      if ((event.kind !== 'stalled' && event.kind !== 'dead') || !settings().notifyStalled) return;
      if (event.workerId !== null && isWanted(event.workerId)) return;
      bad.push(event);
      cancel ??= clock.after(Math.max(GROUP_MS, quietUntilMs - clock.monotonicMs()), tellBad);
    },
    head({ counts, overall, paused, workers }) {
      if (counts.busy > 0) wasBusy = true;
      if (overall !== 'idle' || !wasBusy || paused) return;
      wasBusy = false;
      if (settings().notifyAllIdle) tell(aboutIdle(workers.length));
    },
    stop: () => cancel?.(),
  };
}

function aboutBad(events: MonitorEvent[]): Message {
  const names = [...new Map(events.map((event) => [event.workerId, harmless(event.workerName ?? '', 60)])).values()];
  const [first] = events;
  const last = events.at(-1);
  if (names.length <= 1 && last) {
    return { title: `${names[0]} is ${last.kind}`, body: harmless(last.text, 200), workerId: last.workerId };
  }
  const kinds = ['stalled', 'dead'].filter((kind) => events.some((event) => event.kind === kind));
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return {
    title: `${names.length} workers are ${kinds.join(' or ')}`,
    body: names.slice(0, MAX_NAMES).join(', ') + more,
    workerId: first?.workerId ?? null,
  };
}

function aboutIdle(workers: number): Message {
  return {
    title: 'Everything is idle',
    body: `All work has ended: ${plural(workers, 'worker', 'workers')}.`,
    workerId: null,
  };
}
