import type { RolloutLine } from './parse';

/** A line may be cut short by a crash: only so many in a row mean anything. */
const ODD_IN_A_ROW = 3;
/** New types come with every release, between those that are known. */
const UNKNOWN_IN_A_ROW = 20;

/** Tells single lines that are not understood from a format that has changed. Pure. */
export class LineDrift {
  #firstOdd: string | null = null;
  #lastOdd = '';
  #oddInARow = 0;
  #unknown = '';
  #unknownInARow = 0;

  /** The next line; a string: what was expected and what was found instead. Null: one too long to read. */
  add(parsed: RolloutLine | string | null): void {
    if (parsed === null) return;
    if (typeof parsed === 'string') {
      this.#firstOdd ??= parsed;
      this.#lastOdd = parsed;
      this.#oddInARow += 1;
      return;
    }
    this.#oddInARow = 0;
    if (parsed.event.kind === 'unknown_line') {
      this.#unknown = parsed.event.type;
      this.#unknownInARow += 1;
    } else {
      this.#unknownInARow = 0;
    }
  }

  /** What was expected and what was found; null: the lines are understood. `isFirst`: none was so far. */
  of(isFirst: boolean): string | null {
    if (isFirst) return this.#firstOdd;
    if (this.#oddInARow >= ODD_IN_A_ROW) return this.#lastOdd;
    return this.#unknownInARow >= UNKNOWN_IN_A_ROW
      ? `expected lines of type event_msg or response_item, found only others, such as ${this.#unknown}`
      : null;
  }
}
