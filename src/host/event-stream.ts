import { createParser } from 'eventsource-parser';
import { bodyOf } from './answer-body';

export interface FollowRequest {
  address: string;
  headers: Record<string, string>;
}

export interface FollowListener {
  event(data: string): void;
  end(reason: string): void;
}

/** A longer event is left out; the stream goes on. */
const EVENT_MAX_LENGTH = 1024 * 1024;
/** Servers that keep a stream open send something now and then. One that sends nothing for so long is not there any more. */
const SILENCE_MAX_MS = 60_000;

/** Follow a stream of server-sent events. `end` is called once, unless it was closed by us. */
export function followEvents({ address, headers }: FollowRequest, on: FollowListener): { close(): void } {
  const abort = new AbortController();
  let silence: NodeJS.Timeout | undefined;
  let isOver = false;

  function finish(reason: string | null): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(silence);
    abort.abort();
    if (reason !== null) on.end(reason);
  }

  function listen(): void {
    clearTimeout(silence);
    silence = setTimeout(() => finish(`nothing came for ${SILENCE_MAX_MS / 1000} s`), SILENCE_MAX_MS);
  }

  async function read(): Promise<void> {
    const accept = { accept: 'text/event-stream', 'cache-control': 'no-store' };
    const answer = await fetch(address, {
      headers: { ...headers, ...accept },
      redirect: 'error',
      signal: abort.signal,
    });
    const type = answer.headers.get('content-type') ?? 'no type';
    if (answer.status !== 200) return finish(`it answers with HTTP ${answer.status}`);
    if (!type.startsWith('text/event-stream')) return finish(`it answers with ${type}, not with events`);
    const feed = boundedFeed((data) => !isOver && on.event(data));
    const decoder = new TextDecoder();
    for await (const chunk of bodyOf(answer, abort.signal)) {
      listen();
      feed(decoder.decode(chunk, { stream: true }));
    }
    finish('it closed the stream');
  }

  listen();
  read().catch((error: Error) => finish(error.cause instanceof Error ? error.cause.message : error.message));
  return { close: () => finish(null) };
}

/** Feeds a parser that gives up on an event that is too long: what is left of it reads as lines that mean nothing. */
function boundedFeed(onData: (data: string) => void): (text: string) => void {
  let isTooLong = false;
  const parser = createParser({
    maxBufferSize: EVENT_MAX_LENGTH,
    onEvent: ({ data }) => onData(data),
    onError: ({ type }) => {
      isTooLong ||= type === 'max-buffer-size-exceeded';
    },
  });
  return (text) => {
    parser.feed(text);
    if (!isTooLong) return;
    isTooLong = false;
    parser.reset();
  };
}
