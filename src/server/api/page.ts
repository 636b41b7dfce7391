import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type TokenCheck, tooMany } from './auth';
import { ApiError } from './errors';
import type { SessionCookie, Sessions } from './sessions';

export interface PageParts {
  /** The built page; null where there is none. */
  folder: string | null;
  sessions: Sessions;
  isToken: TokenCheck;
}

/** As the app's own window has them, but that the page may ask the server it came from. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

const NEVER_KEPT = { cacheControl: false, etag: false, lastModified: false };

/** A person mistypes a few times; whoever guesses gets nowhere. */
const SIGN_INS_PER_MINUTE = 10;

const signInSchema = {
  summary: 'Begin a session of the page',
  body: z.strictObject({ token: z.string().max(1_000) }),
  response: { 200: z.strictObject({ key: z.string() }) },
};
const signOutSchema = { summary: 'End a session of the page', response: { 200: z.strictObject({}) } };

/**
 * The window as a web page: `/` and its files, which hold no secret and need no token, and the sign-in.
 *
 * For an `app` that asks nobody for the token, and has the plugins for rate limits, cookies and schemas of zod.
 */
export async function registerPage(app: FastifyInstance, { folder, sessions, isToken }: PageParts): Promise<void> {
  registerSessions(app, sessions, isToken);
  if (folder !== null) await registerFiles(app, folder);
}

function registerSessions(app: FastifyInstance, sessions: Sessions, isToken: TokenCheck): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const count = app.createRateLimit({ max: SIGN_INS_PER_MINUTE, timeWindow: 60_000, keyGenerator: () => 'sign-in' });
  typed.post('/api/sign-in', { schema: signInSchema, bodyLimit: 4_096 }, async (request, reply) => {
    const limit = await count(request);
    if (!limit.isAllowed && limit.isExceeded) throw tooMany('to sign in', limit);
    if (!isToken(request.body.token.trim())) {
      throw new ApiError(401, 'not_signed_in', 'This is not the token of this idlewatch.');
    }
    const session = sessions.issue();
    setCookie(reply, session.cookie);
    return { key: session.key };
  });
  typed.post('/api/sign-out', { schema: signOutSchema }, async (request, reply) => {
    setCookie(reply, sessions.end(request));
    return {};
  });
}

function setCookie(reply: FastifyReply, { name, value, attributes }: SessionCookie): void {
  void reply.setCookie(name, value, attributes).header('cache-control', 'no-store');
}

async function registerFiles(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(async (files) => {
    files.addHook('onRequest', async (_request, reply) => void reply.headers(HEADERS));
    await files.register(serveFiles, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      // Their names hold a hash of what is in them.
      immutable: true,
      maxAge: '365d',
      index: false,
      schemaHide: true,
    });
    files.get('/', { schema: { hide: true } }, async (_request, reply) =>
      reply.header('cache-control', 'no-store').sendFile('page.html', folder, NEVER_KEPT),
    );
  });
}
