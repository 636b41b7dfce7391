import { createHash } from 'node:crypto';
import { createMemo } from '../engine/memo';
import type { MemoStats } from '../engine/memo/stats';
import { createIdleManager as createEngineIdleManager } from '../engine/observe/idle-manager';
import { createProcessMemoryJudge } from '../engine/observe/memory';
import { bytesOf, createWrapper, type Head } from '../engine/openai';
import type { OpenAIClient } from '../engine/openai/client';
import type { Clock, OwnMemory } from '../engine/ports';
import { createClock } from '../host/clock';
import { createOwnMemory } from '../host/own-memory';
import type { IdleStats } from '../shared/model';
import { defaultSettings } from '../shared/settings';
import { readSettings } from './settings';

const MEGABYTE = 1024 * 1024;
/** The resident memory a process may hold and be idle. */
const MEMORY_THRESHOLD_MB = 150;
/** What remembered answers may take up together. */
const MEMO_MAX_BYTES = 64 * MEGABYTE;
const KEYS = [
  'EWMA_DECAY',
  'INITIAL_IDLE_TIMEOUT_MS',
  'MIN_IDLE_TIMEOUT_MS',
  'MAX_IDLE_TIMEOUT_MS',
  'IDLE_MEMORY_THRESHOLD_MB',
  'MEMORY_GROWTH_WINDOW_MS',
  'OPENAI_BATCH_WINDOW_MS',
  'OPENAI_CACHE_TTL_MS',
] as const;

/** What is left out comes from the environment variable of the same name, else from the default. */
export interface IdleManagerOptions {
  /** Weight of the past in the traffic rate, for each event. Default 0.85. */
  EWMA_DECAY?: number;
  /** Silence after which the process is idle, in milliseconds. Default 30,000; traffic moves it between the next two. */
  INITIAL_IDLE_TIMEOUT_MS?: number;
  /** Default 10,000. */
  MIN_IDLE_TIMEOUT_MS?: number;
  /** Default 120,000. */
  MAX_IDLE_TIMEOUT_MS?: number;
  /** A process that holds more resident memory is not idle. Default 150; null: no threshold. */
  IDLE_MEMORY_THRESHOLD_MB?: number | null;
  /** A heap that grew by more than 10 % within this is not idle. Default 60,000. */
  MEMORY_GROWTH_WINDOW_MS?: number;
  /** For so long after its start, identical calls of a wrapped client share one. Default 150. */
  OPENAI_BATCH_WINDOW_MS?: number;
  /** For so long a whole answer is given again. Default 60,000; 0: not at all. */
  OPENAI_CACHE_TTL_MS?: number;
  /** Default: the variables of this process. */
  environment?: Record<string, string | undefined>;
  /** Default: the machine's. Its timers do not keep the process alive. */
  clock?: Clock;
  /** Default: what this process holds. */
  memory?: OwnMemory;
}

export interface IdleManagerStats extends IdleStats {
  /** Of all clients that were wrapped. */
  memo: MemoStats;
}

export interface IdleManager {
  /** Something happened; `count` events at once (1). */
  noteTraffic(meta?: { count?: number }): void;
  /** Memory is neither growing nor over its threshold, and there was no traffic for longer than the idle timeout. */
  isIdle(): boolean;
  /**
   * The client with `responses.create` and `chat.completions.create` sharing the calls of identical requests and
   * remembering their answers; all else is as it was. The given client itself is not changed.
   */
  wrapOpenAI<Client extends OpenAIClient>(client: Client): Client;
  getStats(): IdleManagerStats;
  /**
   * Rejects what wrapped clients wait for, and forgets what they remember; from then on each of their calls goes its own
   * way. Nothing is counted any more, and nothing is called idle.
   */
  destroy(): void;
}

/**
 * Tells whether this process is idle. Starts nothing: it looks at memory when it is asked.
 *
 * Throws a RangeError that names the setting that is wrong, its value and what is allowed.
 */
export function createIdleManager(options: IdleManagerOptions = {}): IdleManager {
  const { environment = process.env, clock = createClock({ keepAlive: false }), memory = createOwnMemory() } = options;
  const below = { ...defaultSettings(), IDLE_MEMORY_THRESHOLD_MB: MEMORY_THRESHOLD_MB };
  const settings = readSettings(below, KEYS, options, environment);
  const judge = createProcessMemoryJudge({
    thresholdMb: settings.IDLE_MEMORY_THRESHOLD_MB,
    growthWindowMs: settings.MEMORY_GROWTH_WINDOW_MS,
  });
  const manager = createEngineIdleManager({
    ...settings,
    clock,
    memory() {
      const { rssBytes, heapBytes } = memory.read();
      return judge.note(clock.monotonicMs(), { heldBytes: rssBytes, growthBytes: heapBytes, pressurePercent: null });
    },
  });
  const memo = createMemo<Head, unknown>({
    clock,
    windowMs: settings.OPENAI_BATCH_WINDOW_MS,
    ttlMs: settings.OPENAI_CACHE_TTL_MS,
    maxBytes: MEMO_MAX_BYTES,
    headBytes: (head) => ('value' in head ? bytesOf(head.value) : 0),
    chunkBytes: bytesOf,
  });
  let isDestroyed = false;
  const wrapOpenAI = createWrapper({
    memo,
    clock,
    digest: (text) => createHash('sha256').update(text).digest('base64'),
    noteTraffic: () => manager.noteTraffic(),
    isDestroyed: () => isDestroyed,
  });
  return {
    noteTraffic: (meta) => manager.noteTraffic(meta),
    isIdle: () => manager.isIdle(),
    wrapOpenAI,
    getStats: () => ({ ...manager.getStats(), memo: memo.getStats() }),
    destroy() {
      isDestroyed = true;
      manager.destroy();
      memo.destroy();
    },
  };
}
