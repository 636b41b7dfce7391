import {
  AT_WORK_PERCENT,
  beginInFlight,
  countOpened,
  followInFlight,
  keyOf,
  type TreeSample,
} from './observe/in-flight';
import { childrenByParent } from './observe/kinship';
import type { Clock, ProcessFact, ProcessTable, SocketFact } from './ports';
import type { WorkerRecord } from './worker-record';

/** One worker is looked at no more often, and all of them share a listing of that age. */
const APART_MS = 1_000;
/** A larger tree is looked at in part. */
const SOCKETS_OF_MAX = 64;

interface Listing {
  monotonicMs: number;
  byKey: ReadonlyMap<string, ProcessFact>;
  children: ReadonlyMap<number, ProcessFact[]>;
  /** Whose process each is, by the workers' families. */
  families: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Looks whether workers that are about to be called stalled are at work nevertheless. Costs nothing for those that show
 * life: it is asked only of those that are late or over their time.
 */
export class InFlightWatch {
  #listing: Listing | null = null;

  constructor(
    private readonly table: ProcessTable,
    private readonly clock: Clock,
    private readonly workers: () => Iterable<WorkerRecord>,
  ) {}

  /**
   * Look at a worker. `isOver`: it would be called stalled now; else it is late, and the window begins. Afterwards
   * `record.inFlight` is as of now, or null where nothing can be known.
   */
  look(record: WorkerRecord, isOver: boolean): void {
    const known = record.inFlight;
    if (known && (!isOver || this.clock.monotonicMs() - known.monotonicMs < APART_MS)) return;
    const tree = this.#treeOf(record);
    const root = tree?.[0];
    if (!tree || !root) {
      record.inFlight = null;
      return;
    }
    const sample: TreeSample = {
      monotonicMs: this.#listing?.monotonicMs ?? this.clock.monotonicMs(),
      root: keyOf(root),
      atWorkPercent: record.reading?.worksIn?.atWorkPercent ?? AT_WORK_PERCENT,
      cpuMs: new Map(tree.map((fact) => [keyOf(fact), fact.cpuMs])),
    };
    const at = this.clock.wallMs();
    const begun = known ?? beginInFlight(sample, at);
    record.inFlight = isOver ? followInFlight(begun, sample, at, () => this.#countConnections(tree)) : begun;
  }

  /**
   * Its process and what that started, less what is another worker's; null where that cannot be told. A session's process
   * may be that of the run or workbench around it as well, of which it is the work.
   */
  #treeOf(record: WorkerRecord): ProcessFact[] | null {
    const { identity, liveness } = record.process;
    const worksIn = record.reading?.worksIn ?? null;
    const known = liveness === 'alive' ? (worksIn?.process ?? identity) : null;
    const listing = known && this.#listNow();
    const root = known && listing?.byKey.get(keyOf(known));
    if (!listing || !root) return null;
    const own = [familyOf(record), record.runsIn?.workerId];
    const isOthers = (fact: ProcessFact) => {
      const families = listing.families.get(keyOf(fact));
      return families !== undefined && [...families].some((family) => !own.includes(family));
    };
    // One process that serves several workers tells of none of them, unless it is known for whom it works.
    if (!worksIn && isOthers(root)) return null;
    const tree = [root];
    const seen = new Set<number>([root.pid]);
    for (const fact of tree) {
      for (const child of listing.children.get(fact.pid) ?? []) {
        if (seen.has(child.pid) || isOthers(child)) continue;
        seen.add(child.pid);
        tree.push(child);
      }
    }
    return tree;
  }

  #listNow(): Listing | null {
    const monotonicMs = this.clock.monotonicMs();
    if (this.#listing && monotonicMs - this.#listing.monotonicMs < APART_MS) return this.#listing;
    const listed = this.table.list();
    if (!listed.ok) {
      this.#listing = null;
      return null;
    }
    const families = new Map<string, Set<string>>();
    for (const worker of this.workers()) {
      const { identity } = worker.process;
      if (!identity) continue;
      const key = keyOf(identity);
      const known = families.get(key);
      if (known) known.add(familyOf(worker));
      else families.set(key, new Set([familyOf(worker)]));
    }
    this.#listing = {
      monotonicMs,
      byKey: new Map(listed.processes.map((fact) => [keyOf(fact), fact])),
      children: childrenByParent(listed.processes),
      families,
    };
    return this.#listing;
  }

  #countConnections(tree: readonly ProcessFact[]): number {
    const sockets: SocketFact[] = [];
    for (const { pid } of tree.slice(0, SOCKETS_OF_MAX)) sockets.push(...(this.table.sockets(pid) ?? []));
    return countOpened(sockets);
  }
}

/** A sub-agent lives in its parent's process: what that shows holds for both. */
function familyOf(record: WorkerRecord): string {
  return record.reading?.parentId ?? record.id;
}
