import type { MonitorEvent } from '../shared/model';
import { keptEvents } from '../shared/snapshot';
import type { Clock } from './ports';
import type { WorkerRecord } from './worker-record';

/** What happened lately, each thing once. */
export class EventLog {
  /** Newest first. */
  recent: MonitorEvent[] = [];
  #nextId = 1;
  readonly #listeners = new Set<(event: MonitorEvent) => void>();

  constructor(
    private readonly clock: Clock,
    private readonly publish: (event: MonitorEvent) => void,
  ) {}

  listen(listener: (event: MonitorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(kind: MonitorEvent['kind'], worker: WorkerRecord | null, text: string): void {
    const event: MonitorEvent = {
      id: this.#nextId++,
      at: this.clock.wallMs(),
      kind,
      workerId: worker?.id ?? null,
      workerName: worker?.reading?.name ?? null,
      text,
    };
    this.recent = keptEvents([event, ...this.recent]);
    this.publish(event);
    for (const listener of this.#listeners) listener(event);
  }
}
