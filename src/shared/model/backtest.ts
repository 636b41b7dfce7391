import type { SourceKind, WorkerId } from './source';

/** A silence of a worker that came near its threshold, from its last sign of life or progress on. */
export interface Silence {
  workerId: WorkerId;
  workerName: string;
  source: SourceKind;
  /** What was silent: see the watchdog's rules. Of a run time the silence is the time it ran. */
  clock: 'missing' | 'stale' | 'command' | 'run_time';
  silentFrom: number;
  /** Without time slept, which also ends what is counted: of its parts the longest. */
  lengthMs: number;
  /** The threshold in force at its end. */
  thresholdMs: number;
  /** The interval its heartbeat asked for, which raises its thresholds; null: none. */
  intervalMs: number | null;
  /** Of a command: how long it had been running when the silence began. */
  commandMs: number | null;
  /** Of a run time: what the worker itself may run for, whatever the settings allow; null: what they do. */
  ownLimitMs: number | null;
  /** Until then its silence was no fault: it had asked for that, or was at work unseen. Null: it was one all along. */
  excusedUntil: number | null;
  /** Something of it was known that could have been ended. */
  couldEnd: boolean;
  /**
   * `life`: it went on by itself; `finished`: it ended well; `failed`, `gone`: not; `ended`: somebody ended it; `unknown`:
   * idlewatch stopped watching before it was over.
   */
  end: 'life' | 'finished' | 'failed' | 'gone' | 'ended' | 'unknown';
  endedAt: number;
}

/** One end that the policy would have made, going by what was recorded. */
export interface BacktestCase {
  workerId: WorkerId;
  workerName: string;
  source: SourceKind;
  silentFrom: number;
  /** At the earliest. */
  wouldEndAt: number;
  /** What really became of it. */
  outcome: Silence['end'];
  outcomeAt: number;
  /** In a sentence. */
  text: string;
}

/** What the thresholds would have done in the recorded past. */
export interface BacktestReport {
  /** What is recorded begins here; null: nothing is. */
  since: number | null;
  until: number;
  /** Which kinds would have been ended, and after how long of being stalled. */
  kinds: { source: SourceKind; afterMs: number }[];
  /** No kind is set to be ended: every kind is taken as if it were. */
  asIf: boolean;
  /** Silences of these kinds that came near a threshold, in all. */
  silences: number;
  /** Workers that went on or finished well afterwards: each would have been a wrong kill. Newest first. */
  mistaken: BacktestCase[];
  /** Workers that never came back. Newest first. */
  right: BacktestCase[];
  /** Workers of which nobody knows how they went on. Newest first. */
  undecided: BacktestCase[];
  /** What cannot be told from what was recorded, in sentences. */
  limits: string[];
}
