import type { CommandListener } from '../../engine/command-runner';
import type { BoundedLog } from './bounded-log';
import { type Passage, PassOn } from './pass-on';

/** What one command puts out, on its way to whoever reads it and into the log. */
export class Outlets {
  readonly #passages: PassOn[] = [];
  #hasGivenUp = false;

  constructor(
    private readonly log: BoundedLog | null,
    private readonly listener: CommandListener,
  ) {}

  add({ name, ...outlet }: Pick<Passage, 'source' | 'closeSource' | 'sink'> & { name: string }): void {
    const { onOutput, onNotice } = this.listener;
    const onRefused = ({ code, message }: NodeJS.ErrnoException): void => {
      // That the reader has seen enough is told to the command, and is nothing to tell a person.
      if (code !== 'EPIPE') onNotice(`${name} cannot be passed on any more: ${message}`);
    };
    this.#passages.push(new PassOn({ ...outlet, log: this.log, onOutput, onRefused }));
  }

  isHeldUp(): boolean {
    return this.#passages.some((passage) => passage.isHeldUp);
  }

  giveUp(): void {
    this.#hasGivenUp = true;
    for (const passage of this.#passages) passage.close();
  }

  /** Resolves once all is passed on, or after `limitMs`. Only after the command's end. */
  async finish(limitMs: number | null): Promise<void> {
    const limit = limitMs === null ? null : setTimeout(() => this.giveUp(), limitMs);
    if (!this.#hasGivenUp) await Promise.all(this.#passages.map((passage) => passage.finish()));
    if (limit) clearTimeout(limit);
    await this.log?.close();
  }
}
