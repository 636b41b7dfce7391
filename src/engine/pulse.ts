import { type IdleStats, type MemoryStats, SERIES_KEPT, type SeriesPoint } from '../shared/model';
import type { Settings } from '../shared/settings';
import { createIdleManager, type IdleManager } from './observe/idle-manager';
import { createIdleStateService, type IdleStateService } from './observe/idle-state-service';
import { createAppMemoryJudge, type MemoryJudge, type MemoryLimits } from './observe/memory';
import type { Clock, Logger, MachineMemory, MemoryProbe } from './ports';

export interface PulseHooks {
  /** Resident memory of all workers' process trees, sampled afresh; null when none is known. */
  workersRss: () => number | null;
  onChange: (state: 'idle' | 'running', reason: string) => void;
}

/** The whole's own figures: traffic, idleness, memory, and their last five minutes. */
export class Pulse {
  series: SeriesPoint[] = [];
  readonly #clock: Clock;
  readonly #manager: IdleManager;
  /** Told of everything but model requests: neither its silence nor its timeout is theirs. */
  readonly #butForRequests: IdleManager;
  readonly #judge: MemoryJudge;
  readonly #service: IdleStateService;
  #machine: MachineMemory = { totalBytes: 0, availableBytes: 0 };
  #workersRss: number | null = null;
  #lastPoint: { monotonicMs: number; count: number } | null = null;

  constructor(
    private readonly ports: { clock: Clock; memoryProbe: MemoryProbe; log: Logger },
    settings: Settings,
    private readonly hooks: PulseHooks,
  ) {
    this.#clock = ports.clock;
    this.#judge = createAppMemoryJudge(memoryLimits(settings));
    const manager = () => createIdleManager({ ...settings, clock: ports.clock, memory: () => this.#judge.verdict });
    this.#manager = manager();
    this.#butForRequests = manager();
    this.#service = createIdleStateService({
      manager: this.#manager,
      clock: ports.clock,
      intervalMs: settings.IDLE_CHECK_INTERVAL_MS,
      refresh: () => this.#readMemory(),
      record: (state, stats) => this.hooks.onChange(state, stats.reason),
      log: ports.log,
    });
  }

  /** A second start changes nothing. */
  start(): void {
    this.#service.startMonitoring();
  }

  stop(): void {
    this.#service.stopMonitoring();
  }

  configure(settings: Settings): void {
    this.#judge.setLimits(memoryLimits(settings));
    this.#manager.configure(settings);
    this.#butForRequests.configure(settings);
    this.#service.setIntervalMs(settings.IDLE_CHECK_INTERVAL_MS);
  }

  /** Activity came: it ends idleness at once, not at the next check. */
  noteTraffic(count: number): void {
    this.#service.noteUserPing({ count });
    this.#butForRequests.noteTraffic({ count });
  }

  /** Model requests that pass through: traffic too, but no work that was seen. */
  noteRequests(count: number): void {
    this.#service.noteUserPing({ count });
  }

  /** See IdleManager. */
  noteQuietSince(ageMs: number | null): void {
    this.#manager.noteQuietSince(ageMs);
    this.#butForRequests.noteQuietSince(ageMs);
  }

  /** Whether all would be idle, were it not for model requests, however many come. */
  get isIdleButForRequests(): boolean {
    return this.#butForRequests.isIdle();
  }

  get idle(): IdleStats {
    return this.#manager.getStats();
  }

  get memory(): MemoryStats {
    const { totalBytes, availableBytes } = this.#machine;
    const { growing, overThreshold } = this.#judge.verdict;
    return {
      totalBytes,
      usedBytes: totalBytes - availableBytes,
      workersRssBytes: this.#workersRss,
      growing,
      overThreshold,
    };
  }

  /** Add a point to the series. */
  sample(): SeriesPoint {
    const { idle, memory } = this;
    const now = this.#clock.monotonicMs();
    const before = this.#lastPoint;
    const elapsedMs = before ? now - before.monotonicMs : 0;
    this.#lastPoint = { monotonicMs: now, count: idle.trafficCount };
    const point: SeriesPoint = {
      at: this.#clock.wallMs(),
      instantRate: before && elapsedMs > 0 ? ((idle.trafficCount - before.count) * 1000) / elapsedMs : 0,
      trafficRate: idle.trafficRate,
      idleTimeoutMs: idle.idleTimeoutMs,
      sinceTrafficMs: idle.sinceTrafficMs,
      memoryUsedBytes: memory.usedBytes,
      workersRssBytes: memory.workersRssBytes,
    };
    this.series = [...this.series.slice(1 - SERIES_KEPT), point];
    return point;
  }

  async #readMemory(): Promise<void> {
    this.#machine = await this.ports.memoryProbe.read();
    this.#workersRss = this.hooks.workersRss();
    const { totalBytes, availableBytes } = this.#machine;
    this.#judge.note(this.#clock.monotonicMs(), {
      heldBytes: this.#workersRss,
      growthBytes: this.#workersRss,
      pressurePercent: totalBytes ? (1 - availableBytes / totalBytes) * 100 : null,
    });
  }
}

function memoryLimits(settings: Settings): MemoryLimits {
  return {
    thresholdMb: settings.IDLE_MEMORY_THRESHOLD_MB,
    growthWindowMs: settings.MEMORY_GROWTH_WINDOW_MS,
    pressurePercent: settings.memoryPressurePercent,
  };
}
