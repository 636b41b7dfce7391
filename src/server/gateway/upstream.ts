import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { Clock } from '../../engine/ports';
import type { Target } from './address';
import { failedToConnect, GatewayError, upstreamFailure } from './failure';
import { headerOf, returnedHeaders } from './headers';
import { waitAfterStatus, waitMs } from './retry';

/** Nobody waits for longer than this for a connection, whatever the upstream may take to answer. */
const CONNECT_MS = 10_000;
const HEADERS_MAX_BYTES = 65_536;

/** What an answer begins with. */
export interface AnswerHead {
  status: number;
  statusText: string;
  /** Names and values by turns, as they came, less those of one hop. */
  headers: string[];
}

export interface UpstreamAnswer {
  head: AnswerHead;
  /** Throws a GatewayError where the rest will not come. Nothing is read of it before it is asked for. */
  chunks: AsyncIterable<Uint8Array>;
}

/** A body that is at hand as a whole, one that is still coming, or none. */
export type RequestBody = Buffer | Readable | null;

export interface UpstreamRequest {
  target: Target;
  method: string;
  headers: string[];
  body: RequestBody;
  /** It may be sent again even where it may have been done already. */
  isRepeatable: boolean;
  /** As the settings are now. */
  timeoutMs: number;
  retries: number;
}

export interface Upstream {
  /** Resolves with the head of the answer; rejects with a GatewayError, or the signal's reason. */
  send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

export interface UpstreamOptions {
  clock: Pick<Clock, 'after'>;
  /** For connecting, as the settings are now. */
  timeoutMs(): number;
  /** A request is sent again. */
  onRetry(): void;
}

/** Sends requests to upstreams over connections that are kept, and again after passing failures where that is safe. */
export function createUpstream({ clock, timeoutMs, onRetry }: UpstreamOptions): Upstream {
  const agent = new Agent({ connect: patientConnector(timeoutMs), maxHeaderSize: HEADERS_MAX_BYTES });

  async function send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer> {
    for (let tried = 0; ; tried += 1) {
      const mayTryAgain = tried < request.retries;
      const wait = await once(request, signal, mayTryAgain, tried);
      if (typeof wait !== 'number') return wait;
      await pause(clock, wait, signal);
      onRetry();
    }
  }

  /** One try: the answer, or how long to wait before the next one. */
  async function once(request: UpstreamRequest, signal: AbortSignal, mayTryAgain: boolean, tried: number) {
    let answer: Dispatcher.ResponseData;
    try {
      answer = await agent.request(optionsOf(request, signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const cause = error as Error;
      if (mayTryAgain && maySendAgain(request, cause)) return waitMs(tried);
      throw new GatewayError(upstreamFailure(cause, request.target.shown, request.timeoutMs));
    }
    const head = headOf(answer);
    const wait = request.isRepeatable
      ? waitAfterStatus(head.status, headerOf(head.headers, 'retry-after'), tried)
      : null;
    if (mayTryAgain && wait !== null && canBeReadAgain(request.body)) {
      answer.body.on('error', () => undefined).destroy();
      return wait;
    }
    return { head, chunks: chunksOf(answer.body, request, signal) };
  }

  return { send, close: () => agent.destroy() };
}

/** What did not get as far as a connection was surely not done. Of other failures, a timeout is not waited for twice. */
function maySendAgain(request: UpstreamRequest, error: Error): boolean {
  if (!canBeReadAgain(request.body)) return false;
  if (failedToConnect(error)) return true;
  return request.isRepeatable && upstreamFailure(error, '', 0).status === 502;
}

/** A body that is still coming can be sent once, unless nothing was taken of it so far. */
function canBeReadAgain(body: RequestBody): boolean {
  return !(body instanceof Readable) || !body.readableDidRead;
}

function optionsOf(request: UpstreamRequest, signal: AbortSignal): Dispatcher.RequestOptions {
  const { target, method, headers, body, timeoutMs } = request;
  return {
    ...{ origin: target.origin, path: target.path, method, headers, signal },
    body: body instanceof Readable ? Readable.from(bytesOf(body), { objectMode: false }) : body,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    responseHeaders: 'raw',
  };
}

/** Begins to read when asked to, and lets go by what is not wanted: the caller must still be able to hear the answer. */
async function* bytesOf(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } finally {
    body.resume();
  }
}

async function* chunksOf(body: Readable, request: UpstreamRequest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new GatewayError(upstreamFailure(error as Error, request.target.shown, request.timeoutMs));
  }
}

function headOf({ statusCode, statusText, headers }: Dispatcher.ResponseData): AnswerHead {
  return { status: statusCode, statusText, headers: returnedHeaders(headers as unknown as string[]) };
}

/** Connects within the timeout that holds at the time. */
function patientConnector(timeoutMs: () => number): buildConnector.connector {
  const make = (timeout: number) => ({ timeout, connect: buildConnector({ timeout }) });
  let made = make(CONNECT_MS);
  return (options, callback) => {
    const timeout = Math.min(CONNECT_MS, timeoutMs());
    if (made.timeout !== timeout) made = make(timeout);
    made.connect(options, callback);
  };
}

function pause(clock: Pick<Clock, 'after'>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
