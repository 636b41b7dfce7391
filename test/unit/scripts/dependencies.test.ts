import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dependenciesProblem } from '../../../scripts/setup/dependencies.mjs';
import { temporaryFolder } from './temporary-folder';

const zod = { version: '4.0.0', integrity: 'sha512-zod' };
const other = { version: '1.0.0', integrity: 'sha512-other', optional: true };
const lock = (packages: object) => JSON.stringify({ packages: { '': { name: 'idlewatch' }, ...packages } });

/** A checkout whose node_modules holds what its lockfile asks for, less an optional package of another platform. */
function installedCheckout(): string {
  return temporaryFolder({
    'package-lock.json': lock({ 'node_modules/zod': zod, 'node_modules/a/node_modules/@b/other': other }),
    'node_modules/.package-lock.json': lock({ 'node_modules/zod': zod }),
    'node_modules/zod/package.json': '{}',
  });
}

describe('dependenciesProblem', () => {
  it('finds nothing where all is installed, without a stamp of our own', () => {
    expect(dependenciesProblem(installedCheckout())).toBeUndefined();
  });

  it('names a missing node_modules', () => {
    const root = installedCheckout();
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(dependenciesProblem(root)).toBe('node_modules is missing');
  });

  it('notices an installation that was interrupted', () => {
    const root = installedCheckout();
    rmSync(join(root, 'node_modules/.package-lock.json'));
    expect(dependenciesProblem(root)).toBe('node_modules is incomplete');
  });

  it.each([
    ['a new package', { react: { version: '19.0.0' } }, 'react is missing'],
    ['another version', { zod: { ...zod, version: '4.1.0' } }, 'zod is 4.0.0, not 4.1.0'],
    ['other content', { zod: { ...zod, integrity: 'sha512-new' } }, 'zod has changed'],
  ])('notices a lockfile with %s', (_, packages, problem) => {
    const root = installedCheckout();
    const wanted = Object.fromEntries(Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry]));
    writeFileSync(join(root, 'package-lock.json'), lock(wanted));
    expect(dependenciesProblem(root)).toBe(problem);
  });

  it('notices a package whose folder was removed', () => {
    const root = installedCheckout();
    rmSync(join(root, 'node_modules/zod'), { recursive: true });
    expect(dependenciesProblem(root)).toBe('zod is missing');
  });
});
