/**
 * The vocabulary of idlewatch: every type that crosses a boundary (engine to window, tray, CLI, API).
 *
 * Times named `…At` are milliseconds since the Unix epoch on the wall clock. Lengths named `…Ms` are milliseconds.
 * An age is given as of the `judgedAt` or `takenAt` beside it and never counts time the machine slept.
 */

export type { BacktestCase, BacktestReport, Silence } from './model/backtest';
export {
  EVENTS_KEPT,
  eventName,
  isRoutine,
  type LoggedEvent,
  type MonitorEvent,
  ROUTINE_EVENTS_KEPT,
  tellsOfWorker,
} from './model/event';
export {
  type Figures,
  HISTORY_POINTS_MAX,
  HISTORY_RANGE_MS,
  HISTORY_RANGES,
  type HistoryAnswer,
  type HistoryPoint,
  type HistoryRange,
  type IdleStats,
  type MemoryStats,
  SERIES_KEPT,
  SERIES_STEP_MS,
  type SeriesPoint,
} from './model/figures';
export type { Asker, KillPlan, KillReceipt, PlannedProcess, ReceiptProcess } from './model/killing';
export type { PolicyMessage, PolicyStatus } from './model/policy';
export type { ReapCandidate, ReapPlan, ReapReceipt } from './model/reaping';
export type { Delta, KeepingStatus, Overall, RootStatus, Snapshot, SnapshotHead } from './model/snapshot';
export { type Nature, natureOf, SOURCE_KINDS, type SourceKind, type WorkerId } from './model/source';
export {
  type Evidence,
  type EvidenceKind,
  type Health,
  type HealthStrip,
  isUnknown,
  type Liveness,
  STRIP_MINUTES,
  WORKER_STATES,
  type WorkerState,
} from './model/verdict';
export {
  type HeartbeatContent,
  type IdleStatus,
  isJudgedBySilence,
  type OpenTask,
  type ProcessNode,
  type ProcessOrigin,
  type Usage,
  type WorkerDetail,
  type WorkerProcess,
  type WorkerReport,
  type WorkerRow,
} from './model/worker';
