import type { EvidenceKind } from '../../../shared/model';
import type { Clock, FileStat, Files } from '../../ports';
import type { Moment } from '../source';
import { LineCounter } from './line-counter';
import { place } from './moments';

/** Growth beyond this between two looks is not read line by line where only the newest lines matter. */
const JUMP_BYTES = 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

type TraceKind = Extract<EvidenceKind, 'inbox' | 'outbox' | 'wire_events' | 'log' | 'transcript'>;

export interface TraceHandlers {
  /** Gets each whole line, or null for one too long to read. */
  onLine: (line: string | null) => void;
  /** Whatever was read before is void. */
  onRestart: () => void;
}

/** Follows one file whose growth is activity. */
export class TraceFile {
  readonly lines = new LineCounter();
  /** When it last grew; at first sight its mtime; an empty file has none. */
  grown: Moment | null = null;
  size = 0;
  /** Why it cannot be read; null when it can or is not there. */
  problem: string | null = null;
  exists = false;
  /** There are lines that have not been read yet. */
  counting = false;
  #known = false;
  /** Up to where the lines had stood there when the file was first seen. */
  #history = 0;

  constructor(
    readonly kind: TraceKind,
    readonly path: string,
    private readonly within: string,
    private readonly files: Files,
    private readonly clock: Clock,
    /** Every line counts from the start of the file (inbox, outbox); else only what is new. */
    private readonly whole: boolean,
    private readonly handlers: TraceHandlers,
  ) {}

  /**
   * Look, and read the next slice of what came; with `wait`, note only that something came. Returns the activity that is
   * new since the look before.
   */
  look(toleranceMs: number, wait = false): number {
    this.counting = false;
    const stat = this.files.stat(this.path, this.within);
    if (!stat.ok) {
      this.exists = stat.problem !== 'missing';
      this.problem = stat.problem === 'missing' ? null : stat.detail;
      this.#known = true; // A file that appears later is growth, not history.
      return 0;
    }
    this.problem = null;
    this.exists = true;
    const first = !this.#known;
    const grew = stat.size > 0 && (stat.size !== this.size || !this.lines.same(stat));
    if (first || grew) this.#noteGrowth(stat, toleranceMs, first);
    this.#known = true;
    if (first) this.#history = stat.size;
    const wrote = !first && stat.size > this.size;
    this.size = stat.size;
    if (!this.lines.differs(stat)) return 0;
    if (!wait) return this.#readOn(stat, wrote);
    this.counting = true;
    return wrote ? 1 : 0;
  }

  /** True when the file is not what was last read: one `stat`. */
  touched(): boolean {
    const stat = this.files.stat(this.path, this.within);
    if (stat.ok) return !this.exists || this.problem !== null || this.lines.differs(stat);
    return this.exists !== (stat.problem !== 'missing');
  }

  #noteGrowth(stat: FileStat, toleranceMs: number, first: boolean): void {
    if (stat.size === 0) return;
    if (!this.whole && first) {
      this.handlers.onRestart();
      this.lines.startAtEnd(stat, this.kind === 'wire_events' ? TAIL_BYTES : 0);
    }
    this.grown = place(this.clock, stat.mtimeMs, toleranceMs).moment;
  }

  #readOn(stat: FileStat, wrote: boolean): number {
    if (!this.whole && stat.size - this.lines.offset > JUMP_BYTES) {
      this.handlers.onRestart();
      this.lines.startAtEnd(stat, TAIL_BYTES);
    }
    const from = this.lines.offset;
    const got = this.lines.read(this.files, this.path, this.within, this.handlers.onLine, this.handlers.onRestart);
    if (!got.ok) {
      this.problem = got.problem === 'missing' ? null : got.detail;
      return 0;
    }
    const { lines, restarted, more } = got.growth;
    this.counting = more;
    // Nobody knows which lines of a rewritten file are new: that it was written to is one event.
    if (restarted) this.#history = stat.size;
    if (restarted) return stat.size > 0 ? 1 : 0;
    // A file that grew without ending a line was still written to: that counts as one event.
    return Math.max(from < this.#history ? 0 : lines, wrote ? 1 : 0);
  }
}
