import type { Http, HttpAnswer } from '../engine/ports';
import { bodyOf } from './answer-body';
import { followEvents } from './event-stream';

/** HTTP to servers on this machine and where a person has said. */
export function createHttp(): Http {
  return {
    async ask({ method, url, body, timeoutMs, maxBytes }): Promise<HttpAnswer> {
      try {
        const { address, headers } = authorized(url);
        const signal = AbortSignal.timeout(timeoutMs);
        if (body !== undefined) headers['content-type'] = 'application/json';
        const answer = await fetch(address, {
          method,
          headers,
          redirect: 'error',
          signal,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { ok: true, status: answer.status, body: await bounded(bodyOf(answer, signal), maxBytes) };
      } catch (error) {
        return { ok: false, reason: reasonOf(error, timeoutMs) };
      }
    },
    follow(url, on) {
      try {
        return followEvents(authorized(url), on);
      } catch (error) {
        const reason = reasonOf(error, 0);
        queueMicrotask(() => on.end(reason));
        return { close: () => undefined };
      }
    },
  };
}

/** fetch takes no user and password in an address. */
function authorized(url: string): { address: string; headers: Record<string, string> } {
  const parsed = new URL(url);
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers: Record<string, string> = {};
  if (username || password) headers.authorization = `Basic ${Buffer.from(secret).toString('base64')}`;
  return { address: parsed.href, headers };
}

async function bounded(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch failed` says nothing: what went wrong stands in its cause, which may be several tries of one name. */
function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  if (cause instanceof AggregateError) return cause.errors.map((one) => (one as Error).message).join('; ');
  return cause instanceof Error && cause.message ? cause.message : message;
}
