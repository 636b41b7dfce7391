import type { IdleStats } from '../../shared/model';
import type { Clock, Logger } from '../ports';
import type { IdleManager } from './idle-manager';

export interface IdleStateSnapshot extends IdleStats {
  /** Null before the first check. */
  state: 'idle' | 'running' | null;
}

export interface IdleStateOptions {
  manager: Pick<IdleManager, 'noteTraffic' | 'getStats'>;
  clock: Pick<Clock, 'after'>;
  /** IDLE_CHECK_INTERVAL_MS. */
  intervalMs: number;
  /** Done before each check, to bring its figures up to date. */
  refresh?: () => void | Promise<void>;
  /** Gets each transition once. It may fail: that is logged and the checks go on. */
  record: (state: 'idle' | 'running', stats: IdleStats) => void | Promise<void>;
  log: Logger;
}

export interface IdleStateService {
  /** A second start is no second timer. */
  startMonitoring(): void;
  stopMonitoring(): void;
  /** The person is there: that is traffic, and ends idleness at once. */
  noteUserPing(meta?: { count?: number }): void;
  getSnapshot(): IdleStateSnapshot;
  /** A new interval holds from now on; the old timer is gone. */
  setIntervalMs(intervalMs: number): void;
}

/** Asks the idle manager at an interval, and records transitions alone. */
export function createIdleStateService(options: IdleStateOptions): IdleStateService {
  const { manager, clock, record, log } = options;
  let { intervalMs } = options;
  let state: 'idle' | 'running' | null = null;
  let cancel: (() => void) | null = null;
  let refreshing = false;

  const failed = (what: string) => (error: unknown) =>
    log.warn(`${what}: ${error instanceof Error ? error.message : error}`);

  function guarded(what: string, run: () => void | Promise<void>): void | Promise<void> {
    try {
      return Promise.resolve(run()).catch(failed(what));
    } catch (error) {
      failed(what)(error);
    }
  }

  function judge(): void {
    const stats = manager.getStats();
    const next = stats.isIdle ? 'idle' : 'running';
    const before = state;
    state = next;
    if (before === null || before === next) return; // How it is at the first look is no transition.
    void guarded('An idle transition could not be recorded', () => record(next, stats));
  }

  function check(): void {
    // The first verdict waits for the first figures, but not for ever.
    if (state !== null || !options.refresh || refreshing) judge();
    if (!options.refresh || refreshing) return; // A refresh in flight is never overlapped by another.
    refreshing = true;
    void Promise.resolve(guarded('The idle figures could not be refreshed', options.refresh)).then(() => {
      refreshing = false;
      if (cancel) judge();
    });
  }

  function arm(): void {
    cancel = clock.after(intervalMs, () => {
      arm();
      check();
    });
  }

  return {
    startMonitoring() {
      if (cancel) return;
      arm();
      check();
    },
    stopMonitoring() {
      cancel?.();
      cancel = null;
    },
    noteUserPing(meta) {
      manager.noteTraffic(meta);
      if (cancel) judge();
    },
    getSnapshot: () => ({ ...manager.getStats(), state }),
    setIntervalMs(next) {
      if (next === intervalMs) return;
      intervalMs = next;
      if (!cancel) return;
      cancel();
      arm();
    },
  };
}
