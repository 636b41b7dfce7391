import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The header in which the page names its session's key. */
export const PAGE_KEY_HEADER = 'x-idlewatch-page';

const SESSION_MS = 30 * 86_400_000;
/** Sessions that were signed out of before they ended by themselves; more are only made by signing in over and over. */
const ENDED_KEPT = 1_000;

/** What a request shows of its session: a request of Fastify's fits, where its plugin reads the cookies. */
export interface SessionRequest {
  cookies: Record<string, string | undefined>;
  headers: Record<string, string | string[] | undefined>;
}

export interface SessionCookie {
  name: string;
  value: string;
  attributes: { path: string; httpOnly: boolean; sameSite: 'strict'; maxAge: number };
}

export interface NewSession {
  cookie: SessionCookie;
  /** What the page sends with every request, in PAGE_KEY_HEADER. */
  key: string;
}

/**
 * Who has signed in to the page with the token.
 *
 * A session is a cookie no script can read, and a key the page keeps for its own origin. It takes both: browsers send a
 * cookie to every port of 127.0.0.1, so that whoever serves a page on another one is handed it, but never the key. Both
 * are signed with the token: they outlive a restart, and end with the token. They end after 30 days at the latest.
 */
export interface Sessions {
  issue(): NewSession;
  valid(request: SessionRequest): boolean;
  /** Sign out; returns the cookie to be taken away. */
  end(request: SessionRequest): SessionCookie;
}

/** `token` is the one in force now; `nowMs` the wall clock. */
export function createSessions(token: () => string, nowMs: () => number): Sessions {
  const ended = new Set<string>();
  const signed = (purpose: 'name' | 'cookie' | 'key', text: string) =>
    createHmac('sha256', token()).update(`${purpose} ${text}`).digest('base64url');
  /** Two of them on one address, behind two ports, must not sign each other out. */
  const cookieName = () => `idlewatch-${signed('name', '').slice(0, 8)}`;

  const cookie = (value: string, maxAgeMs: number): SessionCookie => ({
    name: cookieName(),
    value,
    attributes: { path: '/', httpOnly: true, sameSite: 'strict', maxAge: maxAgeMs / 1000 },
  });

  /** The session of a request, `{ends at}-{random}`; null unless cookie and key are both of it and it holds. */
  function sessionOf({ cookies, headers }: SessionRequest): string | null {
    const [session = '', signature = ''] = (cookies[cookieName()] ?? '').split('.');
    const key = headers[PAGE_KEY_HEADER];
    if (!isSame(signature, signed('cookie', session)) || !isSame(String(key), signed('key', session))) return null;
    return Number(session.split('-')[0]) > nowMs() && !ended.has(session) ? session : null;
  }

  return {
    issue() {
      const session = `${nowMs() + SESSION_MS}-${randomBytes(16).toString('hex')}`;
      return { cookie: cookie(`${session}.${signed('cookie', session)}`, SESSION_MS), key: signed('key', session) };
    },
    valid: (request) => sessionOf(request) !== null,
    end(request) {
      const session = sessionOf(request);
      if (session !== null) ended.add(session);
      for (const oldest of ended) {
        if (ended.size <= ENDED_KEPT) break;
        ended.delete(oldest);
      }
      return cookie('', 0);
    },
  };
}

/** Takes the same time wherever they differ. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
