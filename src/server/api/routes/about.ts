import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Metrics } from '../metrics';

const healthSchema = {
  summary: 'Whether it runs; needs no token',
  security: [],
  querystring: z.strictObject({}),
  response: { 200: z.strictObject({ status: z.literal('ok'), version: z.string() }) },
};

/** For whoever wants to know no more than whether it runs. */
export function registerHealth(app: FastifyInstance, version: string): void {
  app.get('/healthz', { schema: healthSchema }, async () => ({ status: 'ok', version }));
}

/** What the API tells of itself. */
export function registerAbout(app: FastifyInstance, metrics: Metrics): void {
  const documentSchema = { summary: 'This document', response: { 200: z.looseObject({ openapi: z.string() }) } };
  app.get('/api/openapi.json', { schema: documentSchema }, async () => app.swagger());

  const metricsSchema = {
    summary: 'Figures for Prometheus',
    response: { 200: { content: { 'text/plain': { schema: z.string() } } } },
  };
  app.get('/metrics', { schema: metricsSchema }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()),
  );
}
