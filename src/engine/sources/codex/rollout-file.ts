import type { Clock, FileStat, Files } from '../../ports';
import type { Moment } from '../source';
import { LineCounter } from '../worker-directory/line-counter';
import { place } from '../worker-directory/moments';
import { Turns } from './turns';

/** A longer rollout is read from its last part on, after its beginning. */
const WHOLE_MAX_BYTES = 8 * 1024 * 1024;
const TAIL_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 256 * 1024;

const decoder = new TextDecoder();

/** Follows one rollout file. Reading is bounded: a slice at each look. */
export class RolloutFile {
  turns = new Turns(true);
  /** When it last grew; at first sight its mtime. */
  grown: Moment | null = null;
  size = 0;
  /** Why it cannot be read; null when it can. */
  problem: string | null = null;
  /** There are lines that have not been read yet. */
  counting = false;
  readonly #lines = new LineCounter();
  #known = false;
  /** Up to where it reached when it was first seen: what came after that is news. */
  #history = 0;

  constructor(
    readonly path: string,
    private readonly within: string,
    private readonly files: Files,
    private readonly clock: Clock,
  ) {}

  /** Look, and read the next slice of what came. Returns the new lines since the look before; null: it is gone. */
  look(toleranceMs: number): number | null {
    this.counting = false;
    const stat = this.files.stat(this.path, this.within);
    if (!stat.ok) {
      this.problem = stat.detail;
      return stat.problem === 'missing' ? null : 0;
    }
    this.problem = null;
    if (!this.#known) this.#begin(stat);
    if (!this.#lines.differs(stat)) return 0;
    if (stat.size !== this.size || !this.grown) this.grown = place(this.clock, stat.mtimeMs, toleranceMs).moment;
    this.size = stat.size;
    return this.#readOn(this.grown.at);
  }

  /** True when the file is not what was last read: one `stat`. */
  touched(): boolean {
    const stat = this.files.stat(this.path, this.within);
    return stat.ok ? this.problem !== null || this.#lines.differs(stat) : this.problem === null;
  }

  #begin(stat: FileStat): void {
    this.#known = true;
    this.#history = stat.size;
    if (stat.size <= WHOLE_MAX_BYTES) return;
    const head = new Turns(true);
    const got = this.files.read(this.path, this.within, HEAD_BYTES);
    const lines = got.ok ? decoder.decode(got.data).split('\n').slice(0, -1) : [];
    for (const line of lines) head.add(line, stat.mtimeMs);
    this.turns = new Turns(false, head);
    this.#lines.startAtEnd(stat, TAIL_BYTES);
  }

  #readOn(writtenAt: number): number {
    const from = this.#lines.offset;
    const got = this.#lines.read(
      this.files,
      this.path,
      this.within,
      (line) => this.turns.add(line, writtenAt),
      () => {
        this.turns = new Turns(true);
        this.#history = 0;
      },
    );
    if (!got.ok) {
      this.problem = got.detail;
      return 0;
    }
    this.counting = got.growth.more;
    return from < this.#history ? 0 : got.growth.lines;
  }
}
