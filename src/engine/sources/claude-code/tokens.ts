import type { LineUsage } from './parse';

/** One answer's lines stand close together: so many answers are remembered to tell a repeated one. */
const ANSWERS_REMEMBERED = 1_024;

/** Counts the tokens of one transcript, each answer once however often it is written. */
export class TokenCounter {
  #total = 0;
  #counted = false;
  readonly #answers = new Map<string, number>();
  /** Why they are not known, in words; null: they are, as far as they were read. */
  unknown: string | null = null;

  /** Null where they are not known, and where no answer has come yet. */
  get tokens(): number | null {
    return this.unknown === null && this.#counted ? this.#total : null;
  }

  clear(): void {
    this.#total = 0;
    this.#counted = false;
    this.#answers.clear();
    this.unknown = null;
  }

  /** Take what one line says. */
  add(usage: LineUsage): void {
    if (usage === null) return;
    if ('drift' in usage) {
      this.unknown ??= usage.drift;
      return;
    }
    const { messageId, tokens } = usage;
    this.#counted = true;
    const before = messageId === null ? 0 : (this.#answers.get(messageId) ?? 0);
    this.#total += Math.max(0, tokens - before);
    if (messageId !== null) this.#remember(messageId, Math.max(tokens, before));
  }

  #remember(messageId: string, tokens: number): void {
    this.#answers.delete(messageId);
    this.#answers.set(messageId, tokens);
    if (this.#answers.size <= ANSWERS_REMEMBERED) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }
}
