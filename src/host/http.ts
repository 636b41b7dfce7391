import type { Http, HttpAnswer } from '../engine/ports';

/** HTTP to servers on this machine and where a person has said. */
export function createHttp(): Http {
  return {
    async ask({ method, url, body, timeoutMs, maxBytes }): Promise<HttpAnswer> {
      try {
        const { address, headers } = authorized(url);
        if (body !== undefined) headers['content-type'] = 'application/json';
        const answer = await fetch(address, {
          method,
          headers,
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { ok: true, status: answer.status, body: await bounded(answer, maxBytes) };
      } catch (error) {
        return { ok: false, reason: reasonOf(error) };
      }
    },
    follow() {
      return { close: () => undefined };
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

async function bounded(answer: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? cause.message : message;
}
