import type { Clock } from '../ports';
import type { MemoStats } from './stats';

/** What a call upstream gives: a head at once, the rest chunk by chunk. */
export interface Answer<Head, Chunk> {
  head: Head;
  /**
   * Ends when all has come, throws when the rest will not come. Asked for the next chunk only when somebody waits for
   * it. Null: the head is all there is.
   */
  chunks: AsyncIterable<Chunk> | null;
  /** False of an answer that tells of an error: it reaches those who share the call already, and nobody else. */
  isSuccess: boolean;
  /** Asked when all chunks have come: is it an answer to remember? Left out: it is. */
  isWhole?: () => boolean;
}

/** Where an answer came from: memory, a call that was under way for somebody else, or a call made for this caller. */
export type AnswerFrom = 'hit' | 'shared' | 'miss';

/** An answer as one of its callers gets it. */
export interface SharedAnswer<Head, Chunk> {
  from: AnswerFrom;
  head: Head;
  /** From the first one on, however late the caller came. To be gone through once; going early is `leave`. */
  chunks: AsyncIterableIterator<Chunk>;
  /** This caller wants no more. The call is cancelled when nobody is left. Twice is once. */
  leave(): void;
}

export interface MemoCall<Head, Chunk> {
  /** Two calls of the same key are identical: it must tell of all that the answer depends on, the credential too. */
  key: string;
  /** Makes the call. The signal aborts when nobody wants the answer any more. */
  start(signal: AbortSignal): Promise<Answer<Head, Chunk>>;
  /** Of this caller alone: its abort rejects what this caller waits for, with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface MemoLimits {
  /** For so long after its start a call and its answer are shared. 0: not by this rule. */
  windowMs: number;
  /** For so long after it came, a whole answer is given again; callers meanwhile share the call. 0: not by this rule. */
  ttlMs: number;
  /** What answers may take up together. One that takes up more than an eighth is shared, and not remembered. */
  maxBytes: number;
}

export interface MemoOptions<Head, Chunk> extends MemoLimits {
  clock: Pick<Clock, 'monotonicMs' | 'after'>;
  headBytes(head: Head): number;
  chunkBytes(chunk: Chunk): number;
}

export interface Memo<Head, Chunk> {
  /**
   * The answer to a call: remembered, shared or new. Resolves with the head, rejects with what `start` rejects with;
   * an error reaches all who share the call, and is not remembered.
   */
  run(call: MemoCall<Head, Chunk>): Promise<SharedAnswer<Head, Chunk>>;
  /** New limits hold from now on, for what is remembered too. */
  configure(limits: MemoLimits): void;
  getStats(): MemoStats;
  /** Cancels all calls, rejects what is pending with a MemoClosedError, and forgets everything. */
  destroy(): void;
}

/** The memo was destroyed. */
export class MemoClosedError extends Error {
  override readonly name = 'MemoClosedError';

  constructor() {
    super('the call was given up: its memo was destroyed');
  }
}
