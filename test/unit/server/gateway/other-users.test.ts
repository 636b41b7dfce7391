import { expect, it } from 'vitest';
import { whyNot } from '../../../../src/server/gateway/other-users';

it.each([
  ['our own user’s', 1000, 1000],
  ['root’s', 0, 1000],
  ['our own, where we are root', 0, 0],
  ['of a user who is not known', null, 1000],
  ['of any, where users are not told', 1000, null],
])('a connection that is %s is served', (_whose, owner, own) => {
  expect(whyNot(owner, own)).toBeNull();
});

it.each([
  ['user 1001', 1001, 1000, 'This connection is user 1001’s. The gateway serves programs of its own user (1000)'],
  [
    'any user, where we are root',
    1000,
    0,
    'This connection is user 1000’s. The gateway serves programs of its own user (0)',
  ],
  ['nobody any more', 'closed' as const, 1000, 'This connection’s other end is closed. '],
])('one of %s is not', (_whose, owner, own, words) => {
  const failure = whyNot(owner, own);
  expect(failure).toMatchObject({ status: 403, code: 'other_user' });
  expect(failure?.message).toContain(words);
});
