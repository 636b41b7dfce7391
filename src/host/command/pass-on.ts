import type { Readable } from 'node:stream';
import type { BoundedLog } from './bounded-log';
import type { Sink } from './sink';

/** What comes after the command's own end, from processes it left behind, is passed on until it is quiet for so long … */
const LINGER_QUIET_MS = 500;
/** … or for this long in all, once nothing of the command itself can be among it. */
const LINGER_MAX_MS = 5_000;
/** More than the largest pipe holds, and what was read of it beforehand. */
const LARGEST_PIPE_BYTES = 2 * 1024 * 1024;
const LINGER_CHECK_MS = 50;

export interface Passage {
  source: Readable;
  closeSource(): void;
  /** Null: it is not shown to anyone. */
  sink: Sink | null;
  log: BoundedLog | null;
  onOutput(bytes: number): void;
  /** Nobody takes what is put out any more, with the system's error. */
  onRefused(error: NodeJS.ErrnoException): void;
}

/** Passes on what comes from one source, as fast as it is taken and no faster. */
export class PassOn {
  /** Resolves once the source is at its end or closed. */
  readonly done: Promise<void>;
  #isHeldUp = false;
  #isHandling = false;
  #isClosed = false;
  #readBytes = 0;
  #lastReadMs = performance.now();

  constructor(private readonly passage: Passage) {
    this.done = this.#run();
  }

  get isHeldUp(): boolean {
    return this.#isHeldUp;
  }

  /** The command has ended: what it left behind is passed on, see LINGER_QUIET_MS. */
  async finish(): Promise<void> {
    const { source, closeSource } = this.passage;
    const endedMs = performance.now();
    const readBefore = this.#readBytes;
    this.#lastReadMs = endedMs;
    const isOver = (): boolean => {
      const now = performance.now();
      const isEmpty = !this.#isHandling && source.readableLength === 0;
      if (isEmpty && now - this.#lastReadMs > LINGER_QUIET_MS) return true;
      return now - endedMs > LINGER_MAX_MS && (isEmpty || this.#readBytes - readBefore > LARGEST_PIPE_BYTES);
    };
    const check = (): void => {
      // What has come while this process was busy elsewhere is read first.
      if (isOver()) setImmediate(() => isOver() && closeSource());
    };
    const timer = setInterval(check, LINGER_CHECK_MS);
    await this.done;
    clearInterval(timer);
  }

  /** Pass on nothing more. */
  close(): void {
    this.#isClosed = true;
    this.passage.sink?.close();
    this.passage.closeSource();
  }

  async #run(): Promise<void> {
    const { source, closeSource, onRefused } = this.passage;
    try {
      for await (const chunk of source) await this.#handle(chunk as Uint8Array);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // EIO: the last process on the other side of a pseudo-terminal is gone.
      const isEnd = this.#isClosed || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EIO';
      if (!isEnd) onRefused(error as NodeJS.ErrnoException);
    } finally {
      // Whoever still writes is told by the system, as it would be without us.
      closeSource();
    }
  }

  async #handle(chunk: Uint8Array): Promise<void> {
    const { sink, log, onOutput } = this.passage;
    this.#isHandling = true;
    this.#readBytes += chunk.length;
    onOutput(chunk.length);
    try {
      const logged = log?.append(chunk);
      this.#isHeldUp = true;
      await sink?.write(chunk);
      this.#isHeldUp = false;
      await logged;
    } finally {
      this.#isHeldUp = false;
      this.#isHandling = false;
      this.#lastReadMs = performance.now();
    }
  }
}
