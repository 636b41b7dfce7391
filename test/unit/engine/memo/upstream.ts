import { createMemo, type Memo, type MemoLimits, type SharedAnswer } from '../../../../src/engine/memo';
import { SteppedClock } from '../../../fakes/stepped-clock';

export const LIMITS: MemoLimits = { windowMs: 150, ttlMs: 60_000, maxBytes: 8_000 };

/** One call upstream that goes on as the test says. */
export class UpstreamCall {
  pulls = 0;
  returned = false;
  /** Its end was handed out. */
  isOver = false;
  isWhole = true;
  #queue: ({ value: string } | 'end' | { error: unknown })[] = [];
  #wake: (() => void) | null = null;
  #open: { resolve(): void; reject(error: unknown): void } | null = null;

  constructor(
    readonly key: string,
    readonly signal: AbortSignal,
  ) {}

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#open = { resolve, reject };
    });
  }

  open(): void {
    this.#open?.resolve();
  }

  refuse(error: unknown): void {
    this.#open?.reject(error);
  }

  push(...values: string[]): void {
    this.#add(...values.map((value) => ({ value })));
  }

  end(): void {
    this.#add('end');
  }

  fail(error: unknown): void {
    this.#add({ error });
  }

  #add(...items: ({ value: string } | 'end' | { error: unknown })[]): void {
    this.#queue.push(...items);
    this.#wake?.();
  }

  chunks(): AsyncIterable<string> {
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          this.pulls += 1;
          while (this.#queue.length === 0) {
            await new Promise<void>((resolve) => {
              this.#wake = resolve;
            });
          }
          const item = this.#queue.shift();
          if (item === undefined || item === 'end') {
            this.isOver = true;
            return { done: true, value: undefined };
          }
          if ('error' in item) throw item.error;
          return { done: false, value: item.value };
        },
        return: async () => {
          this.returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
  }
}

/** A memo over an upstream in the test's hands. Head and chunks weigh their length. */
export function memoOver(limits: Partial<MemoLimits> = {}) {
  const clock = new SteppedClock();
  const calls: UpstreamCall[] = [];
  const memo: Memo<string, string> = createMemo({
    ...LIMITS,
    ...limits,
    clock,
    headBytes: (head) => head.length,
    chunkBytes: (chunk) => chunk.length,
  });
  const ask = (key = 'k', options: { signal?: AbortSignal; isSuccess?: boolean } = {}) =>
    memo.run({
      key,
      signal: options.signal,
      async start(signal) {
        const call = new UpstreamCall(key, signal);
        calls.push(call);
        const at = calls.length;
        await call.opened();
        return {
          head: `head ${at}`,
          chunks: call.chunks(),
          isSuccess: options.isSuccess ?? true,
          isWhole: () => call.isWhole,
        };
      },
    });
  /** The call of that number, 1 the first. */
  const call = (at: number): UpstreamCall => {
    const found = calls[at - 1];
    if (!found) throw new Error(`there were ${calls.length} calls only`);
    return found;
  };
  return { clock, memo, ask, call, calls };
}

export async function readAll(answer: SharedAnswer<string, string>): Promise<string> {
  let text = '';
  for await (const chunk of answer.chunks) text += chunk;
  return text;
}

/** Lets everything that is ready happen. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
