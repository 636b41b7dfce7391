import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../../engine/ports';
import { harmless } from '../../shared/format';

/** What an error is called, for programs. */
export type ErrorCode =
  | 'invalid'
  | 'too_large'
  | 'wrong_type'
  | 'not_signed_in'
  | 'wrong_host'
  | 'wrong_origin'
  | 'too_many_requests'
  | 'not_found'
  | 'unknown'
  | 'refused'
  | 'shared'
  | 'full'
  | 'unavailable'
  | 'internal';

/** Every error the API answers with: `{"error": {"code": …, "message": …}}`. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string };
}

/** An answer other than the one asked for, with words that name the thing, its value and what is allowed. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    /** For 429 and 503: when to ask again. */
    readonly retryAfterSecs: number | null = null,
  ) {
    super(message);
  }
}

/** There is no worker, stream or the like of that name. */
export function unknown(message: string): ApiError {
  return new ApiError(404, 'unknown', message);
}

/** Answer every error in one shape; what went wrong inside idlewatch is logged as well. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const told = error instanceof ApiError ? error : fromFastify(error, request);
    if (told.code === 'internal') log.warn(`The API failed at ${nameOf(request)}: ${error.message}`);
    return answer(reply, told);
  });
  app.setNotFoundHandler((request, reply) => {
    const words = `nothing answers ${nameOf(request)}; GET /api/openapi.json names all that is there`;
    return answer(reply, new ApiError(404, 'not_found', words));
  });
}

export function answer(reply: FastifyReply, { status, code, message, retryAfterSecs }: ApiError): FastifyReply {
  if (retryAfterSecs !== null) reply.header('retry-after', retryAfterSecs);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="idlewatch"');
  const body: ErrorBody = { error: { code, message } };
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** What an address is asked for, without what it is asked with. */
function nameOf({ method, url }: FastifyRequest): string {
  return harmless(`${method} ${url.split('?')[0]}`);
}

function fromFastify(error: FastifyError, { routeOptions, headers }: FastifyRequest): ApiError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError(413, 'too_large', `the body is too large; allowed are ${routeOptions.bodyLimit} bytes`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const given = harmless(headers['content-type'] ?? 'missing', 100);
      return new ApiError(415, 'wrong_type', `content-type is ${given}; allowed is application/json`);
    }
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new ApiError(400, 'invalid', 'the body is empty; allowed is JSON');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new ApiError(400, 'invalid', 'the body is not JSON');
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return new ApiError(status, 'invalid', harmless(error.message));
  return new ApiError(500, 'internal', `idlewatch failed: ${harmless(error.message)}`);
}
