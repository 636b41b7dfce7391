import type { FileFailure, FileRead, FileStat, Files } from '../../ports';

/** Read at most this much at one look: more is counted at the following ones. */
const SLICE_BYTES = 256 * 1024;
/** A line longer than this is counted and thrown away unread. */
const LINE_MAX_BYTES = 1024 * 1024;

/** So much of what was read last is compared before reading on: another content is another file, whatever its identity. */
const TAIL_BYTES = 64;

const NEWLINE = 10;
const NO_FILE = -1;

// Each call decodes a whole text: nothing is carried from one to the next.
const decoder = new TextDecoder();

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
  #fileId = NO_FILE;
  #size = -1;
  #mtimeMs = -1;
  /** The last bytes before the offset. */
  #tail: Uint8Array = new Uint8Array();
  #partial: Uint8Array[] = [];
  #partialBytes = 0;
  #skipping = false;

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
    this.#restart(stat.fileId);
    this.#offset = Math.max(0, stat.size - bytes);
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
    let got = files.read(path, within, this.#tail.length + SLICE_BYTES, this.#offset - this.#tail.length);
    if (got.ok && !this.#follows(got)) {
      restarted = this.#fileId !== NO_FILE;
      this.#restart(got.fileId);
      if (restarted) onRestart();
      got = files.read(path, within, SLICE_BYTES, 0);
    }
    if (!got.ok) return got;
    const data = got.data.subarray(this.#tail.length);
    this.#offset += data.length;
    this.#tail = copyOf(got.data.subarray(-TAIL_BYTES));
    this.#size = got.size;
    this.#mtimeMs = got.mtimeMs;
    const lines = this.#split(data, onLine);
    this.count += lines;
    return { ok: true, growth: { lines, restarted, more: this.#offset < got.size && data.length > 0 } };
  }

  /** What was read goes on where we stopped: systems hand the identity of a removed file to the next one. */
  #follows(got: FileRead): boolean {
    if (got.fileId !== this.#fileId || got.size < this.#offset) return false;
    return this.#tail.every((byte, at) => got.data[at] === byte);
  }

  /** The last line where it has no end yet; writers often leave the final newline out. */
  get unfinished(): string {
    return this.#skipping ? '' : decoder.decode(joined(this.#partial, this.#partialBytes));
  }

  #restart(fileId: number): void {
    this.count = 0;
    this.#offset = 0;
    this.#fileId = fileId;
    this.#tail = new Uint8Array();
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
    if (this.#skipping || this.#partialBytes + end.length > LINE_MAX_BYTES) {
      this.#skipping = false;
      this.#dropPartial();
      onLine(null);
      return 1;
    }
    const line = decoder.decode(
      this.#partialBytes ? joined([...this.#partial, end], this.#partialBytes + end.length) : end,
    );
    this.#dropPartial();
    if (line.trim() === '') return 0;
    onLine(line);
    return 1;
  }

  #keep(rest: Uint8Array): void {
    if (this.#skipping || rest.length === 0) return;
    this.#partial.push(copyOf(rest));
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

/** A copy of its own: a view, which is what a Buffer's slice is, would keep everything read along with it alive. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
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
