import type { WorkerId } from '../shared/model';
import { HeadCount } from './head-count';
import type { Instant } from './observe/facts';
import type { Verdict } from './observe/verdict';
import type { Source } from './sources/source';
import { isBad, newRecord, type WorkerRecord } from './worker-record';

/** All workers that are known, and the counts that nobody should have to go through them for. */
export class Roster {
  readonly #records = new Map<WorkerId, WorkerRecord>();
  readonly #bad = new Set<WorkerRecord>();
  readonly counts = new HeadCount();

  get size(): number {
    return this.#records.size;
  }

  get(id: WorkerId | null): WorkerRecord | undefined {
    return id === null ? undefined : this.#records.get(id);
  }

  has(record: WorkerRecord): boolean {
    return this.#records.get(record.id) === record;
  }

  all(): IterableIterator<WorkerRecord> {
    return this.#records.values();
  }

  /** The stalled and dead. */
  get bad(): ReadonlySet<WorkerRecord> {
    return this.#bad;
  }

  /** The stalled and dead that no person has snoozed. */
  get needPerson(): number {
    let count = 0;
    for (const record of this.#bad) if (!record.snoozed) count += 1;
    return count;
  }

  withProcess(): WorkerRecord[] {
    return [...this.#records.values()].filter(({ process, usage }) => process.identity || usage);
  }

  add(id: WorkerId, source: Source, now: Instant): void {
    this.#records.set(id, newRecord(id, source, now));
  }

  remove(record: WorkerRecord): void {
    this.#records.delete(record.id);
    this.#bad.delete(record);
    this.counts.move(record.verdict, null);
  }

  /** Take a new verdict over. True when the state changed: a snooze ends with that. */
  judged(record: WorkerRecord, verdict: Verdict, now: Instant): boolean {
    const before = record.verdict;
    record.verdict = verdict;
    this.counts.move(before, verdict);
    if (isBad(record)) this.#bad.add(record);
    else this.#bad.delete(record);
    record.badSince = isBad(record) ? (record.badSince ?? now.at) : null;
    if (before?.state === verdict.state) return false;
    record.since = now.at;
    record.snoozed = false;
    return true;
  }
}
