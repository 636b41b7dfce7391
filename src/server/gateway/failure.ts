/** Why the gateway itself answers, in the shape OpenAI's clients know. */
export interface Failure {
  status: number;
  /** OpenAI's word for the kind of error. */
  type: 'invalid_request_error' | 'requests' | 'server_error';
  code: string;
  message: string;
}

export function badRequest(code: string, message: string, status = 400): Failure {
  return { status, type: 'invalid_request_error', code, message };
}

/** The gateway answers in the upstream's place. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** `{ error: { message, type, param, code } }` */
export function failureBody({ message, type, code }: Failure): string {
  return JSON.stringify({ error: { message, type, param: null, code } });
}

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: 'refuses connections',
  ENOTFOUND: 'is not known by that name',
  EAI_AGAIN: 'cannot be looked up at the moment',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
};

/** True: there was no connection, so nothing can have been sent. */
export function failedToConnect(error: Error): boolean {
  const code = codeOf(error);
  return code in UNREACHABLE || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** What went wrong between the gateway and the upstream. `upstream`: its address, without any secret. */
export function upstreamFailure(error: Error, upstream: string, timeoutMs: number): Failure {
  const code = codeOf(error);
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return badRequest('cannot_be_passed_on', `This request cannot be passed on: ${error.message}.`);
  }
  if (TIMEOUTS.has(code)) {
    const what = code.includes('CONNECT') || code === 'ETIMEDOUT' ? 'could not be reached in time' : silent(timeoutMs);
    return serverError(504, 'upstream_timeout', `The upstream ${upstream} ${what}.`);
  }
  const why = UNREACHABLE[code];
  if (why) return serverError(502, 'upstream_unreachable', `The upstream ${upstream} ${why}.`);
  return serverError(502, 'upstream_failed', `The upstream ${upstream} broke off (${code || error.message}).`);
}

const silent = (timeoutMs: number) => `has sent nothing for ${timeoutMs} ms (gatewayTimeoutMs)`;

function serverError(status: number, code: string, message: string): Failure {
  return { status, type: 'server_error', code, message };
}

/** The system's or undici's code of an error, or of the first of several tries of one name. */
function codeOf(error: Error): string {
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: Error[] };
  return code ?? (errors?.[0] ? codeOf(errors[0]) : '');
}
