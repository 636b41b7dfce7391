/** What the idle manager says. */
export interface IdleStats {
  isIdle: boolean;
  /** Why it is not idle, or since when it is. */
  reason: string;
  /** Events a second, EWMA, as of now. */
  trafficRate: number;
  /** Silence after which the whole counts as idle; moves with the traffic. */
  idleTimeoutMs: number;
  /** Time since the last traffic, be it only known from the workers' files; null when there has been none. */
  sinceTrafficMs: number | null;
  /** Activity counted since the start. */
  trafficCount: number;
}

export interface MemoryStats {
  totalBytes: number;
  /** Not available to programs: total less available. */
  usedBytes: number;
  /** Resident memory of all workers' process trees; null when none is known. */
  workersRssBytes: number | null;
  growing: boolean;
  overThreshold: boolean;
}

/** One point of the charts' last five minutes. */
export interface SeriesPoint {
  at: number;
  /** Activity a second since the point before. */
  instantRate: number;
  trafficRate: number;
  idleTimeoutMs: number;
  sinceTrafficMs: number | null;
  memoryUsedBytes: number;
  workersRssBytes: number | null;
}

/** Five minutes, one point every two seconds. */
export const SERIES_STEP_MS = 2_000;
export const SERIES_KEPT = 150;

/** A point, with how many workers were how at that time. */
export interface Figures extends SeriesPoint {
  busy: number;
  waiting: number;
  /** Stalled or dead. */
  wrong: number;
}

/** How far back the charts may look. */
export const HISTORY_RANGES = ['5min', '1h', '24h', '7d'] as const;
export type HistoryRange = (typeof HISTORY_RANGES)[number];
export const HISTORY_RANGE_MS: Record<HistoryRange, number> = {
  '5min': 300_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
};

/** The figures of one stretch of time: means, and with them the greatest value, so that a peak is never smoothed away. */
export interface HistoryPoint {
  /** Its beginning. */
  at: number;
  spanMs: number;
  instantRate: number;
  instantRateMax: number;
  trafficRate: number;
  trafficRateMax: number;
  idleTimeoutMs: number;
  /** The longest silence; null: there had been no traffic. */
  sinceTrafficMs: number | null;
  memoryUsedBytes: number;
  memoryUsedMaxBytes: number;
  workersRssBytes: number | null;
  workersRssMaxBytes: number | null;
  /** Most workers at once. */
  busyMax: number;
  waitingMax: number;
  /** Stalled or dead. */
  wrongMax: number;
}

/** Oldest first, at most HISTORY_POINTS_MAX; where nothing was recorded there is no point. */
export type HistoryAnswer = { ok: true; points: HistoryPoint[] } | { ok: false; reason: string };
export const HISTORY_POINTS_MAX = 400;
