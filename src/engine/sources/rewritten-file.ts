import { type Clock, type FileStat, type Files, isSameContent } from '../ports';

/** Writers truncate or remove and rewrite: what is missing or does not parse is believed after this long only. */
const RECHECK_MS = 250;

const decoder = new TextDecoder();

export type Parsed<T> = { ok: true; value: T } | { ok: false; detail: string };

/** What is wrong with the file as it stands; `detail` goes on from the name of the file. */
export interface FileFault {
  kind: 'missing' | 'unreadable' | 'damaged';
  detail: string;
}

export interface RewrittenFileParts<T> {
  path: string;
  /** Real path of the directory it may not lead out of. */
  within: string;
  maxBytes: number;
  parse(text: string): Parsed<T>;
  files: Files;
  clock: Clock;
}

/**
 * Follows one small file that another program writes anew whenever something changes. It is read only when it changed,
 * and a fault is believed only once it has lasted: what was read before stands until then.
 */
export class RewrittenFile<T> {
  /** As last read well; null: never yet. */
  value: T | null = null;
  /** Null: it is as it should be, or was so a moment ago. */
  fault: FileFault | null = null;
  /** As of the last look, whether or not it has lasted. */
  newestFault: FileFault | null = null;
  /** Wall time at which what `value` holds was written; never in the future. */
  writtenAt: number | null = null;
  /** The fault is still in doubt: look again after this long. */
  againInMs: number | null = null;
  /** As of the last look, however short its absence may be. */
  isThere = false;
  #seen: FileStat | null = null;
  #doubtSince: number | null = null;

  constructor(private readonly parts: RewrittenFileParts<T>) {}

  get path(): string {
    return this.parts.path;
  }

  /** Look, and read it if it changed or was in doubt. True when `value` is another one now. */
  look(): boolean {
    const { files, path, within, maxBytes } = this.parts;
    const stat = files.stat(path, within);
    this.isThere = stat.ok || stat.problem !== 'missing';
    if (!stat.ok) return this.#failed(stat);
    if (this.#seen && isSameContent(this.#seen, stat) && this.#doubtSince === null) return false;
    this.#seen = stat;
    if (stat.size > maxBytes) {
      return this.#doubt({ kind: 'unreadable', detail: `it has ${stat.size} bytes; allowed are ${maxBytes}` });
    }
    const got = files.read(path, within, maxBytes);
    if (!got.ok) return this.#failed(got);
    const parsed = this.parts.parse(decoder.decode(got.data));
    if (!parsed.ok) return this.#doubt({ kind: 'damaged', detail: parsed.detail });
    this.value = parsed.value;
    this.writtenAt = Math.min(got.mtimeMs, this.parts.clock.wallMs());
    this.fault = null;
    this.newestFault = null;
    this.againInMs = null;
    this.#doubtSince = null;
    return true;
  }

  /** True when the file is not what was last read: one `stat`. */
  touched(): boolean {
    const stat = this.parts.files.stat(this.parts.path, this.parts.within);
    if (!stat.ok) return this.#seen !== null;
    return this.#doubtSince !== null || this.#seen === null || !isSameContent(this.#seen, stat);
  }

  #failed({ problem, detail }: { problem: string; detail: string }): false {
    this.#seen = null;
    return this.#doubt({ kind: problem === 'missing' ? 'missing' : 'unreadable', detail });
  }

  /** Perhaps half-written: nothing is said of it until the fault has lasted. */
  #doubt(fault: FileFault): false {
    const now = this.parts.clock.monotonicMs();
    this.#doubtSince ??= now;
    const waitedMs = now - this.#doubtSince;
    this.againInMs = waitedMs < RECHECK_MS ? RECHECK_MS - waitedMs : null;
    this.newestFault = fault;
    if (this.againInMs === null) this.fault = fault;
    return false;
  }
}
