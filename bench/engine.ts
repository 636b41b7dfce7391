import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createMonitor } from '../src/engine/monitor';
import { createClock } from '../src/host/clock';
import { createFileEvents } from '../src/host/file-events';
import { createFiles } from '../src/host/files';
import { createMemoryProbe } from '../src/host/memory-probe';
import { createProcessTable } from '../src/host/process-table';
import type { Delta } from '../src/shared/model';
import { defaultSettings } from '../src/shared/settings';
import { absent } from '../test/fakes/absent';

/** Runs the engine on the benchmark's workers and prints what it cost. Arguments: directory, seconds. */
const [directory = '', secondsText = '60'] = process.argv.slice(2);
const VISIBLE = 10;
const WARM_UP_MS = 60_000;

const log = { warn: (message: string) => process.stderr.write(`${message}\n`) };
const clock = createClock();
const ports = {
  clock,
  files: createFiles(),
  fileEvents: createFileEvents(log),
  processTable: createProcessTable(),
  memoryProbe: createMemoryProbe(),
  ...absent,
  log,
};
const startedMs = performance.now();
const monitor = createMonitor(ports, defaultSettings(), { 'worker-directory': [directory] });
const silence: number[] = [];
monitor.onEvent((event) => {
  const row = event.kind === 'dead' && event.workerId ? monitor.report(event.workerId) : null;
  if (row?.lastHeartbeatAt != null) silence.push(event.at - (row.lastHeartbeatAt + row.heartbeatMissingMs));
});
monitor.start();
await monitor.firstReading();
const firstReadingMs = performance.now() - startedMs;

const visible = monitor
  .snapshot()
  .workers.slice(0, VISIBLE)
  .map((row) => row.id);
const watched = new Set(visible);
const seen = new Map<string, number>();
const latency: number[] = [];
let deltas = 0;
let rows = 0;
let focusedAt = Number.POSITIVE_INFINITY;
const { snapshot, unsubscribe } = monitor.subscribe((delta: Delta) => {
  deltas += 1;
  rows += delta.changed.length;
  for (const row of delta.changed) {
    if (!watched.has(row.id) || row.lastHeartbeatAt === null || seen.get(row.id) === row.lastHeartbeatAt) continue;
    // Beats of before anybody looked were not waited for.
    if (row.lastHeartbeatAt > focusedAt) latency.push(Date.now() - row.lastHeartbeatAt);
    seen.set(row.id, row.lastHeartbeatAt);
  }
});
for (const row of snapshot.workers) if (watched.has(row.id)) seen.set(row.id, row.lastHeartbeatAt ?? 0);
focusedAt = Date.now();
monitor.focus({ visible, selected: null });
// Warm: what a program is compiled for in its first seconds is not what it costs all day.
await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));

const cpuBefore = process.cpuUsage();
const beganMs = performance.now();
await new Promise((resolve) => setTimeout(resolve, Number(secondsText) * 1000));
const cpu = process.cpuUsage(cpuBefore);
const elapsedMs = performance.now() - beganMs;

// Apart from the CPU: this measurement itself wakes up a hundred times a second.
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
await new Promise((resolve) => setTimeout(resolve, (Number(secondsText) * 1000) / 3));
delay.disable();

const checks = Array.from({ length: 5 }, () => {
  const before = performance.now();
  monitor.check();
  return performance.now() - before;
});
const counts = monitor.snapshot().counts;
unsubscribe();
monitor.stop();
const quantile = (values: number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? null;
process.stdout.write(
  `${JSON.stringify({
    cpuPercent: ((cpu.user + cpu.system) / 1000 / elapsedMs) * 100,
    firstReadingMs,
    changeMs: { count: latency.length, p50: quantile(latency, 0.5), p99: quantile(latency, 0.99) },
    silenceMs: { count: silence.length, p50: quantile(silence, 0.5), max: quantile(silence, 1) },
    loopDelayMs: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
    checkMs: quantile(checks, 0.5),
    rssMb: process.memoryUsage().rss / 1048576,
    deltas,
    rows,
    counts,
  })}\n`,
);
process.exit(0);
