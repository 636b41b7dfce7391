import type { Figures, HistoryPoint, KeepingStatus, LoggedEvent, MonitorEvent, Silence } from '../shared/model';
import type { Settings } from '../shared/settings';

/** How long what happened is kept, and in how much room. */
export type HistoryLimits = Pick<Settings, 'historyDays' | 'historyMaxMB'>;

/**
 * Keeps what happens and how it went: the event log, the figures of the charts, and silences. One program at a time
 * is meant to write it; where two do, what both tell is kept, in one order of ids. Nothing that is handed in is lost while
 * the disk fails, up to a bound; asking throws a sentence where the journal cannot be read.
 */
export interface Journal {
  /** Of the newest event that was kept; 0: none was, or nobody can say. Never throws. */
  lastEventId(): number;
  /** Keep an event; its id is greater than all before, or, where that is taken already, is made so. Never throws. */
  event(event: LoggedEvent): void;
  /** Keep the figures of one moment. They are on the disk when it returns, or wait. Never throws. */
  figures(figures: Figures): void;
  /** Never throws. */
  silence(silence: Silence): void;
  /**
   * Tells events, in their order, once they are on the disk: whoever passes them on may say that they are kept. While the
   * disk fails they are told as they come, and not again.
   */
  onKept(listener: (events: LoggedEvent[]) => void): () => void;
  status(): KeepingStatus;
  onStatus(listener: (status: KeepingStatus) => void): () => void;
  /** Kept events with a greater id, oldest first; while the disk fails, those that wait for it too. */
  eventsAfter(id: number, limit: number): LoggedEvent[];
  /** The newest of the same, oldest of them first. */
  latestEvents(limit: number): LoggedEvent[];
  /** The kinds of the kept events that tell of this kill: of its intent, of its outcome. */
  killsOfPlan(planId: string): MonitorEvent['kind'][];
  /** When the earliest kept event happened; null: none is kept. */
  firstEventAt(): number | null;
  /** From `fromAt` to `untilAt` on the wall clock, oldest first, at most `limit`. The first may begin before `fromAt`. */
  points(fromAt: number, untilAt: number, limit: number): HistoryPoint[];
  /** Those that ended at or after `fromAt`, oldest first. */
  silences(fromAt: number): Silence[];
  /** When what is recorded begins; null: nothing is. */
  since(): number | null;
  /** Drop what is too old or too much, soon and from time to time, in slices between other work. */
  start(limits: () => HistoryLimits): void;
  /** Writes what waits and lets go of the file. */
  close(): void;
}
