import { Counter, Gauge, Registry } from 'prom-client';
import { type GatewayCounts, OUTCOMES } from './counts';

/** The gateway's figures as text for Prometheus. No label names a worker, a model or a key. */
export function gatewayMetrics(counts: GatewayCounts): () => Promise<string> {
  const registry = new Registry();
  new Counter({
    name: 'idlewatch_gateway_requests_total',
    help: 'Model requests that are over, by how they ended for their caller.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const outcome of OUTCOMES) this.inc({ outcome }, counts.requests[outcome]);
    },
  });
  new Counter({
    name: 'idlewatch_gateway_retries_total',
    help: 'How often a model request was sent upstream again.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(counts.retries);
    },
  });
  gauge(registry, 'idlewatch_gateway_open_requests', 'Model requests under way.', () => counts.open);
  gauge(registry, 'idlewatch_gateway_remembered_answers', 'Answers in memory.', () => counts.remembered.answers);
  gauge(registry, 'idlewatch_gateway_remembered_bytes', 'What they take up.', () => counts.remembered.bytes);
  return () => registry.metrics();
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    ...{ name, help },
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}
