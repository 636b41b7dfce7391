import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  eventName,
  type KillReceipt,
  type LoggedEvent,
  type Snapshot,
  WORKER_STATES,
  type WorkerRow,
} from '../../shared/model';
import type { Station } from '../station';
import type { Streams } from './streams';

/** From a millisecond to ten seconds: an end takes as long as its grace. */
const DURATION_SECS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const OVERALLS = ['idle', 'busy', 'stalled'] as const;

/** The figures of `/metrics`. No label holds a worker's name or path, so that there are ever only so many. */
export interface Metrics {
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  close(): void;
}

interface MetricsParts {
  station: Station;
  streams: Streams;
  version: string;
  more?: (() => Promise<string>) | undefined;
}

/** Also measures how long the requests of `app` take. */
export function createMetrics(app: FastifyInstance, { station, streams, version, more }: MetricsParts): Metrics {
  const registry = new Registry();
  let picture = station.snapshot();
  describeProcess(registry, version);
  describeWorkers(registry, () => picture);
  describeWhole(registry, () => picture);
  gauge(registry, 'idlewatch_api_streams', 'Open streams of events.', (it) => it.set(streams.count()));
  measureRequests(app, registry);
  const close = countEvents(registry, station);
  return {
    async text() {
      picture = station.snapshot();
      return [await registry.metrics(), (await more?.()) ?? ''].filter(Boolean).join('\n');
    },
    close,
  };
}

function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  collect: (it: Gauge<Label>) => void,
  labelNames: Label[] = [],
): void {
  new Gauge({
    ...{ name, help, labelNames },
    registers: [registry],
    collect() {
      this.reset();
      collect(this);
    },
  });
}

function counter(registry: Registry, name: string, help: string, value: () => number): void {
  new Counter({
    ...{ name, help },
    registers: [registry],
    collect() {
      this.reset();
      this.inc(value());
    },
  });
}

function describeProcess(registry: Registry, version: string): void {
  gauge(registry, 'idlewatch_build_info', 'The version that runs.', (it) => it.set({ version }, 1), ['version']);
  const startedAt = Date.now() / 1_000 - process.uptime();
  gauge(registry, 'process_start_time_seconds', 'When it started.', (it) => it.set(startedAt));
  gauge(registry, 'process_resident_memory_bytes', 'Its resident memory.', (it) => it.set(process.memoryUsage.rss()));
  counter(registry, 'process_cpu_seconds_total', 'Its processor time.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  });
}

function describeWorkers(registry: Registry, now: () => Snapshot): void {
  const help = 'Workers by their state.';
  gauge(
    registry,
    'idlewatch_workers',
    help,
    (it) => {
      const { counts } = now();
      for (const state of WORKER_STATES) it.set({ state }, counts[state]);
    },
    ['state'],
  );
  gauge(registry, 'idlewatch_workers_needing_person', 'Stalled or dead, and not snoozed.', (it) =>
    it.set(now().workers.filter((row) => row.needsPerson).length),
  );
  const ageHelp = 'Age of the oldest last heartbeat of the workers that have not stopped.';
  gauge(
    registry,
    'idlewatch_heartbeat_age_max_seconds',
    ageHelp,
    (it) => {
      for (const [source, ageMs] of oldestHeartbeats(now().workers)) it.set({ source }, ageMs / 1_000);
    },
    ['source'],
  );
}

function oldestHeartbeats(workers: WorkerRow[]): Map<string, number> {
  const oldest = new Map<string, number>();
  for (const { source, state, heartbeatAgeMs } of workers) {
    if (state === 'stopped' || heartbeatAgeMs === null) continue;
    oldest.set(source, Math.max(heartbeatAgeMs, oldest.get(source) ?? 0));
  }
  return oldest;
}

function describeWhole(registry: Registry, now: () => Snapshot): void {
  gauge(
    registry,
    'idlewatch_overall',
    '1 for the overall state that holds.',
    (it) => {
      const { overall } = now();
      for (const state of OVERALLS) it.set({ state }, Number(state === overall));
    },
    ['state'],
  );
  gauge(registry, 'idlewatch_paused', '1 while watching is paused.', (it) => it.set(Number(now().paused)));
  gauge(registry, 'idlewatch_breaker_open', '1 while the circuit breaker is open.', (it) =>
    it.set(Number(now().policy.breaker !== null)),
  );
  gauge(registry, 'idlewatch_traffic_events_per_second', 'Traffic rate, EWMA.', (it) => it.set(now().idle.trafficRate));
  counter(registry, 'idlewatch_traffic_events_total', 'Activity since the start.', () => now().idle.trafficCount);
  gauge(registry, 'idlewatch_idle_timeout_seconds', 'Silence after which the whole counts as idle.', (it) =>
    it.set(now().idle.idleTimeoutMs / 1_000),
  );
  gauge(registry, 'idlewatch_machine_memory_used_bytes', 'Memory that programs cannot get.', (it) =>
    it.set(now().memory.usedBytes),
  );
  gauge(registry, 'idlewatch_machine_memory_bytes', 'Memory of the machine.', (it) => it.set(now().memory.totalBytes));
  gauge(registry, 'idlewatch_workers_resident_memory_bytes', 'Resident memory of the workers’ processes.', (it) => {
    const { workersRssBytes } = now().memory;
    if (workersRssBytes !== null) it.set(workersRssBytes);
  });
  gauge(registry, 'idlewatch_journal_failing', '1 while what happens cannot be kept.', (it) =>
    it.set(Number(now().keeping.failing !== null)),
  );
  gauge(registry, 'idlewatch_journal_waiting_events', 'Events that wait for the disk.', (it) =>
    it.set(now().keeping.waiting),
  );
}

/** Events since the start, and what became of ends. */
function countEvents(registry: Registry, station: Station): () => void {
  const events = new Counter({
    name: 'idlewatch_events_total',
    help: 'Events by their name.',
    labelNames: ['event'],
    registers: [registry],
  });
  const kills = new Counter({
    name: 'idlewatch_kills_total',
    help: 'Workers that were to be ended, by who asked and what became of it.',
    labelNames: ['asked_by', 'outcome'],
    registers: [registry],
  });
  return station.listen({
    event(event) {
      events.inc({ event: eventName(event) });
      if (event.kind !== 'kill_ended' && event.kind !== 'kill_failed') return;
      kills.inc({ asked_by: askerOf(event), outcome: event.kind === 'kill_ended' ? 'ended' : 'failed' });
    },
  });
}

function askerOf({ data }: LoggedEvent): string {
  return (data as Partial<KillReceipt> | undefined)?.askedBy ?? 'unknown';
}

function measureRequests(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'idlewatch_http_request_duration_seconds',
    help: 'How long requests of the API took. Streams are not counted: they last as long as they are read.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_SECS,
    registers: [registry],
  });
  app.addHook('onResponse', async ({ method, routeOptions, is404 }, reply) => {
    if (routeOptions.config.isStream) return;
    const labels = is404 ? { method: 'any', route: 'none' } : { method, route: routeOptions.url };
    durations.observe({ ...labels, status: reply.statusCode }, reply.elapsedTime / 1_000);
  });
}
