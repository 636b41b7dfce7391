import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createTokenCheck, guard, refuseOthers, tokenInForce } from './auth';
import { ApiError, answer, answerErrors } from './errors';
import { validatorCompiler } from './faults';
import type { ApiParts } from './index';
import { createMetrics } from './metrics';
import { registerPage } from './page';
import { registerAbout, registerHealth } from './routes/about';
import { registerDesk } from './routes/desk';
import { registerEvents } from './routes/events';
import { registerHeartbeat } from './routes/heartbeat';
import { registerIdle } from './routes/idle';
import { registerWatching } from './routes/watching';
import { registerWorkers } from './routes/workers';
import { createSessions } from './sessions';
import { createStreams } from './streams';
import { closeUnasked } from './unasked';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers with events for as long as they are read. */
    isStream?: true;
  }
}

/** For all routes that do not say otherwise. */
const BODY_MAX_BYTES = 64 * 1024;
/** A worker id of the greatest length, with every character escaped, fits. */
const PARAM_MAX_LENGTH = 3 * 8_192;
/** Whoever sends their request so slowly is not answered. */
const REQUEST_TIMEOUT_MS = 60_000;

const nothing = z.strictObject({});

/** The API as Fastify has it; it listens to nobody yet. */
export async function createApp(parts: ApiParts): Promise<FastifyInstance> {
  const { station, token, log, version } = parts;
  const { clock } = station.machine;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: PARAM_MAX_LENGTH },
    frameworkErrors: (error, _request, reply) =>
      void answer(reply, new ApiError(400, 'invalid', `the address cannot be read: ${error.message}`)),
  });
  app.setValidatorCompiler(validatorCompiler);
  // What answers hold is checked where it is made, by its types.
  app.setSerializerCompiler(() => JSON.stringify);
  app.removeContentTypeParser('text/plain');
  answerErrors(app, log);

  const streams = createStreams(clock);
  const inForce = tokenInForce(token.read);
  const sessions = createSessions(inForce, clock.wallMs);
  const isToken = createTokenCheck(inForce);
  const stopListening = token.onChange(streams.closeAll);
  app.addHook('preClose', async () => streams.closeAll());
  closeUnasked(app);
  app.addHook('onClose', async () => {
    stopListening();
    metrics.close();
  });

  refuseOthers(app);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await registerDocument(app, version);
  const metrics = createMetrics(app, { station, streams, version, more: parts.moreMetrics });
  registerHealth(app, version);
  await registerPage(app, { folder: parts.pageFolder, sessions, isToken });
  await app.register(async (guarded) => {
    guard(guarded, isToken, sessions);
    refuseUnknownParameters(guarded);
    registerIdle(guarded, station);
    registerWorkers(guarded, station);
    registerWatching(guarded, station);
    registerHeartbeat(guarded, station.heartbeats);
    registerEvents(guarded, station.journal, streams);
    registerDesk(guarded, station, streams);
    registerAbout(guarded, metrics);
  });
  return app;
}

/** A route that knows no parameters takes none. */
function refuseUnknownParameters(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.schema = { querystring: nothing, ...route.schema };
  });
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
}

/** The OpenAPI document is made of the schemas that check requests. */
async function registerDocument(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'idlewatch', version, description: 'The local API of idlewatch: for programs on this machine.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutInputs(jsonSchemaTransformObject(document)),
  });
}

type Document = ReturnType<SwaggerTransformObject>;

/** Each named schema is described twice, for requests and for answers; only answers refer to them. */
function withoutInputs(document: Document): Document {
  const { components } = document as { components: { schemas: object } };
  const schemas = Object.entries(components.schemas).filter(([id]) => !id.endsWith('Input'));
  return { ...document, components: { ...components, schemas: Object.fromEntries(schemas) } };
}
