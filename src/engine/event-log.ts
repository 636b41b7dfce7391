import type { LoggedEvent, MonitorEvent } from '../shared/model';
import { keptEvents } from '../shared/snapshot';
import type { Clock } from './ports';
import type { WorkerRecord } from './worker-record';

/** What happened lately, each thing once. */
export class EventLog {
  /** Newest first. */
  recent: MonitorEvent[] = [];
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #lastId: number;

  constructor(
    private readonly clock: Clock,
    private readonly publish: (event: MonitorEvent) => void,
    /** Of the newest event that was kept before. */
    lastId: number,
  ) {
    this.#lastId = lastId;
  }

  listen(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** `data`: what the log keeps beside the words; pictures go without. */
  add(kind: MonitorEvent['kind'], worker: WorkerRecord | null, text: string, data?: unknown): void {
    const [workerId, workerName] = [worker?.id ?? null, worker?.reading?.name ?? null];
    this.put({ at: this.clock.wallMs(), kind, workerId, workerName, text }, data);
  }

  /** Add what happened at another time, or to a worker that need not be known. */
  put(happened: Omit<MonitorEvent, 'id'>, data?: unknown): void {
    this.#lastId += 1;
    const event: MonitorEvent = { id: this.#lastId, ...happened };
    this.recent = keptEvents([event, ...this.recent]);
    this.publish(event);
    const logged = data === undefined ? event : { ...event, data };
    for (const listener of this.#listeners) listener(logged);
  }
}
