import { describe, expect, it } from 'vitest';
import { createSessions, type NewSession, PAGE_KEY_HEADER } from '../../../../src/server/api/sessions';

const DAY_MS = 86_400_000;

function signedIn(secret = { token: 'first' }, clock = { nowMs: 1_000_000 }) {
  const make = () =>
    createSessions(
      () => secret.token,
      () => clock.nowMs,
    );
  const sessions = make();
  const session = sessions.issue();
  return { secret, clock, sessions, session, make };
}

/** As a browser sends it back. */
function shown({ cookie, key }: NewSession) {
  return { cookies: { other: '1', [cookie.name]: cookie.value }, headers: { [PAGE_KEY_HEADER]: key } };
}

describe('the sessions of the page', () => {
  it('hold for who has the cookie and the key', () => {
    const { sessions, session } = signedIn();
    expect(sessions.valid(shown(session))).toBe(true);
  });

  it('give a cookie that no script reads and no other site sends', () => {
    const { session } = signedIn();
    expect(session.cookie.attributes).toMatchObject({ httpOnly: true, sameSite: 'strict' });
    expect(JSON.stringify(session)).not.toContain('first');
  });

  it('take both halves of the same session', () => {
    const { sessions, session } = signedIn();
    const other = sessions.issue();
    const { cookies, headers } = shown(session);
    expect(sessions.valid({ cookies, headers: {} })).toBe(false);
    expect(sessions.valid({ cookies: {}, headers })).toBe(false);
    expect(sessions.valid({ cookies, headers: shown(other).headers })).toBe(false);
    expect(sessions.valid({ cookies, headers: { [PAGE_KEY_HEADER]: '' } })).toBe(false);
    expect(sessions.valid({ cookies: {}, headers: {} })).toBe(false);
  });

  it('cannot be made longer', () => {
    const { sessions, session } = signedIn();
    const { name, value } = session.cookie;
    const { headers } = shown(session);
    expect(sessions.valid({ cookies: { [name]: `9${value}` }, headers })).toBe(false);
  });

  it('end after 30 days', () => {
    const { sessions, session, clock } = signedIn();
    clock.nowMs += 30 * DAY_MS - 1;
    expect(sessions.valid(shown(session))).toBe(true);
    clock.nowMs += 1;
    expect(sessions.valid(shown(session))).toBe(false);
  });

  it('end with the token', () => {
    const { sessions, session, secret } = signedIn();
    secret.token = 'second';
    expect(sessions.valid(shown(session))).toBe(false);
    secret.token = 'first';
    expect(sessions.valid(shown(session))).toBe(true);
  });

  it('outlive a restart', () => {
    const { session, make } = signedIn();
    expect(make().valid(shown(session))).toBe(true);
  });

  it('end alone when signed out of', () => {
    const { sessions, session } = signedIn();
    const other = sessions.issue();
    expect(sessions.end(shown(session))).toMatchObject({ name: session.cookie.name, attributes: { maxAge: 0 } });
    expect(sessions.valid(shown(session))).toBe(false);
    expect(sessions.valid(shown(other))).toBe(true);
  });

  it('of two tokens do not share a cookie', () => {
    expect(signedIn().session.cookie.name).not.toBe(signedIn({ token: 'another' }).session.cookie.name);
  });
});
