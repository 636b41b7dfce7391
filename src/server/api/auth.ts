import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { harmless } from '../../shared/format';
import { ApiError } from './errors';
import type { Sessions } from './sessions';

declare module 'fastify' {
  interface FastifyRequest {
    /** How the asker showed that they may ask; null: they need not. */
    signedInBy: 'token' | 'page' | null;
  }
}

/** Requests a minute: more than any window, script or status bar needs. */
const REQUESTS_PER_MINUTE = 6_000;
/** Requests a minute with a wrong token, or none. */
const WRONG_TOKENS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

const OWN_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const READING_METHODS = ['GET', 'HEAD'];

/** Whether this is the token in force. Throws an ApiError where that cannot be read. */
export type TokenCheck = (given: string) => boolean;

/** The token in force, for whoever answers requests: where it cannot be read they are told so. */
export function tokenInForce(read: () => string): () => string {
  return () => {
    try {
      return read();
    } catch (error) {
      throw new ApiError(503, 'unavailable', (error as Error).message);
    }
  };
}

export function createTokenCheck(token: () => string): TokenCheck {
  return (given) => isSame(given, token());
}

/** Refuse, everywhere, what does not come from this machine's own programs and pages: other names (DNS rebinding), other origins. */
export function refuseOthers(app: FastifyInstance): void {
  app.decorateRequest('signedInBy', null);
  app.addHook('onRequest', async (request) => refuseForeign(request));
}

/**
 * Refuse whoever has neither token nor session, and more requests than are allowed, for all routes of `app`. Needs the
 * plugins for rate limits and cookies.
 */
export function guard(app: FastifyInstance, isToken: TokenCheck, sessions: Pick<Sessions, 'valid'>): void {
  const count = app.createRateLimit({
    max: REQUESTS_PER_MINUTE,
    timeWindow: MINUTE_MS,
    keyGenerator: ({ signedInBy }) => String(signedInBy),
  });
  const countWrong = app.createRateLimit({
    max: WRONG_TOKENS_PER_MINUTE,
    timeWindow: MINUTE_MS,
    keyGenerator: () => 'wrong',
  });

  app.addHook('onRequest', async (request) => {
    const given = bearerOf(request);
    const isTheirs = given === null ? sessions.valid(request) : isToken(given);
    if (!isTheirs) {
      const limit = await countWrong(request);
      if (!limit.isAllowed && limit.isExceeded) throw tooMany('of those without the right token', limit);
      throw notSignedIn(given);
    }
    request.signedInBy = given === null ? 'page' : 'token';
    if (given === null) refuseUnasked(request);
    const limit = await count(request);
    if (!limit.isAllowed && limit.isExceeded) throw tooMany('', limit);
  });
}

/**
 * A page whose own name was made to lead to this machine names itself in `Host`; any other page in `Origin`. The port
 * may be another one: a tunnel (`ssh -L`) has its own.
 */
function refuseForeign({ headers }: FastifyRequest): void {
  const { host = '', origin } = headers;
  if (!OWN_NAMES.includes(nameIn(host))) {
    const given = harmless(host || 'missing', 100);
    throw new ApiError(403, 'wrong_host', `the Host is ${given}; allowed are ${OWN_NAMES.join(', ')}`);
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    const given = harmless(origin, 100);
    throw new ApiError(403, 'wrong_origin', `the Origin is ${given}; allowed is http://${host}, or none`);
  }
}

function nameIn(host: string): string {
  return host.toLowerCase().replace(/:\d{1,5}$/, '');
}

/** What changes something must come from our own page, which says so. */
function refuseUnasked({ method, headers }: FastifyRequest): void {
  if (READING_METHODS.includes(method) || headers.origin !== undefined) return;
  throw new ApiError(403, 'wrong_origin', `the Origin is missing; allowed is http://${headers.host}`);
}

function notSignedIn(given: string | null): ApiError {
  const words = given === null ? 'no token was given' : 'the token is wrong';
  const remedy = 'allowed is “Authorization: Bearer TOKEN” with what idlewatch token prints';
  return new ApiError(401, 'not_signed_in', `${words}; ${remedy}`);
}

/** More requests came than are allowed; `whose`: of whom. */
export function tooMany(whose: string, { max, ttl }: { max: number; ttl: number }): ApiError {
  const secs = Math.ceil(ttl / 1_000);
  const words = `more than ${[max, 'requests a minute', whose].filter(Boolean).join(' ')} came; ask again in ${secs} s`;
  return new ApiError(429, 'too_many_requests', words, secs);
}

/** Null: it was not tried. */
function bearerOf({ headers }: FastifyRequest): string | null {
  const { authorization } = headers;
  if (authorization === undefined) return null;
  return /^bearer +([^\s]+)$/i.exec(authorization)?.[1] ?? '';
}

/** Takes the same time wherever they differ, and however long they are. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
