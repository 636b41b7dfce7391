import type { FileFailure, FileStat, Files } from '../../ports';

/** Read at most this much at one look: more is counted at the following ones. */
const SLICE_BYTES = 256 * 1024;
/** A line longer than this is counted and thrown away unread. */
const LINE_MAX_BYTES = 1024 * 1024;

const NEWLINE = 10;

export interface Growth {
  /** Whole lines that came. */
  lines: number;
  /** The file was replaced or cut short: whatever was counted before is void. */
  restarted: boolean;
  /** There is more to read. */
  more: boolean;
}

/**
 * Counts the lines of a growing file from where it last stopped. Memory is bounded by one slice and one line,
 * whatever the file's size.
 */
export class LineCounter {
  count = 0;
  #offset = 0;
  #fileId = '';
  #size = -1;
  #mtimeMs = -1;
  #partial: Uint8Array[] = [];
  #partialBytes = 0;
  #skipping = false;
  readonly #decoder = new TextDecoder();

  /** Up to where the file was read. */
  get offset(): number {
    return this.#offset;
  }

  /** True when it is still the file that was last read, by its identity. */
  same(stat: FileStat): boolean {
    return stat.fileId === this.#fileId;
  }

  /** True when the file differs from what was last read, so that reading it is worth a call. */
  differs(stat: FileStat): boolean {
    return (
      stat.size !== this.#size ||
      stat.mtimeMs !== this.#mtimeMs ||
      stat.fileId !== this.#fileId ||
      this.#offset < stat.size
    );
  }

  /** Take a file as read up to its last `bytes`: only what comes after counts. */
  startAtEnd(stat: FileStat, bytes = 0): void {
    this.#offset = Math.max(0, stat.size - bytes);
    this.#fileId = stat.fileId;
    this.#skipping = this.#offset > 0 && bytes > 0;
  }

  /**
   * Read the next slice. `onLine` gets each whole line (without its end), or null for one too long to read;
   * `onRestart` is called before the first line of a file that was replaced or cut short.
   */
  read(
    files: Files,
    path: string,
    within: string,
    onLine: (line: string | null) => void,
    onRestart: () => void,
  ): { ok: true; growth: Growth } | FileFailure {
    let restarted = false;
    let got = files.read(path, within, SLICE_BYTES, this.#offset);
    if (got.ok && (got.fileId !== this.#fileId || got.size < this.#offset)) {
      restarted = this.#fileId !== '';
      this.#restart(got.fileId);
      if (restarted) onRestart();
      got = files.read(path, within, SLICE_BYTES, 0);
    }
    if (!got.ok) return got;
    this.#offset += got.data.length;
    this.#size = got.size;
    this.#mtimeMs = got.mtimeMs;
    const lines = this.#split(got.data, onLine);
    this.count += lines;
    return { ok: true, growth: { lines, restarted, more: this.#offset < got.size && got.data.length > 0 } };
  }

  /** The last line where it has no end yet; writers often leave the final newline out. */
  get unfinished(): string {
    return this.#skipping ? '' : this.#decoder.decode(joined(this.#partial, this.#partialBytes));
  }

  #restart(fileId: string): void {
    this.count = 0;
    this.#offset = 0;
    this.#fileId = fileId;
    this.#skipping = false;
    this.#dropPartial();
  }

  #split(data: Uint8Array, onLine: (line: string | null) => void): number {
    let lines = 0;
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      lines += this.#finish(data.subarray(start, end), onLine);
      start = end + 1;
    }
    this.#keep(data.subarray(start));
    return lines;
  }

  /** One line is whole; blank ones do not count. */
  #finish(end: Uint8Array, onLine: (line: string | null) => void): number {
    if (this.#skipping) {
      this.#skipping = false;
      this.#dropPartial();
      onLine(null);
      return 1;
    }
    const line = this.#decoder.decode(
      this.#partialBytes ? joined([...this.#partial, end], this.#partialBytes + end.length) : end,
    );
    this.#dropPartial();
    if (line.trim() === '') return 0;
    onLine(line);
    return 1;
  }

  #keep(rest: Uint8Array): void {
    if (this.#skipping || rest.length === 0) return;
    this.#partial.push(rest.slice());
    this.#partialBytes += rest.length;
    if (this.#partialBytes > LINE_MAX_BYTES) {
      this.#skipping = true;
      this.#dropPartial();
    }
  }

  #dropPartial(): void {
    this.#partial = [];
    this.#partialBytes = 0;
  }
}

function joined(parts: Uint8Array[], bytes: number): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
