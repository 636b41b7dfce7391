import { z } from 'zod';
import { ClientError, whyFetchFailed } from './client-error';

/** Where an engine is reached. A function is asked before every request: both may be others after a restart. */
export interface Address {
  url: string | (() => string);
  token: string | (() => string);
}

export interface RequestOptions {
  /** Sent as JSON; absent: nothing is sent. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Gives up early; what is asked for rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** For the head of the answer; null: as long as it takes. */
  timeoutMs: number | null;
}

type Method = 'GET' | 'POST';

/** Asks one engine. Rejects with a ClientError. */
export interface Requester {
  url(): string;
  /** The answer, whatever its status was. */
  send(method: Method, path: string, options: RequestOptions): Promise<Response>;
  /** The answer's JSON; one that is no success rejects with the sentence in it. */
  json(method: Method, path: string, options: RequestOptions): Promise<unknown>;
}

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string().min(1) }) });

export function createRequester(address: Address): Requester {
  const url = () => (typeof address.url === 'function' ? address.url() : address.url).replace(/\/+$/, '');
  const authorization = () => `Bearer ${typeof address.token === 'function' ? address.token() : address.token}`;

  async function send(method: Method, path: string, options: RequestOptions): Promise<Response> {
    const { body, headers, signal, timeoutMs } = options;
    const at = url();
    const sent = {
      ...headers,
      authorization: worded(authorization),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const timeout = timeoutMs === null ? null : timeoutAfter(timeoutMs);
    try {
      const ask = timeoutMs === null ? await patientFetch() : fetch;
      return await ask(`${at}${path}`, {
        method,
        redirect: 'error',
        headers: sent,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, timeout?.signal].filter((each) => each !== undefined)),
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (timeout?.signal.aborted)
        throw new ClientError('timeout', `${at} gives no answer within ${(timeoutMs ?? 0) / 1000} s`);
      throw new ClientError('unreachable', `${at} cannot be reached: ${whyFetchFailed(error)}`);
    } finally {
      timeout?.clear();
    }
  }

  return {
    ...{ url, send },
    async json(method, path, options) {
      const answer = await send(method, path, options);
      const value = await jsonOf(answer, url(), options.signal);
      if (answer.ok && value !== undefined) return value;
      throw refusalOf(answer.status, value, url());
    },
  };
}

function worded(token: () => string): string {
  try {
    return token();
  } catch (error) {
    throw new ClientError('token', (error as Error).message);
  }
}

/** Only the head of an answer is waited for with a timeout: a stream may go on for days. */
function timeoutAfter(ms: number): { signal: AbortSignal; clear(): void } {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  return { signal: abort.signal, clear: () => clearTimeout(timer) };
}

/** Node's own fetch gives up after five minutes without a head, which ending a worker may take longer than. */
async function patientFetch(): Promise<typeof fetch> {
  const undici = await import('undici');
  const dispatcher = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 1 });
  return ((input: string, init: RequestInit) =>
    undici.fetch(input, { ...init, dispatcher } as never)) as unknown as typeof fetch;
}

/** Undefined: it is none. */
async function jsonOf(answer: Response, url: string, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await answer.json();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof SyntaxError) return undefined;
    throw new ClientError('lost', `${url} broke off its answer: ${whyFetchFailed(error)}`);
  }
}

/** What an answer that is no success means. `value`: its JSON, if it has any. */
export function refusalOf(status: number, value: unknown, url: string): ClientError {
  const told = refusalSchema.safeParse(value);
  if (!told.success) return new ClientError('foreign', `${url} is no idlewatch: it answers with HTTP ${status}`);
  const { code, message } = told.data.error;
  if (status === 401) {
    return new ClientError('token', `${url} does not take the token; idlewatch token shows the one in force`);
  }
  if (code === 'not_found') return new ClientError('foreign', `${url} is another version of idlewatch: ${message}`);
  return new ClientError(code === 'unknown' ? 'unknown' : 'refused', message);
}
