import type { LoggedEvent } from '../../shared/model';
import type { ClientError } from './client-error';
import { eventStream } from './event-stream';
import type { Requester } from './request';
import { retried } from './retried';

export interface EventsOptions {
  /** Begin behind this event; absent: with what happens from now on. */
  after?: number;
  /** Only these, by the names of `eventName`; absent: all. */
  kinds?: readonly string[];
  signal?: AbortSignal;
  /** The stream was lost, and is asked for again after `waitMs`. */
  onLost?(error: ClientError, waitMs: number): void;
}

/**
 * Every event once and in its order, over lost streams and restarts: each new stream begins behind the last event that
 * came.
 */
export function eventsOver(requester: Requester, options: EventsOptions): AsyncGenerator<LoggedEvent> {
  const { kinds, signal, onLost } = options;
  const path = kinds ? `/api/events?kinds=${encodeURIComponent(kinds.join(','))}` : '/api/events';
  let after = options.after ?? null;

  async function* once(): AsyncGenerator<LoggedEvent> {
    const headers: Record<string, string> = after === null ? {} : { 'last-event-id': String(after) };
    for await (const { data } of eventStream(requester, { path, headers, signal })) {
      const event = JSON.parse(data) as LoggedEvent;
      after = event.id;
      yield event;
    }
  }

  return retried(once, { signal, onLost });
}
