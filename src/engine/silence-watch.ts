import type { Silence } from '../shared/model';

/** Tells of silences that came near a threshold, each once it is over: what a backtest goes by. */
export class SilenceWatch {
  readonly #listeners = new Set<(silence: Silence) => void>();

  listen(listener: (silence: Silence) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
