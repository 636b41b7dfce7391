import type { Clock } from './ports';

/** Timers by name: setting one anew takes the old one away, so none is ever left behind. */
export class Timers<Name extends string> {
  readonly #cancels = new Map<Name, () => void>();

  constructor(private readonly clock: Clock) {}

  set(name: Name, delayMs: number, run: () => void): void {
    this.cancel(name);
    const cancel = this.clock.after(delayMs, () => {
      this.#cancels.delete(name);
      run();
    });
    this.#cancels.set(name, cancel);
  }

  has(name: Name): boolean {
    return this.#cancels.has(name);
  }

  cancel(name: Name): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  clear(): void {
    for (const name of [...this.#cancels.keys()]) this.cancel(name);
  }
}
