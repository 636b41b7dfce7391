import type { Self } from '../../observe/off-limits';
import { stillThere } from '../../observe/process-claim';
import { findHolders } from '../../observe/process-holder';
import type { Clock, ProcessIdentity, ProcessTable } from '../../ports';

/** Looking through all processes' open files takes its time. */
const WHOLE_SEARCH_REST_MS = 30_000;
/** A file that grew so lately may be held where we cannot see. */
const NOBODY_AFTER_MS = 30_000;

export interface Holder extends ProcessIdentity {
  /** Wall time at which it was seen to hold the file. */
  namedAt: number;
}

/** A file to find the holder of. */
export interface HeldFile {
  path: string;
  /** Monotonic time at which it last grew. */
  grownMs: number;
  /** It is in the middle of a turn: whether anybody holds it matters enough to ask among all processes. */
  isWorking: boolean;
}

/**
 * Which process holds a rollout open for writing: that one is its session's. `left`: it did and does so no more, because
 * it ended or closed it. `nobody`: none was found, by the name of Codex alone or a moment ago (`named`), or among all and
 * the file is silent (`whole`).
 */
export type HolderLook =
  | { known: 'held'; holder: Holder }
  | { known: 'left'; holder: Holder; hasEnded: boolean }
  | { known: 'nobody'; searched: 'named' | 'whole' }
  | { known: 'unknown'; reason: string };

interface Known {
  holder: Holder;
  left: 'no' | 'ended' | 'closed';
  /** Monotonic time at which that was noticed. */
  leftMs: number;
}

interface Search {
  namedMs: number;
  wholeMs: number;
  /** The file has grown though no process at all was found to hold it: it is written where we cannot see, as in a container. */
  isContradicted: boolean;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** Finds out who holds rollouts open, and notices when that ends. Asks about all processes only when a file has nobody. */
export class Holders {
  readonly #holders = new Map<string, Known>();
  readonly #searches = new Map<string, Search>();
  #problem: string | null = null;
  #wholeRestUntil = NEVER;

  constructor(
    private readonly table: ProcessTable,
    private readonly clock: Clock,
  ) {}

  /** Look at known holders again, and search for those of the rest where something has come since the last search. */
  ask(files: readonly HeldFile[]): void {
    this.#checkOpenFiles(files);
    const now = this.clock.monotonicMs();
    const unnamed = files.filter((file) => this.#isMissing(file, 'namedMs'));
    if (unnamed.length) this.#searchNamed(unnamed, now);
    const left = files.filter((file) => file.isWorking && this.#isMissing(file, 'wholeMs'));
    if (left.length && now >= this.#wholeRestUntil) this.#searchWhole(left, now);
  }

  /** As last asked, with one cheap look at the holder now. What was found before the file grew says nothing any more. */
  of({ path, grownMs }: HeldFile): HolderLook {
    const known = this.#holders.get(path);
    if (known) {
      if (known.left === 'no' && stillThere(this.table, known.holder) === 'gone') this.#leave(known, 'ended');
      if (known.left === 'no') return { known: 'held', holder: known.holder };
      if (grownMs <= known.leftMs) return { known: 'left', holder: known.holder, hasEnded: known.left === 'ended' };
    }
    const search = this.#searches.get(path);
    if (!search || search.namedMs < grownMs) {
      return { known: 'unknown', reason: this.#problem ?? 'who holds its rollout open is not known yet' };
    }
    if (search.isContradicted) {
      return { known: 'unknown', reason: 'whoever writes its rollout is not to be seen from here' };
    }
    const isSure = search.wholeMs >= grownMs && this.clock.monotonicMs() - grownMs >= NOBODY_AFTER_MS;
    return { known: 'nobody', searched: isSure ? 'whole' : 'named' };
  }

  forget(path: string): void {
    this.#holders.delete(path);
    this.#searches.delete(path);
  }

  #checkOpenFiles(files: readonly HeldFile[]): void {
    const open = new Map<number, Set<string> | null>();
    for (const { path } of files) {
      const known = this.#holders.get(path);
      if (known?.left !== 'no') continue;
      const { holder } = known;
      const liveness = stillThere(this.table, holder);
      if (liveness === 'gone') this.#leave(known, 'ended');
      if (liveness !== 'alive') continue;
      if (!open.has(holder.pid)) open.set(holder.pid, this.#openForWriting(holder.pid));
      if (open.get(holder.pid)?.has(path) === false) this.#leave(known, 'closed');
    }
  }

  /** Nobody holds it as far as is known, and it has grown since that was asked. */
  #isMissing({ path, grownMs }: HeldFile, depth: 'namedMs' | 'wholeMs'): boolean {
    const known = this.#holders.get(path);
    if (known && (known.left === 'no' || grownMs <= known.leftMs)) return false;
    const searchedMs = this.#searches.get(path)?.[depth] ?? NEVER;
    return searchedMs === NEVER || searchedMs < grownMs;
  }

  #searchNamed(files: readonly HeldFile[], now: number): void {
    const listing = this.table.list();
    this.#problem = listing.ok ? null : listing.reason;
    if (!listing.ok) return;
    const wanted = new Set(files.map(({ path }) => path));
    const { uid } = this.table.self();
    for (const { pid, startTime, name, stat, uid: owner } of listing.processes) {
      if (!name.startsWith('codex') || stat === 'Z' || owner !== uid) continue;
      for (const path of this.#openForWriting(pid) ?? []) if (wanted.has(path)) this.#note(path, { pid, startTime });
    }
    for (const { path } of files) {
      const before = this.#searches.get(path) ?? { wholeMs: NEVER, isContradicted: false };
      this.#searches.set(path, { ...before, namedMs: now });
    }
  }

  /** Codex may go by another name. */
  #searchWhole(files: readonly HeldFile[], now: number): void {
    const self: Self = this.table.self();
    const subjects = files.map(({ path }) => ({ path, claim: null, files: [path] }));
    for (const [{ path }, { identity }] of findHolders(this.table, self, subjects)) {
      if (identity) this.#note(path, identity);
      const before = this.#searches.get(path);
      const isContradicted = !identity && before !== undefined && (before.isContradicted || before.wholeMs > NEVER);
      this.#searches.set(path, { namedMs: now, wholeMs: now, isContradicted });
    }
    this.#wholeRestUntil = now + WHOLE_SEARCH_REST_MS;
  }

  #note(path: string, { pid, startTime }: ProcessIdentity): void {
    const holder = { pid, startTime, namedAt: this.clock.wallMs() };
    this.#holders.set(path, { holder, left: 'no', leftMs: NEVER });
  }

  #leave(known: Known, left: 'ended' | 'closed'): void {
    known.left = left;
    known.leftMs = this.clock.monotonicMs();
  }

  #openForWriting(pid: number): Set<string> | null {
    const files = this.table.openFiles(pid);
    return files && new Set(files.flatMap(({ path, writing }) => (writing ? [path] : [])));
  }
}
