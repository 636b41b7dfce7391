import type { ProcessWatch } from './process-watch';
import type { Publisher } from './publisher';
import type { Roster } from './roster';

/** Measures what the workers' processes use: while somebody looks, and whenever memory is read. */
export class ProcessSampling {
  constructor(
    private readonly roster: Roster,
    private readonly processes: ProcessWatch,
    private readonly publisher: Publisher,
  ) {}

  sample(): void {
    const records = this.roster.withProcess();
    if (records.length || this.processes.rssBytes !== null) this.processes.sample(records);
    for (const record of records) if (record.row === null) this.publisher.changed(record.id, 'unseen');
  }

  /** Resident memory of all workers' process trees, sampled afresh; null when none is known. */
  workersRss(): number | null {
    this.sample();
    return this.processes.rssBytes;
  }
}
