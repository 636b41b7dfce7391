/** The constructor of the client's streams, of all its versions. */
export type StreamClass = new (
  iterator: () => AsyncIterator<unknown>,
  controller: AbortController,
  client: object,
) => object;

/** One caller: its own abort, which a stream hands out, tied to the signal it brought. */
export class Caller {
  readonly controller = new AbortController();

  constructor(private readonly own: AbortSignal | undefined) {
    if (own?.aborted) this.#onAbort();
    else own?.addEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = () => this.controller.abort(this.own?.reason);

  /** It waits for nothing any more. */
  done(): void {
    this.own?.removeEventListener('abort', this.#onAbort);
  }

  /** Goes once through what comes. Ends, as the client's own streams do, when the caller aborts. */
  stream<T>(chunks: AsyncIterable<T>, copy: (chunk: T) => T): () => AsyncGenerator<T> {
    const { controller } = this;
    const done = () => this.done();
    let isConsumed = false;
    return async function* () {
      if (isConsumed) throw new Error('Cannot iterate over a consumed stream, use `.tee()` to split the stream.');
      isConsumed = true;
      try {
        for await (const chunk of chunks) yield copy(chunk);
      } catch (error) {
        if (!controller.signal.aborted) throw error;
      } finally {
        done();
      }
    };
  }
}
