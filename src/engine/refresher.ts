import type { Clock } from './ports';
import type { PushListener, Source } from './sources/source';

/** Has sources ask what they cannot ask in passing, each at its own pace, and keep in touch with who tells by itself. */
export class Refresher {
  readonly #cancels = new Map<Source, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly sources: readonly Source[],
    private readonly listener: PushListener,
  ) {}

  /** Ask once now, then at each source's pace. Null where nobody has anything to ask for; else when all have asked. */
  start(): Promise<unknown> | null {
    this.stop();
    for (const source of this.sources) source.connect?.(this.listener);
    const asked = this.sources.flatMap((source) => this.#refresh(source) ?? []);
    return asked.length ? Promise.all(asked) : null;
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    for (const source of this.sources) source.disconnect?.();
  }

  #refresh(source: Source): Promise<void> | null {
    const asking = source.refresh?.();
    if (!asking) return null;
    const marker = () => undefined;
    this.#cancels.set(source, marker);
    return asking.then((ids) => {
      // Stopped, or started anew, while it asked.
      if (this.#cancels.get(source) !== marker) return;
      this.#cancels.set(
        source,
        this.clock.after(source.refreshIntervalMs ?? 0, () => void this.#refresh(source)),
      );
      this.listener.changed(ids);
    });
  }
}
