import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Monitor } from '../../engine/monitor-types';
import type { Clock, Logger } from '../../engine/ports';
import type { Settings } from '../../shared/settings';
import type { Door } from '../door';
import { readAddress } from './address';
import type { GatewayCounts } from './counts';
import { badRequest } from './failure';
import { whyEndless, whyRefused } from './guard';
import { headerOf } from './headers';
import { RequestLimits } from './limits';
import { createOtherUsers } from './other-users';
import { createOutlook } from './outlook';
import { createPassage } from './passage';
import { refuse } from './reply';
import { createSharedAnswers } from './shared-answers';
import { createTurnstile } from './turnstile';
import { createUpstream } from './upstream';

export interface GatewayParts {
  /** As they are at the moment: each request goes by those in force when it comes. */
  settings(): Settings;
  monitor: Pick<Monitor, 'openRequest' | 'snapshot' | 'isIdleButForRequests'>;
  log: Logger;
  clock: Clock;
  /** Counted on here, over closing and opening. */
  counts: GatewayCounts;
}

const HEADERS_MAX_BYTES = 65_536;
const NOT_HERE = 'The gateway passes on what is asked for under /v1, or under /w/{worker}/v1 for a worker.';

/** Opens the gateway on 127.0.0.1 at this port; 0: at any that is free. Rejects where it is not to be had. */
export async function openGateway(parts: GatewayParts, port: number): Promise<Door> {
  const { settings, monitor, log, clock, counts } = parts;
  const upstream = createUpstream({
    clock,
    timeoutMs: () => settings().gatewayTimeoutMs,
    onRetry: () => {
      counts.retries += 1;
    },
  });
  const shared = createSharedAnswers(clock, settings);
  const turnstile = createTurnstile(createOutlook(clock, monitor), new RequestLimits(clock));
  const pass = createPassage({ settings, monitor, upstream, shared, turnstile, counts, log });
  let ownPort = port;

  const app = Fastify({
    forceCloseConnections: true,
    http: { maxHeaderSize: HEADERS_MAX_BYTES },
    frameworkErrors: (error, _request, reply) => refuse(reply.raw, badRequest('bad_address', error.message)),
  });
  const whyOthers = createOtherUsers(app.server);
  async function serve(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.hijack();
    const { rawHeaders, url = '', socket } = request.raw;
    const others = await whyOthers(socket);
    if (reply.raw.destroyed) {
      counts.requests.left += 1;
      return;
    }
    const why = others ?? whyRefused(rawHeaders, ownPort) ?? whyEndless(settings().IDLEWATCH_UPSTREAM, ownPort);
    const asked = why ? null : readAddress(url, headerOf(rawHeaders, 'x-idlewatch-worker'));
    if (asked) return pass(request.raw, reply.raw, asked);
    counts.requests.refused += 1;
    refuse(reply.raw, why ?? badRequest('not_here', NOT_HERE, 404));
  }
  // Before anybody looks at the body: it is passed on as it comes, whatever it is said to be.
  app.addHook('onRequest', serve);

  async function close(): Promise<void> {
    await app.close();
    shared.close();
    await upstream.close();
  }

  try {
    await app.listen({ host: '127.0.0.1', port });
  } catch (error) {
    await close();
    throw error;
  }
  ownPort = (app.server.address() as { port: number }).port;
  return { url: `http://127.0.0.1:${ownPort}`, port: ownPort, close };
}
