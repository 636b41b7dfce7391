import type { MonitorEvent } from './event';
import type { IdleStats, MemoryStats, SeriesPoint } from './figures';
import type { PolicyStatus } from './policy';
import type { WorkerId } from './source';
import type { WorkerState } from './verdict';
import type { WorkerDetail, WorkerRow } from './worker';

/** What the tray shows. */
export type Overall = 'idle' | 'busy' | 'stalled';

/** Whether what happens can be kept. */
export interface KeepingStatus {
  /** Why nothing can be written to the disk now, in words; null: all is well. */
  failing: string | null;
  /** Events that wait for the disk. */
  waiting: number;
}

/** A directory that is watched, and whether it can be read. */
export interface RootStatus {
  path: string;
  workers: number;
  /** In words, why it cannot be read; null when it can. */
  unreadable: string | null;
}

/** Everything of a snapshot but its lists: small enough to go with every delta. */
export interface SnapshotHead {
  seq: number;
  takenAt: number;
  overall: Overall;
  /** The overall state in a sentence. */
  sentence: string;
  counts: Record<WorkerState, number>;
  /** Watching is paused by the person. */
  paused: boolean;
  /** Verdicts hold after a wake-up or a late tick; null when they do not. */
  hold: { reason: string; untilAt: number } | null;
  idle: IdleStats;
  memory: MemoryStats;
  policy: PolicyStatus;
  /** Of the event log and the history. */
  keeping: KeepingStatus;
  roots: RootStatus[];
}

/** One picture of everything. Tray, window, CLI and API show it and nothing else. */
export interface Snapshot extends SnapshotHead {
  workers: WorkerRow[];
  /** Newest first, at most EVENTS_KEPT, and ROUTINE_EVENTS_KEPT routine ones. */
  events: MonitorEvent[];
  /** Oldest first, at most SERIES_KEPT. */
  series: SeriesPoint[];
  /** The selected worker, if there is one. */
  detail: WorkerDetail | null;
}

/** What changed since the snapshot or delta with `seq - 1`. */
export interface Delta {
  head: SnapshotHead;
  changed: WorkerRow[];
  removed: WorkerId[];
  /** Newest first. */
  events: MonitorEvent[];
  series: SeriesPoint[];
  /** Absent: unchanged. */
  detail?: WorkerDetail | null;
}
