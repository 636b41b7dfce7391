import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import type { AnswerFrom } from '../../engine/memo';
import { type Failure, failureBody } from './failure';
import type { UpstreamAnswer } from './upstream';

export type RawReply = FastifyReply['raw'];

/** Said with every answer: whether it was at hand (`hit`), on its way already (`shared`), asked for (`miss`), or none of a kind to share (`bypass`). */
export type CacheWord = AnswerFrom | 'bypass';
const CACHE_HEADER = 'x-idlewatch-cache';

/** Give the caller what the upstream gives, as fast as it is read. Rejects when the rest will not come. */
export async function deliver(
  reply: RawReply,
  { head, chunks }: UpstreamAnswer,
  { cache, onChunk, caller }: { cache: CacheWord; onChunk(): void; caller: AbortSignal },
): Promise<void> {
  // The head goes with the first piece where that is at hand, and by itself where it is not.
  reply.cork();
  setImmediate(() => reply.uncork());
  reply.writeHead(head.status, head.statusText, [...head.headers, CACHE_HEADER, cache]);
  // As flushHeaders does, which would write a header's bytes as UTF-8.
  reply.write('', 'latin1');
  for await (const chunk of chunks) {
    onChunk();
    if (!reply.write(chunk)) await once(reply, 'drain', { signal: caller });
  }
  reply.end();
}

/** The gateway's own answer. */
export function refuse(reply: RawReply, failure: Failure, headers: Record<string, string> = {}): void {
  const body = failureBody(failure);
  reply.writeHead(failure.status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    [CACHE_HEADER]: 'bypass',
  });
  reply.end(body);
}
