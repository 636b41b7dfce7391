import type { Clock, Logger } from '../../engine/ports';
import { type Figures, isRoutine, type KeepingStatus, type LoggedEvent, type Silence } from '../../shared/model';
import type { Database } from '../sqlite/database';
import { isBusy } from '../sqlite/errors';
import { Backlog, type Batch, WAITING_MAX } from './backlog';
import { asJson, lastEventIdIn, writeBatch } from './rows';

/** Events of this long go into one transaction. */
const BATCH_MS = 50;
/** After a write, at least so many times as long as it took is left to others. */
const REST_FACTOR = 9;
const REST_MAX_MS = 2_000;
/** Another program that writes for a moment is no failure: it is tried so often before that is said. */
const BUSY_TRIES = 4;
const BUSY_RETRY_MS = 200;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

type Listener<T> = (value: T) => void;

/**
 * Writes what is handed in, and while that fails lets it wait.
 *
 * A batch that holds an event worth telling is on the disk for good before it is told as kept (`power`: one fsync, half a
 * millisecond on an SSD, a few of them a minute). Figures every two seconds, and work that begins and ends, are handed
 * to the system (`crash`): they survive any end of this program, and do not wake a disk; a loss of power may take the
 * last seconds of them. On a disk that is slow all the same, writes come at longer intervals, never one upon the other.
 */
export class Writer {
  readonly #backlog = new Backlog();
  readonly #kept = new Set<Listener<LoggedEvent[]>>();
  readonly #status = new Set<Listener<KeepingStatus>>();
  /** The greatest id known, in the file or handed in. */
  #lastId = 0;
  #failing: string | null = null;
  #failures = 0;
  /** Monotonic. */
  #restUntilMs = 0;
  #cancelNext: (() => void) | null = null;
  #isClosed = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  lastEventId(): number {
    try {
      this.#lastId = Math.max(this.#lastId, this.database.read(lastEventIdIn));
    } catch {
      // Writing will say what is wrong, and number events that come to stand beside others anew.
    }
    return this.#lastId;
  }

  event(event: LoggedEvent): void {
    if (this.#isClosed) return;
    const isFailing = this.#failing !== null;
    this.#backlog.events.push({ event, data: asJson(event.data), told: isFailing });
    // More at once than may wait: the disk is well, so they need not.
    if (this.#failures === 0 && this.#backlog.events.length >= WAITING_MAX) this.#write(this.#backlog.batch());
    this.#backlog.keepWithin();
    if (isFailing) {
      this.#tell([event]);
      this.#tellStatus();
    } else this.#schedule(Math.max(BATCH_MS, this.#restUntilMs - this.clock.monotonicMs()));
  }

  figures(figures: Figures): void {
    if (this.#isClosed) return;
    this.#backlog.figures.push(figures);
    this.#backlog.keepWithin();
    if (this.#failures === 0) this.#write(this.#backlog.figuresBatch());
  }

  silence(silence: Silence): void {
    if (this.#isClosed) return;
    this.#backlog.silences.push(silence);
    this.#backlog.keepWithin();
    this.#schedule(BATCH_MS);
  }

  onKept(listener: Listener<LoggedEvent[]>): () => void {
    this.#kept.add(listener);
    return () => void this.#kept.delete(listener);
  }

  onStatus(listener: Listener<KeepingStatus>): () => void {
    this.#status.add(listener);
    return () => void this.#status.delete(listener);
  }

  status(): KeepingStatus {
    const { lost, events } = this.#backlog;
    if (this.#failing === null) return { failing: null, waiting: 0 };
    const failing = lost ? `${this.#failing}; ${lost} events found no room to wait` : this.#failing;
    return { failing, waiting: events.length };
  }

  /** Events that were told and could not be written yet. */
  told(): LoggedEvent[] {
    return this.#backlog.events.filter(({ told }) => told).map(({ event }) => event);
  }

  /** Writes what waits, as far as that can be done at once. */
  close(): void {
    this.#isClosed = true;
    this.#cancelNext?.();
    while (!this.#backlog.isEmpty && this.#write(this.#backlog.batch()));
    const { events } = this.#backlog;
    if (events.length)
      this.log.warn(`${events.length} events could not be written to ${this.database.path} before the end`);
  }

  #schedule(delayMs: number): void {
    this.#cancelNext ??= this.clock.after(delayMs, () => {
      this.#cancelNext = null;
      this.#writeNext();
    });
  }

  #writeNext(): void {
    const beganMs = this.clock.monotonicMs();
    const isWritten = this.#write(this.#backlog.batch());
    const endedMs = this.clock.monotonicMs();
    this.#restUntilMs = endedMs + Math.min(REST_FACTOR * (endedMs - beganMs), REST_MAX_MS);
    if (isWritten && !this.#backlog.isEmpty) this.#schedule(Math.max(BATCH_MS, this.#restUntilMs - endedMs));
  }

  #write(batch: Batch): boolean {
    let events: LoggedEvent[];
    try {
      const durability = batch.events.every(({ event }) => isRoutine(event)) ? 'crash' : 'power';
      events = this.database.write((connection) => writeBatch(connection, batch, this.#lastId), durability);
    } catch (error) {
      this.#failed(error as Error);
      return false;
    }
    this.#backlog.written(batch);
    this.#lastId = Math.max(this.#lastId, events.at(-1)?.id ?? 0);
    this.#succeeded();
    this.#tell(events.filter((_event, index) => !batch.events[index]?.told));
    return true;
  }

  #failed(error: Error): void {
    this.#failures += 1;
    if (isBusy(error) && this.#failures < BUSY_TRIES) {
      this.#retry(BUSY_RETRY_MS);
      return;
    }
    if (this.#failing === null) this.log.warn(`Events and history cannot be kept for now: ${error.message}`);
    this.#failing = error.message;
    const untold = this.#backlog.events.filter(({ told }) => !told);
    for (const waiting of untold) waiting.told = true;
    this.#retry(Math.min(RETRY_MIN_MS * 2 ** (this.#failures - 1), RETRY_MAX_MS));
    this.#tellStatus();
    this.#tell(untold.map(({ event }) => event));
  }

  #retry(delayMs: number): void {
    this.#cancelNext?.();
    this.#cancelNext = null;
    if (!this.#isClosed) this.#schedule(delayMs);
  }

  #succeeded(): void {
    this.#failures = 0;
    if (this.#failing === null) return;
    const { lost } = this.#backlog;
    this.log.warn(`Events and history are kept again${lost ? `; ${lost} events found no room to wait` : ''}.`);
    this.#failing = null;
    this.#backlog.lost = 0;
    this.#tellStatus();
  }

  #tell(events: LoggedEvent[]): void {
    if (events.length) this.#tellAll(this.#kept, events);
  }

  #tellStatus(): void {
    this.#tellAll(this.#status, this.status());
  }

  /** What a listener does wrong keeps nothing from being written. */
  #tellAll<T>(listeners: Set<Listener<T>>, value: T): void {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        this.log.warn(`Telling what was kept failed: ${(error as Error).message}`);
      }
    }
  }
}
