import { type AnswerFrom, createMemo } from '../../engine/memo';
import type { Clock } from '../../engine/ports';
import type { Settings } from '../../shared/settings';
import type { AnswerHead, UpstreamAnswer } from './upstream';
import { saysItIsWhole } from './whole';

const MEGABYTE = 1024 * 1024;
/** What takes up more than this share of the room is not remembered, and need not be looked through. */
const LARGEST_SHARE = 1 / 8;

type Limits = Pick<Settings, 'OPENAI_BATCH_WINDOW_MS' | 'OPENAI_CACHE_TTL_MS' | 'gatewayMemoMaxMB'>;

/** Answers that identical requests share, as bytes. */
export interface SharedAnswers {
  /** `send` is called where there is no such answer yet; its signal aborts once nobody wants it any more. */
  get(
    key: string,
    send: (signal: AbortSignal) => Promise<UpstreamAnswer>,
    caller: AbortSignal,
  ): Promise<UpstreamAnswer & { from: AnswerFrom }>;
  stats(): { answers: number; bytes: number };
  close(): void;
}

/** `limits`: as the settings are now. */
export function createSharedAnswers(clock: Clock, limits: () => Limits): SharedAnswers {
  let inForce = memoLimits(limits());
  const memo = createMemo<AnswerHead, Uint8Array>({ clock, ...inForce, headBytes, chunkBytes });

  function follow(): void {
    const next = memoLimits(limits());
    if (JSON.stringify(next) === JSON.stringify(inForce)) return;
    inForce = next;
    memo.configure(next);
  }

  return {
    get(key, send, caller) {
      follow();
      const start = async (signal: AbortSignal) => lookedThrough(await send(signal), inForce.maxBytes * LARGEST_SHARE);
      return memo.run({ key, start, signal: caller });
    },
    stats() {
      const { rememberedAnswers, heldBytes } = memo.getStats();
      return { answers: rememberedAnswers, bytes: heldBytes };
    },
    close: () => memo.destroy(),
  };
}

/** Before its end is told, it is known whether it may be remembered. */
function lookedThrough({ head, chunks }: UpstreamAnswer, maxBytes: number) {
  const isSuccess = head.status >= 200 && head.status < 300;
  let isWhole = false;
  async function* watched(): AsyncGenerator<Uint8Array> {
    let seen: Uint8Array[] | null = isSuccess ? [] : null;
    let bytes = 0;
    for await (const came of chunks) {
      const chunk = byItself(came);
      bytes += chunk.length;
      if (bytes > maxBytes) seen = null;
      seen?.push(chunk);
      yield chunk;
    }
    isWhole = seen !== null && (await saysItIsWhole(head, Buffer.concat(seen)));
  }
  return { head, chunks: watched(), isSuccess, isWhole: () => isWhole };
}

/** A piece that is a small part of what was read at once would keep all of that in memory. */
function byItself(chunk: Uint8Array): Uint8Array {
  return chunk.buffer.byteLength > chunk.length * 2 ? new Uint8Array(chunk) : chunk;
}

function memoLimits(settings: Limits) {
  return {
    windowMs: settings.OPENAI_BATCH_WINDOW_MS,
    ttlMs: settings.OPENAI_CACHE_TTL_MS,
    maxBytes: settings.gatewayMemoMaxMB * MEGABYTE,
  };
}

const headBytes = ({ headers }: AnswerHead) => headers.reduce((sum, text) => sum + text.length * 2, 0);
const chunkBytes = (chunk: Uint8Array) => chunk.length;
