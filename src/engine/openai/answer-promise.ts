/** What the client's own promise offers beside being one. */
export interface ClientPromise<T> extends Promise<T> {
  asResponse(): Promise<unknown>;
  withResponse(): Promise<unknown>;
}

/** The two ways to an answer. Each is gone at most once. */
interface Ways<T> {
  /** Through the memo. */
  shared(): Promise<T>;
  /** A call of this caller alone. */
  own(): ClientPromise<T>;
}

/**
 * Stands in for the promise that the client's `create` returns. Whoever asks it for the HTTP response, in the same breath
 * in which it was made, gets a call of their own: a response can be read by one only. Everybody else shares.
 */
export class AnswerPromise<T> extends Promise<T> {
  static override get [Symbol.species]() {
    return Promise;
  }

  readonly #ways: Ways<T>;
  #shared: Promise<T> | null = null;
  #own: ClientPromise<T> | null = null;

  constructor(ways: Ways<T>) {
    // What this promise itself resolves with is seen by nobody: all that looks at it is overridden below.
    super((resolve) => resolve(undefined as T));
    this.#ways = ways;
    queueMicrotask(() => this.#answer());
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#answer().then(onFulfilled, onRejected);
  }

  override catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#answer().catch(onRejected);
  }

  override finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#answer().finally(onFinally);
  }

  async asResponse(): Promise<unknown> {
    return this.#alone('asResponse').asResponse();
  }

  async withResponse(): Promise<unknown> {
    return this.#alone('withResponse').withResponse();
  }

  #answer(): Promise<T> {
    if (this.#own) return this.#own;
    this.#shared ??= this.#ways.shared();
    return this.#shared;
  }

  #alone(method: string): ClientPromise<T> {
    if (this.#shared)
      throw new Error(
        `${method}() comes too late: the answer may be shared already. Call it where create() is called.`,
      );
    this.#own ??= this.#ways.own();
    return this.#own;
  }
}
