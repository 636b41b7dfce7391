import {
  createIdleStateService as createEngineIdleStateService,
  type IdleStateSnapshot,
} from '../engine/observe/idle-state-service';
import type { Clock, Logger } from '../engine/ports';
import { createClock } from '../host/clock';
import type { IdleStats } from '../shared/model';
import { defaultSettings } from '../shared/settings';
import type { IdleManager } from './idle-manager';
import { readSettings } from './settings';

export interface IdleStateServiceOptions {
  /** What is asked. */
  manager: Pick<IdleManager, 'noteTraffic' | 'getStats'>;
  /** Gets each transition once. It may fail: that is logged, and the checks go on. */
  record?: (state: 'idle' | 'running', stats: IdleStats) => void | Promise<void>;
  /** Time between two checks. Default: the environment variable of this name, else 5,000. */
  IDLE_CHECK_INTERVAL_MS?: number;
  /** Default: the variables of this process. */
  environment?: Record<string, string | undefined>;
  /** Default: the machine's. Its timers do not keep the process alive. */
  clock?: Clock;
  /** Where failures of `record` are told. Default: the console. */
  log?: Logger;
}

export interface IdleStateService {
  /** Checks now and at the interval. A second start makes no second timer. */
  startMonitoring(): void;
  stopMonitoring(): void;
  /** The person is there: that is traffic, and ends idleness at once. */
  noteUserPing(meta?: { count?: number }): void;
  getSnapshot(): IdleStateSnapshot;
}

/**
 * Asks an idle manager at an interval whether all is idle, and records when that changes. Starts nothing before
 * `startMonitoring`.
 *
 * Throws a RangeError that names the interval and what is allowed, where it is wrong.
 */
export function createIdleStateService(options: IdleStateServiceOptions): IdleStateService {
  const { manager, record = () => {}, environment = process.env, log = console } = options;
  const { IDLE_CHECK_INTERVAL_MS: intervalMs } = readSettings(
    defaultSettings(),
    ['IDLE_CHECK_INTERVAL_MS'],
    options,
    environment,
  );
  const { startMonitoring, stopMonitoring, noteUserPing, getSnapshot } = createEngineIdleStateService({
    manager,
    clock: options.clock ?? createClock({ keepAlive: false }),
    intervalMs,
    record,
    log,
  });
  return { startMonitoring, stopMonitoring, noteUserPing, getSnapshot };
}
