import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Journal } from '../../../engine/journal';
import { EVENT_NAMES_ALLOWED, eventNamesIn } from '../../../shared/event-names';
import { eventName, type LoggedEvent } from '../../../shared/model';
import { show } from '../../../shared/setting-words';
import { ApiError } from '../errors';
import { invalid } from '../faults';
import { errors } from '../schemas/answers';
import { loggedEvent } from '../schemas/snapshot';
import type { EventStream, Streams } from '../streams';

/** Read at a time; between two others get their turn. */
const PAGE = 200;

const id = z
  .string()
  .regex(/^\d{1,15}$/)
  .describe('the id of an event, a whole number');
const schema = {
  summary: 'Events as they happen (SSE)',
  description: 'Behind `after`, or the header `Last-Event-ID`, what was kept comes first. `data` is a LoggedEvent.',
  querystring: z.strictObject({
    after: id.optional().describe('the id of an event; 0 begins with the oldest'),
    kinds: z.string().optional().describe(`names of events, separated by commas: ${EVENT_NAMES_ALLOWED}`),
  }),
  response: { 200: { content: { 'text/event-stream': { schema: loggedEvent } } }, ...errors },
};

/** The event log as a stream that can be taken up again where it was lost. */
export function registerEvents(plain: FastifyInstance, journal: Journal, streams: Streams): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.get('/api/events', { schema, config: { isStream: true } }, (request, reply) => {
    const after = lastEventId(request.headers['last-event-id']) ?? request.query.after;
    const isWanted = choiceOf(request.query.kinds);
    const from = after === undefined ? null : beginning(journal, Number(after));
    void follow(journal, streams.open(reply), { from, isWanted });
  });
}

/** A browser that takes up its stream again names the last event it saw. */
function lastEventId(given: string | string[] | undefined): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (id.safeParse(given).success) return String(given);
  throw invalid(`Last-Event-ID is ${show(given)}; allowed is the id of an event, a whole number`);
}

function choiceOf(kinds: string | undefined): (event: LoggedEvent) => boolean {
  if (kinds === undefined) return () => true;
  const chosen = eventNamesIn(kinds);
  if ('wrong' in chosen) throw invalid(`kinds names ${show(chosen.wrong)}; allowed are ${EVENT_NAMES_ALLOWED}`);
  return (event) => chosen.names.includes(eventName(event));
}

/** Of a log that was begun anew the newest event may have a smaller id than one the client knows. */
function beginning(journal: Journal, after: number): number {
  try {
    journal.eventsAfter(after, 1);
  } catch (error) {
    throw new ApiError(503, 'unavailable', (error as Error).message);
  }
  return Math.min(after, journal.lastEventId());
}

interface Choice {
  /** Behind this event what is kept comes first; null: only what happens from now on. */
  from: number | null;
  isWanted(event: LoggedEvent): boolean;
}

/** What is kept, then what happens, each event once and in order. */
async function follow(journal: Journal, stream: EventStream, { from, isWanted }: Choice): Promise<void> {
  let last = from ?? 0;
  const pass = (events: LoggedEvent[]): void => {
    for (const event of events) {
      if (event.id <= last) continue;
      last = event.id;
      if (isWanted(event)) stream.send(eventName(event), event, event.id);
    }
  };
  try {
    while (from !== null) {
      const kept = journal.eventsAfter(last, PAGE);
      // Nothing may come between this look and the listening below.
      if (!kept.length) break;
      for (const event of kept) {
        pass([event]);
        if (stream.isFull) await stream.taken();
      }
      await stream.taken();
      if (!stream.isOpen) return;
    }
  } catch {
    // It can be taken up again where it ends.
    return stream.close();
  }
  stream.onClose(journal.onKept(pass));
}
