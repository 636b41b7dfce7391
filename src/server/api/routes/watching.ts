import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Station } from '../../station';
import { ApiError } from '../errors';
import { errors } from '../schemas/answers';
import { history, historyRange, idleStats, snapshot } from '../schemas/snapshot';

const PINGS_MAX = 1_000;

const pingSchema = {
  summary: 'The person is there, or some program is at work',
  body: z.strictObject({ count: z.int().min(1).max(PINGS_MAX).default(1) }).nullish(),
  response: { 200: idleStats, ...errors },
};
const historySchema = {
  summary: 'The figures of the charts',
  querystring: z.strictObject({ range: historyRange.default('1h') }),
  response: { 200: history, ...errors },
};

/** The whole picture, how it went, and the sign that somebody is there. */
export function registerWatching(plain: FastifyInstance, station: Station): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  const snapshotSchema = { summary: 'One picture of everything', response: { 200: snapshot, ...errors } };
  app.get('/api/snapshot', { schema: snapshotSchema }, async () => {
    await station.engine.monitor.firstReading();
    return station.snapshot();
  });

  app.post('/api/ping', { schema: pingSchema }, async ({ body }) => {
    station.engine.monitor.notePing(body?.count ?? 1);
    return station.snapshot().idle;
  });

  app.get('/api/history', { schema: historySchema }, async ({ query: { range } }) => {
    const answer = await station.invoke('history.points', [range], 'api');
    if (!answer.ok) throw new ApiError(503, 'unavailable', answer.reason);
    return { range, points: answer.points };
  });
}
