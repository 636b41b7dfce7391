import { type Figures, isRoutine, type LoggedEvent, type Silence } from '../../shared/model';

/** So many of each kind wait at most. */
export const WAITING_MAX = 10_000;
/** Over that, so many go at once: finding those that matter least takes a look at all. */
const DROPPED_AT_ONCE = 500;
/** One transaction takes so many of each kind: some milliseconds. */
const BATCH = 250;

export interface WaitingEvent {
  event: LoggedEvent;
  /** `event.data` as it was when it came, as JSON; null: there is none. */
  data: string | null;
  /** It was passed on before it could be kept. */
  told: boolean;
}

/** The oldest of what waits. */
export interface Batch {
  events: readonly WaitingEvent[];
  figures: readonly Figures[];
  silences: readonly Silence[];
}

/** What waits for the disk, within bounds. */
export class Backlog {
  events: WaitingEvent[] = [];
  figures: Figures[] = [];
  silences: Silence[] = [];
  /** Events that found no room. */
  lost = 0;

  get isEmpty(): boolean {
    return !this.events.length && !this.figures.length && !this.silences.length;
  }

  batch(): Batch {
    return {
      events: this.events.slice(0, BATCH),
      figures: this.figures.slice(0, BATCH),
      silences: this.silences.slice(0, BATCH),
    };
  }

  /** The figures alone. */
  figuresBatch(): Batch {
    return { events: [], figures: this.figures.slice(0, BATCH), silences: [] };
  }

  /** It is on the disk. */
  written({ events, figures, silences }: Batch): void {
    this.events.splice(0, events.length);
    this.figures.splice(0, figures.length);
    this.silences.splice(0, silences.length);
  }

  /** Drop what is too much: the oldest, of events first those of work that begins and ends. */
  keepWithin(): void {
    if (this.figures.length > WAITING_MAX) this.figures.splice(0, DROPPED_AT_ONCE);
    if (this.silences.length > WAITING_MAX) this.silences.splice(0, DROPPED_AT_ONCE);
    if (this.events.length > WAITING_MAX) this.#dropEvents();
  }

  #dropEvents(): void {
    const before = this.events.length;
    let left = DROPPED_AT_ONCE;
    this.events = this.events.filter(({ event }) => {
      if (left === 0 || !isRoutine(event)) return true;
      left -= 1;
      return false;
    });
    this.events.splice(0, left);
    this.lost += before - this.events.length;
  }
}
