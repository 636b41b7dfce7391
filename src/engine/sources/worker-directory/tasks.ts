import type { Moment } from '../source';

const KEPT_MAX = 10_000;
/** Of so many open tasks, those given last, it is kept what they are about. */
const DESCRIBED_MAX = 200;

/** What is known of an open task beside its id. */
export interface TaskAbout {
  title: string | null;
  /** When its line was read; of those that stood there at first sight, when the inbox was written. */
  given: Moment | null;
}

/** Which inbox entries have no result yet. Bounded: beyond 10,000 the oldest are forgotten. */
export class TaskLedger {
  readonly #open = new Set<string>();
  readonly #about = new Map<string, TaskAbout>();
  readonly #answered = new Set<string>();

  given(id: string, about?: TaskAbout): void {
    if (this.#answered.has(id)) return;
    keep(this.#open, id);
    if (!about) return;
    this.#about.delete(id); // Mentioned again, it is the newest.
    this.#about.set(id, about);
    if (this.#about.size > DESCRIBED_MAX) this.#about.delete(this.#about.keys().next().value as string);
  }

  answered(id: string): void {
    this.#open.delete(id);
    this.#about.delete(id);
    keep(this.#answered, id);
  }

  isAnswered(id: string): boolean {
    return this.#answered.has(id);
  }

  isGiven(id: string): boolean {
    return this.#open.has(id);
  }

  /** The inbox was replaced: what stood in it is void. */
  forgetGiven(): void {
    this.#open.clear();
    this.#about.clear();
  }

  forgetAnswered(): void {
    this.#answered.clear();
  }

  /** The open tasks given last, newest first. */
  newest(max: number): (TaskAbout & { id: string })[] {
    if (this.#about.size === 0) return [];
    return [...this.#about]
      .slice(-max)
      .reverse()
      .map(([id, about]) => ({ id, ...about }));
  }

  get openCount(): number {
    return this.#open.size;
  }
}

function keep(set: Set<string>, id: string): void {
  set.add(id);
  if (set.size > KEPT_MAX) set.delete(set.values().next().value as string);
}
