import type { Figures } from '../shared/model';
import type { Publisher } from './publisher';
import type { Pulse } from './pulse';
import type { Roster } from './roster';

/** Takes the figures of the charts, and tells them to the windows and to whoever keeps them. */
export class FiguresFeed {
  readonly #listeners = new Set<(figures: Figures) => void>();

  constructor(
    private readonly pulse: Pulse,
    private readonly roster: Roster,
    private readonly publisher: Publisher,
  ) {}

  listen(listener: (figures: Figures) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  take(): void {
    const point = this.pulse.sample();
    this.publisher.point(point);
    const { busy, waiting, stalled, dead } = this.roster.counts.states;
    for (const listener of this.#listeners) listener({ ...point, busy, waiting, wrong: stalled + dead });
  }
}
