import type { AnswerFrom, SharedAnswer } from './types';

/** What a reader needs of the call it reads. */
export interface ReadCall<Head, Chunk> {
  readonly head: Head;
  /** What stands at a place; null: nothing yet. */
  at(position: number): { chunk: Chunk } | { error: unknown } | 'end' | null;
  /** A reader waits for what has not come yet. */
  want(): void;
  /** A reader has gone on, or has left. */
  moved(): void;
  left(reader: CallReader<Head, Chunk>): void;
}

interface Pending<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** One caller of a call: waits for its head, then goes through its chunks at its own pace. */
export class CallReader<Head, Chunk> {
  position = 0;
  #head: Pending<SharedAnswer<Head, Chunk>> | null = null;
  readonly #pending: Pending<IteratorResult<Chunk, undefined>>[] = [];
  /** Set once this reader is through, left or failed. */
  #over: { error: unknown } | 'end' | null = null;

  constructor(
    private readonly call: ReadCall<Head, Chunk>,
    private readonly from: AnswerFrom,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = () => this.fail(this.signal?.reason);

  /** Resolves once the head is there. */
  opened(): Promise<SharedAnswer<Head, Chunk>> {
    return new Promise((resolve, reject) => {
      this.#head = { resolve, reject };
    });
  }

  /** The head has come: hand it out. */
  open(): void {
    const leave = () => this.#leave();
    const chunks: AsyncIterableIterator<Chunk> = {
      next: () => this.#next(),
      return: async () => {
        leave();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => chunks,
    };
    this.#head?.resolve({ from: this.from, head: this.call.head, chunks, leave });
    this.#head = null;
  }

  /** At once, whatever was left to read: whoever waits is told why, and whoever asks from now on. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#finish({ error });
    this.#head?.reject(error);
    for (const pending of this.#pending.splice(0)) pending.reject(error);
  }

  /** Hand out what has come to those who wait for it. */
  serve(): void {
    while (this.#pending.length > 0) {
      const next = this.call.at(this.position);
      if (next === 'end') this.#leave();
      else if (next === null) this.call.want();
      else if ('error' in next) this.fail(next.error);
      else this.#hand(next.chunk);
      if (next === null) break;
    }
  }

  #hand(chunk: Chunk): void {
    this.position += 1;
    this.#pending.shift()?.resolve({ done: false, value: chunk });
    this.call.moved();
  }

  #next(): Promise<IteratorResult<Chunk, undefined>> {
    if (this.#over === 'end') return Promise.resolve({ done: true, value: undefined });
    if (this.#over) return Promise.reject(this.#over.error);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.serve();
    });
  }

  #leave(): void {
    if (this.#over) return;
    this.#finish('end');
    for (const pending of this.#pending.splice(0)) pending.resolve({ done: true, value: undefined });
  }

  #finish(how: { error: unknown } | 'end'): void {
    this.#over = how;
    this.signal?.removeEventListener('abort', this.#onAbort);
    this.call.left(this);
  }
}
