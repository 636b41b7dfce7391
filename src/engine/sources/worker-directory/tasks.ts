const KEPT_MAX = 10_000;

/** Which inbox entries have no result yet. Bounded: beyond 10,000 the oldest are forgotten. */
export class TaskLedger {
  readonly #open = new Set<string>();
  readonly #answered = new Set<string>();

  given(id: string): void {
    if (!this.#answered.has(id)) keep(this.#open, id);
  }

  answered(id: string): void {
    this.#open.delete(id);
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
  }

  forgetAnswered(): void {
    this.#answered.clear();
  }

  get openCount(): number {
    return this.#open.size;
  }
}

function keep(set: Set<string>, id: string): void {
  set.add(id);
  if (set.size > KEPT_MAX) set.delete(set.values().next().value as string);
}
