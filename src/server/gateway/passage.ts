import type { Monitor } from '../../engine/monitor-types';
import type { Logger } from '../../engine/ports';
import type { Settings } from '../../shared/settings';
import { type AskedFor, type Target, targetOf } from './address';
import { canBeHeld, hasBody, held, isPlainJson, type RawRequest, readJson } from './body';
import type { GatewayCounts, Outcome } from './counts';
import { badRequest, type Failure, GatewayError } from './failure';
import { forwardedHeaders, headerOf, type RawHeaders } from './headers';
import { mayShare, mayShareAt } from './memo-choice';
import { memoKey } from './memo-key';
import { type CacheWord, deliver, type RawReply, refuse } from './reply';
import { isRepeatable } from './retry';
import type { SharedAnswers } from './shared-answers';
import { RefusedForNow, type Turnstile } from './turnstile';
import type { RequestBody, Upstream, UpstreamAnswer, UpstreamRequest } from './upstream';

export interface PassageParts {
  settings(): Settings;
  monitor: Pick<Monitor, 'openRequest'>;
  upstream: Upstream;
  shared: SharedAnswers;
  turnstile: Turnstile;
  counts: GatewayCounts;
  log: Logger;
}

/** One request's way through the gateway. Settles when it is over, however it ends; never rejects. */
export type Passage = (request: RawRequest, reply: RawReply, asked: AskedFor) => Promise<void>;

export function createPassage(parts: PassageParts): Passage {
  const { settings, monitor, turnstile, counts, log } = parts;
  return async (request, reply, asked) => {
    const gone = new AbortController();
    reply.once('close', () => gone.abort(new Error('the caller has hung up')));
    const pass = turnstile.of(asked.worker, settings());
    const open = monitor.openRequest(asked.worker);
    counts.open += 1;
    let outcome: Outcome;
    try {
      const { cache, ...answer } = await answered(parts, request, asked, pass, gone.signal);
      await deliver(reply, answer, { cache, onChunk: open.chunk, caller: gone.signal });
      outcome = cache === 'hit' || cache === 'shared' ? cache : 'passed';
    } catch (error) {
      outcome = gone.signal.aborted || hasLeft(request) ? 'left' : failed(reply, error, log);
    }
    // What was not read of the body must not keep the connection from its next request.
    request.resume();
    open.close();
    counts.open -= 1;
    counts.requests[outcome] += 1;
    counts.remembered = parts.shared.stats();
  };
}

type Answered = UpstreamAnswer & { cache: CacheWord };

async function answered(
  { settings, upstream, shared }: PassageParts,
  request: RawRequest,
  asked: AskedFor,
  pass: () => void,
  caller: AbortSignal,
): Promise<Answered> {
  const inForce = settings();
  const { method = 'GET', rawHeaders } = request;
  if (inForce.IDLEWATCH_UPSTREAM === null) throw new GatewayError(NO_UPSTREAM);
  const headers = forwardedHeaders(rawHeaders);
  const target = targetOf(inForce.IDLEWATCH_UPSTREAM, asked);
  const repeatable = isRepeatable(method, headerOf(headers, 'idempotency-key'));
  const mayBeShared = method === 'POST' && isForSharing(inForce, asked, rawHeaders);
  const isHeld = hasBody(rawHeaders) && (mayBeShared || repeatable) && canBeHeld(rawHeaders);
  const body: RequestBody = isHeld ? await held(request) : hasBody(rawHeaders) ? request : null;
  const send = (signal: AbortSignal) => {
    pass();
    return upstream.send(
      {
        ...{ target, method, headers, body, isRepeatable: repeatable },
        ...{ timeoutMs: inForce.gatewayTimeoutMs, retries: inForce.gatewayRetries },
      },
      signal,
    );
  };
  const key = mayBeShared ? keyOf({ target, method, headers, body }, inForce, asked) : null;
  if (key === null) return { ...(await send(caller)), cache: 'bypass' };
  const { from, ...answer } = await shared.get(key, async (signal) => send(signal), caller);
  return { ...answer, cache: from };
}

const NO_UPSTREAM: Failure = badRequest('no_upstream', 'The gateway has no upstream: set IDLEWATCH_UPSTREAM.', 503);

/** By all that is known before the body is. */
function isForSharing({ gatewayMemo }: Settings, { rest }: AskedFor, headers: RawHeaders): boolean {
  if (!mayShareAt(gatewayMemo, `/v1${rest}`) || !isPlainJson(headers) || !canBeHeld(headers)) return false;
  return ![headerOf(headers, 'cache-control'), headerOf(headers, 'pragma')].some((value) =>
    /\bno-(?:cache|store)\b/i.test(value ?? ''),
  );
}

/** Null: its answer is not for sharing after all. */
function keyOf(
  { target, method, headers, body }: Pick<UpstreamRequest, 'target' | 'method' | 'headers' | 'body'>,
  { gatewayMemo }: Settings,
  { rest }: AskedFor,
): string | null {
  const json = Buffer.isBuffer(body) ? readJson(body) : null;
  if (!json || !mayShare(gatewayMemo, `/v1${rest}`, json)) return null;
  return memoKey({ method, address: addressOf(target), headers, body: json, bytes: body as Buffer });
}

const addressOf = ({ origin, path }: Target) => origin + path;

/** The body broke off: that is known a moment before the connection's end is. */
function hasLeft({ destroyed, complete }: RawRequest): boolean {
  return destroyed && !complete;
}

/** Tell the caller, as far as that can still be done. */
function failed(reply: RawReply, error: unknown, log: Logger): Outcome {
  if (!(error instanceof GatewayError)) log.warn(`A model request failed in the gateway: ${(error as Error).message}`);
  if (reply.headersSent) {
    // Ended properly it would look whole.
    reply.destroy();
    return 'broken_off';
  }
  const failure = error instanceof GatewayError ? error.failure : UNEXPECTED;
  refuse(reply, failure, error instanceof RefusedForNow ? error.headers : {});
  return outcomeOf(failure);
}

const UNEXPECTED: Failure = {
  status: 502,
  type: 'server_error',
  code: 'gateway_failed',
  message: 'The gateway failed.',
};

function outcomeOf({ status }: Failure): Outcome {
  if (status === 429) return 'limited';
  if (status === 504) return 'timed_out';
  return status === 502 ? 'failed' : 'refused';
}
