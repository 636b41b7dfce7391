import { expect, it } from 'vitest';
import { isRepeatable, waitAfterStatus, waitMs } from '../../../../src/server/gateway/retry';

it('waits twice as long each time, at least half of that, and never for longer than eight seconds', () => {
  expect([0, 1, 2, 5, 9].map((tried) => waitMs(tried, 0))).toEqual([125, 250, 500, 4_000, 4_000]);
  expect([0, 1, 2, 5, 9].map((tried) => waitMs(tried, 1))).toEqual([250, 500, 1_000, 8_000, 8_000]);
});

it('asks again only after passing failures, as late as it is told to, within reason', () => {
  expect([200, 400, 429, 500, 501].map((status) => waitAfterStatus(status, null, 0))).toEqual(Array(5).fill(null));
  for (const status of [502, 503, 504]) expect(waitAfterStatus(status, null, 0)).toBeGreaterThanOrEqual(125);
  expect(waitAfterStatus(503, '2', 0)).toBe(2_000);
  expect(waitAfterStatus(503, '0', 0)).toBeGreaterThanOrEqual(125);
  for (const after of ['9', '-1', 'Wed, 21 Oct 2026 07:28:00 GMT']) expect(waitAfterStatus(503, after, 0)).toBeNull();
});

it('knows what may be done twice', () => {
  expect(['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE'].map((method) => isRepeatable(method, null))).toEqual([
    ...[true, true, true],
    ...[false, false],
  ]);
  expect(isRepeatable('POST', 'key')).toBe(true);
  expect(isRepeatable('POST', '')).toBe(false);
});
