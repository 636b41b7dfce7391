import { harmless } from '../shared/format';
import type { ProcessNode } from '../shared/model';
import { BriefNames } from './brief-names';
import { hasOwnDirectory } from './observe/belonging';
import { livedSince } from './observe/facts';
import { keyOf } from './observe/in-flight';
import { childrenByParent } from './observe/kinship';
import { createMarkReader, findByMark, findMarked } from './observe/marked';
import type { Self } from './observe/off-limits';
import { findClaimed, stillThere } from './observe/process-claim';
import { findHolders } from './observe/process-holder';
import { inRunSession } from './observe/run-session';
import type { Clock, ProcessFact, ProcessTable } from './ports';
import type { Reading } from './sources/source';
import { NO_PROCESS, type ProcessKnown, WHY_GONE, type WorkerRecord } from './worker-record';

/** Two readings this far apart make a process gone. */
const GONE_APART_MS = 900;
/** A pid that could not be verified is looked into again after this long: verifying is dear. */
const REVERIFY_MS = 5_000;
/** Searching all open files takes its time: it is done for all at once, and never takes more than a fiftieth of it. */
const HOLDERS_REST = 50;
const HOLDERS_REST_MIN_MS = 1_000;
/** Whoever held no file of the worker's then is not asked for again before this. */
const HOLDERS_VALID_MS = 30_000;
const COMMAND_MAX = 300;
/** Our own ancestors hardly ever change. */
const SELF_KEPT_MS = 5_000;

/** Knows the workers' processes: whether they live, and what their trees use. Asks the table as little as it can. */
export class ProcessWatch {
  readonly #verifiedAt = new Map<string, number>();
  readonly #holdersAskedAt = new Map<string, number>();
  readonly #briefNames = new BriefNames();
  #holdersRestUntil = 0;
  #cpuBefore = new Map<string, number>();
  #cpuPercent = new Map<number, number>();
  #sampledAt = Number.NEGATIVE_INFINITY;
  /** What all workers together held when they were last sampled, each process once; null: none of them has a process. */
  rssBytes: number | null = null;
  #listing: ReadonlyMap<string, ProcessFact> = new Map();
  #self: { known: Self; untilMs: number } | null = null;

  constructor(
    private readonly table: ProcessTable,
    private readonly clock: Clock,
  ) {}

  /** Look at a worker's process again: one cheap look where it is known already. */
  look(record: WorkerRecord, reading: Reading): void {
    const { claim } = reading;
    const known = record.process;
    const now = this.clock.monotonicMs();
    if (claim && known.key !== claimKeyOf(claim)) {
      this.#briefNames.renamed(record.id, now, this.#hasEnded(known));
      record.process = this.#find(record, reading);
    } else if (known.goneReadings > 0 && !known.seenAlive && livedSince(reading, known.goneCountedAt)) {
      record.process = elsewhere(known, UNSEEN);
    } else if (known.identity) record.process = this.#again(known);
    else if (claim && !known.isElsewhere && this.#mayVerify(record)) record.process = this.#find(record, reading);
    const { existence } = reading;
    if (existence && record.process.liveness !== existence.liveness) {
      // A source that says that it is gone has made sure of it.
      record.process = { ...record.process, ...existence, goneReadings: existence.liveness === 'gone' ? 2 : 0 };
    }
    if (record.process.liveness === 'gone' && this.#briefNames.isHabit(record.id, now)) {
      record.process = elsewhere(record.process, BRIEFLY_NAMED);
    }
  }

  /**
   * For a worker that names no pid: find who holds its files open, and for `others` in the same pass. False when it
   * asked nobody: it did so a short while ago, or it rests.
   */
  findHolders(wanted: WorkerRecord, others: Iterable<WorkerRecord>): boolean {
    const now = this.clock.monotonicMs();
    const askedAt = this.#holdersAskedAt.get(wanted.id) ?? Number.NEGATIVE_INFINITY;
    if (now < this.#holdersRestUntil || now < askedAt + HOLDERS_VALID_MS) return false;
    const subjects = [...new Set([wanted, ...others])].flatMap((record) =>
      record.reading && !record.reading.claim && !record.process.identity
        ? [{ record, path: record.reading.path, claim: null, files: record.reading.files }]
        : [],
    );
    for (const { record } of subjects) this.#holdersAskedAt.set(record.id, now);
    for (const [{ record }, found] of findHolders(this.table, this.#selfNow(), subjects)) {
      if (found.identity) record.process = { ...NO_PROCESS, ...known(found), key: 'open_file', seenAlive: true };
      else record.process = { ...record.process, reason: found.reason };
    }
    this.#findMarks(subjects.map(({ record }) => record).filter(({ process }) => !process.identity));
    this.#restAfter(now);
    return true;
  }

  /** For a worker whose process is gone: find what of it lives on, by its mark. */
  findLeftBehind(record: WorkerRecord): void {
    const now = this.clock.monotonicMs();
    record.leftBehind = record.leftBehind.filter((identity) => stillThere(this.table, identity) !== 'gone');
    const askedAt = this.#holdersAskedAt.get(record.id) ?? Number.NEGATIVE_INFINITY;
    const listing = now < this.#holdersRestUntil || now < askedAt + HOLDERS_VALID_MS ? null : this.table.list();
    if (!listing?.ok || !record.reading || !hasOwnDirectory(record.source.kind)) return;
    this.#holdersAskedAt.set(record.id, now);
    const { path, claim } = record.reading;
    const { marked } = findMarked(this.table, this.#selfNow(), path, listing.processes);
    const inSession = claim?.from === 'supervisor' ? inRunSession(listing.processes, claim) : [];
    const left = new Map([...marked, ...inSession].map(({ pid, startTime }) => [pid, { pid, startTime }]));
    record.leftBehind = [...left.values()];
    this.#restAfter(now);
  }

  /** Who holds no file of its worker's may still carry its mark. */
  #findMarks(records: readonly WorkerRecord[]): void {
    const listing = records.length ? this.table.list() : null;
    if (!listing?.ok) return;
    const marks = createMarkReader(this.table, listing.processes);
    for (const record of records) {
      if (!record.reading || !hasOwnDirectory(record.source.kind)) continue;
      const found = findByMark(
        findMarked(this.table, this.#selfNow(), record.reading.path, listing.processes, { marks }),
      );
      if (found.identity) record.process = { ...NO_PROCESS, ...known(found), key: 'mark', seenAlive: true };
    }
  }

  #restAfter(startedMs: number): void {
    const tookMs = this.clock.monotonicMs() - startedMs;
    this.#holdersRestUntil = startedMs + Math.max(HOLDERS_REST_MIN_MS, tookMs * HOLDERS_REST);
  }

  /** Read the whole table once and note what each worker's tree uses. False when it could not be read. */
  sample(records: Iterable<WorkerRecord>): boolean {
    const listing = this.table.list();
    if (!listing.ok) return false;
    this.#measure(listing.processes);
    const children = childrenByParent(listing.processes);
    const all = new Set<ProcessFact>();
    for (const record of records) {
      const root = this.#rootOf(record);
      const tree = root ? treeOf(root, children) : [];
      for (const { fact } of tree) all.add(fact);
      const usage = root ? this.#sum(tree) : null;
      if (usage?.rssBytes !== record.usage?.rssBytes || usage?.cpuPercent !== record.usage?.cpuPercent)
        record.row = null;
      record.usage = usage;
    }
    // One process may serve several workers, or run one within another.
    this.rssBytes = all.size ? [...all].reduce((sum, { rssBytes }) => sum + rssBytes, 0) : null;
    return true;
  }

  /** The worker's process tree as last sampled, parents before children. */
  tree(record: WorkerRecord): ProcessNode[] {
    const root = this.#rootOf(record);
    if (!root) return [];
    return treeOf(root, childrenByParent([...this.#listing.values()])).map(({ fact, depth }) => ({
      pid: fact.pid,
      ppid: fact.ppid,
      depth,
      command: harmless(this.table.commandLine(fact.pid) ?? fact.name, COMMAND_MAX),
      startedAt: fact.startedAt,
      cpuPercent: this.#cpuPercent.get(fact.pid) ?? null,
      rssBytes: fact.rssBytes,
    }));
  }

  forget(record: WorkerRecord): void {
    this.#verifiedAt.delete(record.id);
    this.#holdersAskedAt.delete(record.id);
    this.#briefNames.forget(record.id);
  }

  #selfNow(): Self {
    const now = this.clock.monotonicMs();
    if (!this.#self || now >= this.#self.untilMs)
      this.#self = { known: this.table.self(), untilMs: now + SELF_KEPT_MS };
    return this.#self.known;
  }

  #mayVerify(record: WorkerRecord): boolean {
    const last = this.#verifiedAt.get(record.id) ?? Number.NEGATIVE_INFINITY;
    return this.clock.monotonicMs() - last >= (record.process.liveness === 'gone' ? GONE_APART_MS : REVERIFY_MS);
  }

  #find(record: WorkerRecord, reading: Reading): ProcessKnown {
    const now = this.clock.monotonicMs();
    this.#verifiedAt.set(record.id, now);
    const found = findClaimed(this.table, this.#selfNow(), reading);
    const key = reading.claim ? claimKeyOf(reading.claim) : '';
    const before = record.process.key === key ? record.process : NO_PROCESS;
    const next = { ...known(found), key, seenAlive: before.seenAlive || found.liveness === 'alive' };
    return { ...next, isElsewhere: false, ...this.#countGone(before, found.liveness) };
  }

  #again(before: ProcessKnown): ProcessKnown {
    const liveness = before.identity ? stillThere(this.table, before.identity) : before.liveness;
    if (liveness === 'alive' && before.liveness === 'alive') return before;
    // Whoever held a file open or inherited a mark need not have been the worker: that it is gone says nothing.
    if (liveness === 'gone' && (before.key === 'open_file' || before.key === 'mark')) return NO_PROCESS;
    const reason = liveness === 'gone' ? `process ${before.shown?.pid} is gone` : before.reason;
    const shown =
      liveness === 'gone' && before.shown ? { ...before.shown, verified: false, why: WHY_GONE } : before.shown;
    return { ...before, shown, liveness, reason, ...this.#countGone(before, liveness) };
  }

  #hasEnded(known: ProcessKnown): boolean {
    if (known.isElsewhere || known.liveness === 'gone') return true;
    return known.identity !== null && stillThere(this.table, known.identity) === 'gone';
  }

  #countGone(before: ProcessKnown, liveness: ProcessKnown['liveness']) {
    if (liveness !== 'gone') return { goneReadings: 0, goneCountedAt: 0 };
    const now = this.clock.monotonicMs();
    if (before.goneReadings > 0 && now - before.goneCountedAt < GONE_APART_MS) {
      return { goneReadings: before.goneReadings, goneCountedAt: before.goneCountedAt };
    }
    return { goneReadings: before.goneReadings + 1, goneCountedAt: now };
  }

  #rootOf(record: WorkerRecord): ProcessFact | null {
    const { identity } = record.process;
    if (!identity || record.process.liveness !== 'alive') return null;
    return this.#listing.get(keyOf(identity)) ?? null;
  }

  #measure(processes: ProcessFact[]): void {
    const now = this.clock.monotonicMs();
    const elapsedMs = now - this.#sampledAt;
    const cpu = new Map<string, number>();
    const listing = new Map<string, ProcessFact>();
    this.#cpuPercent = new Map();
    for (const fact of processes) {
      const key = keyOf(fact);
      listing.set(key, fact);
      cpu.set(key, fact.cpuMs);
      const before = this.#cpuBefore.get(key);
      if (before !== undefined && elapsedMs > 0) {
        this.#cpuPercent.set(fact.pid, (Math.max(0, fact.cpuMs - before) / elapsedMs) * 100);
      }
    }
    this.#cpuBefore = cpu;
    this.#sampledAt = now;
    this.#listing = listing;
  }

  #sum(tree: { fact: ProcessFact }[]): NonNullable<WorkerRecord['usage']> {
    let rssBytes = 0;
    let cpuPercent: number | null = null;
    for (const { fact } of tree) {
      rssBytes += fact.rssBytes;
      const cpu = this.#cpuPercent.get(fact.pid);
      if (cpu !== undefined) cpuPercent = (cpuPercent ?? 0) + cpu;
    }
    return { rssBytes, cpuPercent };
  }
}

const UNSEEN = 'it is not to be seen from here, though its worker lives: it may run in a container';
const BRIEFLY_NAMED = 'it has ended, as those named before it did at once: it may only have written the heartbeat';

/** It is not here, and yet its worker goes on: it runs where we cannot see it, or was never the worker's own process. */
function elsewhere(known: ProcessKnown, why: string): ProcessKnown {
  return {
    ...known,
    shown: known.shown && { ...known.shown, verified: false, why },
    identity: null,
    liveness: 'unknown',
    reason: why,
    goneReadings: 0,
    isElsewhere: true,
  };
}

function claimKeyOf(claim: NonNullable<Reading['claim']>): string {
  return `${claim.from} ${claim.pid} ${claim.startTime ?? ''}`;
}

function known(
  found: ReturnType<typeof findClaimed>,
): Pick<ProcessKnown, 'shown' | 'identity' | 'liveness' | 'reason'> {
  return { shown: found.process, identity: found.identity, liveness: found.liveness, reason: found.reason };
}

function treeOf(root: ProcessFact, children: Map<number, ProcessFact[]>): { fact: ProcessFact; depth: number }[] {
  const tree: { fact: ProcessFact; depth: number }[] = [];
  const walk = (fact: ProcessFact, depth: number): void => {
    tree.push({ fact, depth });
    for (const child of children.get(fact.pid) ?? []) walk(child, depth + 1);
  };
  walk(root, 0);
  return tree;
}
