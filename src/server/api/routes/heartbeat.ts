import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { parseHeartbeat } from '../../../engine/sources/worker-directory/parse';
import { type DropAnswer, HEARTBEAT_NAME, type HeartbeatDrop } from '../../../host/heartbeat-drop';
import { ApiError } from '../errors';
import { invalid } from '../faults';
import { errors } from '../schemas/answers';
import { workerId } from '../schemas/worker';

const any = z.unknown().optional();
/** Described as docs/heartbeat.md has it; what is of another kind is taken as not given, as in a file. */
const heartbeat = z.looseObject({
  ts: z.string().describe('RFC 3339 with a zone'),
  ...{ status: any, name: any, pid: any, started_at: any, interval_ms: any, task: any, phase: any },
  ...{ progress: any, silent_until: any, message: any },
});
const schema = {
  summary: 'A heartbeat, for a worker that prefers HTTP to a file',
  params: z.strictObject({
    name: z.string().regex(HEARTBEAT_NAME).describe('letters, digits, . _ -, at most 100, beginning with none of . -'),
  }),
  body: heartbeat,
  response: { 200: z.strictObject({ workerId, directory: z.string() }), ...errors },
};

/** Heartbeats of workers that keep no files of their own. */
export function registerHeartbeat(plain: FastifyInstance, drop: HeartbeatDrop): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.post('/api/heartbeat/:name', { schema }, async ({ params, body }) => {
    const written = JSON.stringify(body);
    const parsed = parseHeartbeat(written);
    if (!parsed.ok) throw invalid(`the heartbeat is refused: ${parsed.detail}`);
    const answer = drop.put(params.name, written);
    if (!answer.ok) throw refusal(answer);
    return { workerId: `worker-directory:${answer.directory}`, directory: answer.directory };
  });
}

function refusal({ problem, reason }: Extract<DropAnswer, { ok: false }>): ApiError {
  if (problem === 'too_large') return new ApiError(413, 'too_large', reason);
  return problem === 'full' ? new ApiError(409, 'full', reason) : new ApiError(503, 'unavailable', reason);
}
