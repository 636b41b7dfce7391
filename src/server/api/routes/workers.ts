import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Answer, SNOOZES } from '../../../shared/ipc';
import type { WorkerId, WorkerReport } from '../../../shared/model';
import type { Station } from '../../station';
import { endWorker, planEnd, refuseStrangers } from '../ending';
import { ApiError, unknown } from '../errors';
import { killPlan, killReceipt } from '../schemas/acting';
import { errors, workerAddress } from '../schemas/answers';
import { workerReport } from '../schemas/worker';

export const endQuery = z.strictObject({
  dryRun: z.enum(['0', '1']).default('0').describe('1: answer with the plan, and signal nothing.'),
});
export const endBody = z
  .strictObject({
    acceptShared: z.boolean().default(false).describe('Go ahead also where it ends other workers.'),
  })
  .nullish();
const endSchema = {
  summary: 'End a worker',
  description: 'By the kill plan. 200 with `ended: false` where something survived; 409 where nothing was signalled.',
  params: workerAddress,
  querystring: endQuery,
  body: endBody,
  response: { 200: z.union([killPlan, killReceipt]), ...errors },
};
const answeredWithWorker = { params: workerAddress, response: { 200: workerReport, ...errors } };
const snoozeBody = z.strictObject({ snooze: z.enum(SNOOZES) });
const keepAliveBody = z.strictObject({ keepAlive: z.boolean() });

/** One worker: what is known of it, and what may be done to it. */
export function registerWorkers(plain: FastifyInstance, station: Station): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.get('/api/workers/:id', { schema: { summary: 'One worker', ...answeredWithWorker } }, async ({ params }) =>
    reportOf(station, params.id),
  );

  app.post('/api/workers/:id/kill', { schema: endSchema }, async ({ params, query, body }) =>
    query.dryRun === '1' ? planEnd(station, params.id) : endWorker(station, params.id, body?.acceptShared ?? false),
  );

  const snoozeSchema = { summary: 'Hear no more of a worker for a while', body: snoozeBody, ...answeredWithWorker };
  app.post('/api/workers/:id/snooze', { schema: snoozeSchema }, async ({ params, body }) => {
    refuseStrangers(station, params.id);
    mustBeDone(await station.invoke('worker.snooze', [params.id, body.snooze], 'api'));
    return reportOf(station, params.id);
  });

  const keepAliveSchema = { summary: 'Whether the policy may end it', body: keepAliveBody, ...answeredWithWorker };
  app.post('/api/workers/:id/keep-alive', { schema: keepAliveSchema }, async ({ params, body }) => {
    refuseStrangers(station, params.id);
    mustBeDone(await station.invoke('worker.keepAlive', [params.id, body.keepAlive], 'api'));
    return reportOf(station, params.id);
  });
}

function reportOf({ engine }: Station, id: WorkerId): WorkerReport {
  const report = engine.monitor.report(id);
  if (!report) throw unknown(`there is no worker ${id} now; GET /api/snapshot names all`);
  return report;
}

function mustBeDone(answer: Answer): void {
  if (!answer.ok) throw new ApiError(409, 'refused', answer.reason);
}
