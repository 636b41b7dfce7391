import { describe, expect, it } from 'vitest';
import { arrivalWords, followServer } from '../../../../src/renderer/page/moving';

/** A page at an address of its browser, and where it went. */
function pageAt(address: string) {
  const { hostname, port } = new URL(address);
  const went: (string | URL)[] = [];
  return { page: { hostname, port, replace: (to: string | URL) => void went.push(to) }, went };
}

describe('a page whose server moves', () => {
  it.each([
    ['http://127.0.0.1:4747/', 'http://127.0.0.1:5000/#moved'],
    ['http://localhost:4747/', 'http://localhost:5000/#moved'],
  ])('goes after it from %s', (from, to) => {
    const { page, went } = pageAt(from);
    expect(followServer('http://127.0.0.1:4747', 'http://127.0.0.1:5000', page)).toBeNull();
    expect(went).toEqual([to]);
  });

  it('stays where a tunnel has a port of its own, and says what that leads to no more', () => {
    const { page, went } = pageAt('http://127.0.0.1:8080/');
    const words = followServer('http://127.0.0.1:4747', 'http://127.0.0.1:5000', page);
    expect(words).toBe('idlewatch is at port 5000 of its machine now, where this page’s tunnel does not lead');
    expect(went).toEqual([]);
  });

  it('says once, at the new address, why one has to sign in', () => {
    const addresses: unknown[] = [];
    const history = { replaceState: (_state: unknown, _unused: string, url?: unknown) => void addresses.push(url) };
    expect(arrivalWords({ hash: '' }, history)).toBeNull();
    expect(addresses).toEqual([]);
    expect(arrivalWords({ hash: '#moved' }, history)).toContain('The port of idlewatch was changed');
    expect(addresses).toEqual(['/']);
  });
});
