import type { Clock } from '../ports';
import { CallReader, type ReadCall } from './reader';
import type { Answer, AnswerFrom, MemoCall, SharedAnswer } from './types';

/** A caller who keeps the others of a large answer waiting for so long is let go. */
const STALLED_READER_MS = 30_000;

/** What a call needs of the memo it belongs to. */
export interface CallOwner<Head, Chunk> {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
  headBytes(head: Head): number;
  chunkBytes(chunk: Chunk): number;
  /** A call under way holds so many bytes more (or less, below 0). */
  held(bytes: number): void;
  /** False: the call holds too much, or all together do. */
  fits(call: Call<Head, Chunk>): boolean;
  /** Nobody can join any more. */
  closed(call: Call<Head, Chunk>): void;
  /** It is whole, has failed, or nobody wanted it any more. */
  over(call: Call<Head, Chunk>): void;
}

/** One call upstream and all who share its answer. Asks for the next chunk only while somebody waits for it. */
export class Call<Head, Chunk> implements ReadCall<Head, Chunk> {
  readonly startedAtMs: number;
  /** When all of it had come; null: it has not. */
  wholeAtMs: number | null = null;
  /** Key, head and the chunks that are kept. */
  bytes = 0;
  readonly #readers = new Set<CallReader<Head, Chunk>>();
  readonly #abort = new AbortController();
  readonly #kept: { chunk: Chunk; bytes: number }[] = [];
  /** Chunks that all have read and that are kept for nobody. */
  #dropped = 0;
  #answer: Answer<Head, Chunk> | null = null;
  #source: AsyncIterator<Chunk> | null = null;
  #isPulling = false;
  #isOpen = true;
  /** Why no more comes of it: it failed, or was given up. */
  #failure: { error: unknown } | null = null;
  #cancelGivingUp: (() => void) | null = null;

  constructor(
    readonly key: string,
    private readonly owner: CallOwner<Head, Chunk>,
  ) {
    this.startedAtMs = owner.clock.monotonicMs();
    this.#hold(key.length * 2);
  }

  /** True while the answer can still be had from its beginning. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isWorthRemembering(): boolean {
    return this.#isOpen && this.wholeAtMs !== null && (this.#answer?.isWhole?.() ?? true);
  }

  get head(): Head {
    if (!this.#answer) throw new Error('the answer has not begun');
    return this.#answer.head;
  }

  start(start: MemoCall<Head, Chunk>['start']): void {
    const begin = async () => this.#begun(await start(this.#abort.signal));
    begin().catch((error) => this.#failed(error));
  }

  join(from: AnswerFrom, signal: AbortSignal | undefined): Promise<SharedAnswer<Head, Chunk>> {
    const reader = new CallReader<Head, Chunk>(this, from, signal);
    this.#readers.add(reader);
    const opened = reader.opened();
    if (this.#answer) reader.open();
    return opened;
  }

  /** Ends it for everybody. */
  giveUp(error: unknown): void {
    this.#fail(error);
    for (const reader of [...this.#readers]) reader.fail(error);
    this.#abort.abort(error);
    this.#dropSource();
  }

  at(position: number): { chunk: Chunk } | { error: unknown } | 'end' | null {
    return this.#kept[position - this.#dropped] ?? this.#failure ?? (this.wholeAtMs === null ? null : 'end');
  }

  want(): void {
    if (this.#isPulling || this.#isOver || !this.#source) return;
    if (this.#isFull) {
      this.#cancelGivingUp ??= this.owner.clock.after(STALLED_READER_MS, () => this.#dropSlowest());
      return;
    }
    this.#isPulling = true;
    this.#pull(this.#source).catch((error) => this.#failed(error));
  }

  moved(): void {
    if (this.#isOpen || this.#isOver) return;
    const wasFull = this.#isFull;
    this.#trim();
    if (!wasFull || this.#isFull) return;
    this.#cancelGivingUp?.();
    this.#cancelGivingUp = null;
    this.#serve();
  }

  left(reader: CallReader<Head, Chunk>): void {
    this.#readers.delete(reader);
    if (this.#isOver) return;
    if (this.#readers.size === 0) this.giveUp(new Error('nobody wants the answer any more'));
    else this.moved();
  }

  /** Nobody can join any more: chunks are kept only until all have read them. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.owner.closed(this);
    this.moved();
  }

  get #isOver(): boolean {
    return this.#failure !== null || this.wholeAtMs !== null;
  }

  /** Its callers are too far apart: what the fastest waits for would have to be kept for the slowest. */
  get #isFull(): boolean {
    return !this.#isOpen && this.#kept.length > 0 && !this.owner.fits(this);
  }

  #begun(answer: Answer<Head, Chunk>): void {
    this.#source = answer.chunks?.[Symbol.asyncIterator]() ?? null;
    if (this.#isOver) {
      this.#dropSource();
      return;
    }
    this.#answer = answer;
    this.#hold(this.owner.headBytes(answer.head));
    if (!answer.isSuccess) this.close();
    if (!this.#source) this.#whole();
    for (const reader of [...this.#readers]) reader.open();
  }

  async #pull(source: AsyncIterator<Chunk>): Promise<void> {
    const { done, value } = await source.next();
    this.#isPulling = false;
    if (this.#isOver) return;
    if (done) this.#whole();
    else this.#keep(value);
    this.#serve();
  }

  #keep(chunk: Chunk): void {
    const bytes = this.owner.chunkBytes(chunk);
    this.#kept.push({ chunk, bytes });
    this.#hold(bytes);
  }

  #whole(): void {
    this.wholeAtMs = this.owner.clock.monotonicMs();
    this.#end();
  }

  /** Its readers still get what has come before. */
  #failed(error: unknown): void {
    if (this.#isOver) return;
    this.#fail(error);
    if (this.#answer) this.#serve();
    else for (const reader of [...this.#readers]) reader.fail(error);
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#isOpen = false;
    this.#end();
  }

  #serve(): void {
    for (const reader of [...this.#readers]) reader.serve();
  }

  #end(): void {
    this.#cancelGivingUp?.();
    this.#cancelGivingUp = null;
    this.owner.over(this);
  }

  #dropSource(): void {
    // A source that waits for its next chunk may take its time: nobody waits for its farewell.
    const farewell = async () => this.#source?.return?.();
    farewell().catch(() => {});
  }

  #dropSlowest(): void {
    this.#cancelGivingUp = null;
    if (!this.#isFull) return;
    for (const reader of [...this.#readers]) {
      if (reader.position === this.#dropped)
        reader.fail(new Error('the answer was read too slowly: others waited for it'));
    }
  }

  #trim(): void {
    const slowest = Math.min(...[...this.#readers].map(({ position }) => position));
    const read = this.#kept.splice(0, Math.max(0, slowest - this.#dropped));
    this.#dropped += read.length;
    this.#hold(-read.reduce((sum, { bytes }) => sum + bytes, 0));
  }

  #hold(bytes: number): void {
    this.bytes += bytes;
    this.owner.held(bytes);
    if (!this.owner.fits(this)) this.close();
  }
}
