import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { bodyOf } from '../../host/answer-body';
import { ClientError, whyFetchFailed } from './client-error';
import { type Requester, refusalOf } from './request';

/** One that says nothing for so long, not even that it is there, is not there any more. */
const SILENCE_MAX_MS = 60_000;
/** Of one event: a picture of very many workers. */
const EVENT_MAX_LENGTH = 256 * 1024 * 1024;
const ANSWER_TIMEOUT_MS = 10_000;

export interface StreamRequest {
  path: string;
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
}

/**
 * The events of one stream, until it ends. It never ends well: throws a ClientError, or the signal's reason. Whoever leaves
 * the loop closes it.
 */
export async function* eventStream(requester: Requester, request: StreamRequest): AsyncGenerator<EventSourceMessage> {
  const url = requester.url();
  const left = new AbortController();
  const silence = silenceWatch(() => left.abort(new ClientError('lost', `${url} says nothing any more`)));
  const signal = AbortSignal.any([left.signal, ...(request.signal ? [request.signal] : [])]);
  try {
    const answer = await opened(requester, request, signal);
    for await (const events of decoded(bodyOf(answer, signal))) {
      silence.reset();
      yield* events;
    }
    throw new ClientError('lost', `${url} ended the stream`);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ClientError) throw error;
    throw new ClientError('lost', `${url} broke off the stream: ${whyFetchFailed(error)}`);
  } finally {
    silence.stop();
    left.abort();
  }
}

async function opened(requester: Requester, request: StreamRequest, signal: AbortSignal): Promise<Response> {
  const answer = await requester.send('GET', request.path, {
    headers: { ...request.headers, accept: 'text/event-stream' },
    signal,
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  if (!answer.ok) throw refusalOf(answer.status, await answer.json().catch(() => null), requester.url());
  const type = answer.headers.get('content-type') ?? 'nothing';
  if (!type.startsWith('text/event-stream')) {
    throw new ClientError('foreign', `${requester.url()} is no idlewatch: it answers with ${type}, not with events`);
  }
  return answer;
}

async function* decoded(body: AsyncIterable<Uint8Array>): AsyncGenerator<EventSourceMessage[]> {
  let events: EventSourceMessage[] = [];
  let error: Error | null = null;
  const parser = createParser({
    maxBufferSize: EVENT_MAX_LENGTH,
    onEvent: (event) => events.push(event),
    onError: (wrong) => {
      if (wrong.type === 'max-buffer-size-exceeded') error = wrong;
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (error) throw error;
    yield events;
    events = [];
  }
}

function silenceWatch(onSilent: () => void): { reset(): void; stop(): void } {
  const timer = setTimeout(onSilent, SILENCE_MAX_MS);
  return { reset: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}
