import { type FileHandle, open } from 'node:fs/promises';

const STEP_BYTES = 64 * 1024;
/** Room for the line that tells what is left out, whatever its number. */
const MARKER_BYTES = 80;
/** After a failure it is tried again no sooner than this. */
const RETRY_MS = 5_000;

export interface BoundedLogOptions {
  path: string;
  /** The file never grows beyond this. */
  maxBytes: number;
  /** For the first time something had to be left out. */
  onFirstDrop(): void;
  /** For the first time it could not be written, with the reason. */
  onTrouble(reason: string): void;
}

/** The log of one run: everything it puts out, or its first half and its newest part. */
export interface BoundedLog {
  /** Append bytes, in the order of the calls. Resolves once they are written or lost; never rejects. */
  append(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * A log that stays below a size. At the limit its middle is dropped in place: the first half stays, a line says how much
 * is missing, and of the rest the newest part, a quarter of the limit, is moved down behind that line. Lines are kept
 * whole where they are shorter than 64 KiB. It holds no more than 64 KiB in memory, and never opens a link.
 */
export function createBoundedLog(options: BoundedLogOptions): BoundedLog {
  const log = new LogFile(options);
  let last: Promise<void> = Promise.resolve();
  return {
    append(chunk) {
      last = last.then(() => log.append(chunk));
      return last;
    },
    async close() {
      await last;
      await log.close();
    },
  };
}

class LogFile {
  #file: FileHandle | null = null;
  #size = 0;
  /** Where the part behind the marker begins; null: nothing was dropped yet. */
  #tailAt: number | null = null;
  #droppedBytes = 0;
  #lostBytes = 0;
  #hadTrouble = false;
  #retryAtMs = 0;

  constructor(private readonly options: BoundedLogOptions) {}

  async append(chunk: Uint8Array): Promise<void> {
    if (this.#lostBytes > 0 && performance.now() < this.#retryAtMs) {
      this.#lostBytes += chunk.length;
      return;
    }
    let written = 0;
    try {
      if (this.#lostBytes > 0) await this.#tellLost();
      while (written < chunk.length) written += await this.#put(chunk.subarray(written));
    } catch (error) {
      this.#lostBytes += chunk.length - written;
      this.#retryAtMs = performance.now() + RETRY_MS;
      if (!this.#hadTrouble) this.options.onTrouble((error as Error).message);
      this.#hadTrouble = true;
    }
  }

  async close(): Promise<void> {
    if (this.#lostBytes > 0) await this.#tellLost().catch(() => undefined);
    await this.#file?.close().catch(() => undefined);
  }

  async #opened(): Promise<FileHandle> {
    this.#file ??= await open(this.options.path, 'wx+', 0o600);
    return this.#file;
  }

  /** Write as much as has room, at the end; returns how much. What a full disk took of it is written over by the next. */
  async #put(bytes: Uint8Array): Promise<number> {
    const file = await this.#opened();
    if (this.#size >= this.options.maxBytes) await this.#drop();
    const piece = bytes.subarray(0, this.options.maxBytes - this.#size);
    await writeAll(file, piece, this.#size);
    this.#size += piece.length;
    return piece.length;
  }

  async #tellLost(): Promise<void> {
    await this.#put(
      Buffer.from(`\n… ${inWords(this.#lostBytes)} of output could not be written here by idlewatch …\n`),
    );
    this.#lostBytes = 0;
  }

  async #drop(): Promise<void> {
    const file = await this.#opened();
    const { maxBytes, onFirstDrop } = this.options;
    const isFirst = this.#tailAt === null;
    const headEnd = isFirst ? await endOfLine(file, Math.floor(maxBytes / 2), -1) : 0;
    const tailAt = this.#tailAt ?? headEnd + MARKER_BYTES;
    const keptFrom = await endOfLine(file, Math.max(tailAt, this.#size - Math.floor(maxBytes / 4)), this.#size);
    this.#droppedBytes += keptFrom - (isFirst ? headEnd : tailAt);
    await this.#mark(tailAt - MARKER_BYTES);
    this.#tailAt = tailAt;
    const buffer = Buffer.alloc(STEP_BYTES);
    let to = tailAt;
    for (let from = keptFrom; from < this.#size; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(STEP_BYTES, this.#size - from), from);
      if (bytesRead === 0) break;
      await writeAll(file, buffer.subarray(0, bytesRead), to);
      from += bytesRead;
      to += bytesRead;
    }
    await file.truncate(to);
    this.#size = to;
    if (isFirst) onFirstDrop();
  }

  async #mark(at: number): Promise<void> {
    const text = Buffer.from(`\n… ${inWords(this.#droppedBytes)} of output dropped here by idlewatch …`);
    const marker = Buffer.alloc(MARKER_BYTES, ' ');
    text.copy(marker, 0, 0, MARKER_BYTES - 1);
    marker[MARKER_BYTES - 1] = 0x0a;
    await writeAll(await this.#opened(), marker, at);
  }
}

/** In the units of --max-output: `640 B`, `12.3 kB`, `10 MB`. */
export function inWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${value.toFixed(1).replace(/\.0$/, '')} ${unit}`;
}

/**
 * The nearest place behind a line's end: at or after `at` and before `limit`, or, where `limit` is -1, before `at`. `at`
 * itself where there is none within 64 KiB.
 */
async function endOfLine(file: FileHandle, at: number, limit: number): Promise<number> {
  const isBackwards = limit === -1;
  const from = isBackwards ? Math.max(0, at - STEP_BYTES) : at;
  const length = isBackwards ? at - from : Math.max(0, Math.min(STEP_BYTES, limit - at));
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
  const seen = buffer.subarray(0, bytesRead);
  const index = isBackwards ? seen.lastIndexOf(0x0a) : seen.indexOf(0x0a);
  return index === -1 || from + index + 1 === limit ? at : from + index + 1;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
