import { formatDuration } from '../../shared/format';
import type { IdleStats } from '../../shared/model';
import type { Clock } from '../ports';
import { IdleTimeout } from './idle-timeout';
import type { MemoryVerdict } from './memory';
import { TrafficRate } from './traffic-rate';

/** All in milliseconds but the decay (between 0 and 1). */
export interface IdleLimits {
  EWMA_DECAY: number;
  INITIAL_IDLE_TIMEOUT_MS: number;
  MIN_IDLE_TIMEOUT_MS: number;
  MAX_IDLE_TIMEOUT_MS: number;
}

export interface IdleManagerOptions extends IdleLimits {
  clock: Pick<Clock, 'monotonicMs'>;
  /** The last judgement of memory. */
  memory: () => MemoryVerdict;
}

export interface IdleManager {
  /** Activity came; `count` events at once (1). A count that is no positive number counts nothing. */
  noteTraffic(meta?: { count?: number }): void;
  /**
   * What there is to know of the time before the start: the last traffic was `ageMs` milliseconds ago; null: there has
   * never been any. Until this is called, silence is measured from the start. Traffic that was counted outweighs it.
   */
  noteQuietSince(ageMs: number | null): void;
  isIdle(): boolean;
  getStats(): IdleStats;
  /** New limits hold from now on; throws as createIdleManager does, and keeps the old ones then. */
  configure(limits: IdleLimits): void;
  /** From now on nothing is counted and nothing is called idle: who knows nothing must not say so. */
  destroy(): void;
}

/**
 * Decides whether all is idle: memory neither growing nor over its threshold, and no traffic for longer than a timeout
 * that moves with the traffic. Traffic is activity, never heartbeats.
 *
 * Throws a RangeError naming the option, its value and what is allowed.
 */
export function createIdleManager(options: IdleManagerOptions): IdleManager {
  const { clock, memory } = options;
  refuseBad(options);
  /** Silence before the first traffic counts from here; -Infinity: there has never been traffic. */
  let quietSinceMs = clock.monotonicMs();
  let isPastKnown = false;
  const rate = new TrafficRate(options.EWMA_DECAY);
  const timeout = new IdleTimeout(boundsOf(options));
  let destroyed = false;

  const advance = (now: number) => timeout.advance(now, (at) => rate.read(at));
  const quietMs = (now: number) => rate.sinceMs(now) ?? now - quietSinceMs;
  const sinceTrafficMs = (now: number) => {
    const known = rate.sinceMs(now) !== null || (isPastKnown && Number.isFinite(quietSinceMs));
    return known ? quietMs(now) : null;
  };

  function isIdleAt(now: number, { growing, overThreshold }: MemoryVerdict): boolean {
    advance(now);
    return !destroyed && !growing && !overThreshold && quietMs(now) > timeout.ms;
  }

  function reason(now: number, isIdle: boolean, { why }: MemoryVerdict): string {
    if (destroyed) return 'traffic is not counted any more';
    if (why) return why;
    if (quietMs(now) === Number.POSITIVE_INFINITY) return 'no traffic yet';
    const quiet = formatDuration(quietMs(now));
    if (isIdle) return `quiet for ${quiet}`;
    const since = sinceTrafficMs(now) === null ? `watching for ${quiet}` : `traffic ${quiet} ago`;
    return `${since}; idle after ${formatDuration(timeout.ms)} without`;
  }

  return {
    noteTraffic({ count = 1 } = {}) {
      if (destroyed || !(count > 0 && Number.isFinite(count))) return;
      const now = clock.monotonicMs();
      advance(now);
      rate.note(now, count);
      if (rate.read(now) > 0) timeout.begin(now);
    },
    noteQuietSince(ageMs) {
      isPastKnown = true;
      quietSinceMs = ageMs === null ? Number.NEGATIVE_INFINITY : clock.monotonicMs() - Math.max(0, ageMs || 0);
    },
    isIdle: () => isIdleAt(clock.monotonicMs(), memory()),
    getStats() {
      const now = clock.monotonicMs();
      const verdict = memory();
      const isIdle = isIdleAt(now, verdict);
      return {
        isIdle,
        reason: reason(now, isIdle, verdict),
        trafficRate: rate.read(now),
        idleTimeoutMs: timeout.ms,
        sinceTrafficMs: sinceTrafficMs(now),
        trafficCount: rate.count,
      };
    },
    configure(limits) {
      refuseBad(limits);
      advance(clock.monotonicMs()); // What is due is due under the old limits.
      rate.setDecay(limits.EWMA_DECAY);
      timeout.setBounds(boundsOf(limits));
    },
    destroy() {
      destroyed = true;
    },
  };
}

function boundsOf(limits: IdleLimits) {
  return {
    initialMs: limits.INITIAL_IDLE_TIMEOUT_MS,
    minMs: limits.MIN_IDLE_TIMEOUT_MS,
    maxMs: limits.MAX_IDLE_TIMEOUT_MS,
  };
}

function refuseBad(limits: IdleLimits): void {
  const {
    EWMA_DECAY: decay,
    INITIAL_IDLE_TIMEOUT_MS: initial,
    MIN_IDLE_TIMEOUT_MS: min,
    MAX_IDLE_TIMEOUT_MS: max,
  } = limits;
  if (!(decay > 0 && decay < 1)) throw new RangeError(`EWMA_DECAY is ${decay}; allowed is a number between 0 and 1`);
  for (const [key, value] of Object.entries({
    MIN_IDLE_TIMEOUT_MS: min,
    INITIAL_IDLE_TIMEOUT_MS: initial,
    MAX_IDLE_TIMEOUT_MS: max,
  })) {
    if (!(Number.isFinite(value) && value > 0))
      throw new RangeError(`${key} is ${value}; allowed is a positive number of milliseconds`);
  }
  if (!(min <= initial && initial <= max)) {
    throw new RangeError(
      `the idle timeouts are ${min}, ${initial}, ${max}; allowed is MIN_IDLE_TIMEOUT_MS ≤ INITIAL_IDLE_TIMEOUT_MS ≤ MAX_IDLE_TIMEOUT_MS`,
    );
  }
}
