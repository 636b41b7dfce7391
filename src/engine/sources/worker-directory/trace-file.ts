import type { EvidenceKind } from '../../../shared/model';
import type { Clock, FileStat, Files } from '../../ports';
import type { Moment } from '../source';
import { LineCounter } from './line-counter';
import { place } from './moments';

/** Growth beyond this between two looks is not read line by line where only the newest lines matter. */
const JUMP_BYTES = 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

type TraceKind = Extract<EvidenceKind, 'inbox' | 'outbox' | 'wire_events' | 'log'>;

/** Follows one file whose growth is activity. */
export class TraceFile {
  readonly lines = new LineCounter();
  /** When it last grew; at first sight its mtime; an empty file has none. */
  grown: Moment | null = null;
  size = 0;
  /** Why it cannot be read; null when it can or is not there. */
  problem: string | null = null;
  exists = false;
  #known = false;

  constructor(
    readonly kind: TraceKind,
    readonly path: string,
    private readonly within: string,
    private readonly files: Files,
    private readonly clock: Clock,
    /** Every line counts from the start of the file (inbox, outbox); else only what is new. */
    private readonly whole: boolean,
    private readonly handlers: { onLine: (line: string | null) => void; onRestart: () => void },
  ) {}

  /** Look, and read what came. Returns the activity that is new since the look before, and whether more is waiting. */
  look(toleranceMs: number): { activity: number; more: boolean } {
    const stat = this.files.stat(this.path, this.within);
    if (!stat.ok) {
      this.exists = stat.problem !== 'missing';
      this.problem = stat.problem === 'missing' ? null : stat.detail;
      this.#known = true; // A file that appears later is growth, not history.
      return { activity: 0, more: false };
    }
    this.problem = null;
    this.exists = true;
    const first = !this.#known;
    const grew = stat.size > 0 && (stat.size !== this.size || !this.lines.same(stat));
    if (first || grew) this.#noteGrowth(stat, toleranceMs, first);
    this.#known = true;
    const before = this.size;
    this.size = stat.size;
    if (!this.lines.differs(stat)) return { activity: 0, more: false };
    return this.#readOn(stat, first, before);
  }

  #noteGrowth(stat: FileStat, toleranceMs: number, first: boolean): void {
    if (stat.size === 0) return;
    if (!this.whole && first) {
      this.handlers.onRestart();
      this.lines.startAtEnd(stat, this.kind === 'wire_events' ? TAIL_BYTES : 0);
    }
    this.grown = place(this.clock, stat.mtimeMs, toleranceMs).moment;
  }

  #readOn(stat: FileStat, first: boolean, sizeBefore: number): { activity: number; more: boolean } {
    if (!this.whole && stat.size - this.lines.offset > JUMP_BYTES) {
      this.handlers.onRestart();
      this.lines.startAtEnd(stat, TAIL_BYTES);
    }
    const got = this.lines.read(this.files, this.path, this.within, this.handlers.onLine, this.handlers.onRestart);
    if (!got.ok) {
      this.problem = got.problem === 'missing' ? null : got.detail;
      return { activity: 0, more: false };
    }
    // A file that grew without ending a line was still written to: that counts as one event.
    const activity = first ? 0 : Math.max(got.growth.lines, stat.size > sizeBefore ? 1 : 0);
    return { activity: got.growth.restarted && first ? 0 : activity, more: got.growth.more };
  }
}
