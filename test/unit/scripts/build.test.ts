import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProblem, inputsHash, writeBuildStamp } from '../../../scripts/setup/build.mjs';
import { temporaryFolder } from './temporary-folder';

/** A checkout with an up-to-date build. */
function builtCheckout(): string {
  const root = temporaryFolder({
    'src/main/index.ts': 'main',
    'src/shared/model.ts': 'model',
    'package.json': '{}',
    'out/main/index.js': 'built',
  });
  writeBuildStamp(root, inputsHash(root));
  return root;
}

describe('buildProblem', () => {
  it('finds nothing right after a build, nor when something beside the sources changes', () => {
    const root = builtCheckout();
    writeFileSync(join(root, 'README.md'), 'new');
    expect(buildProblem(root)).toBeUndefined();
  });

  it('finds nothing when a file is written anew with the same content', () => {
    const root = builtCheckout();
    writeFileSync(join(root, 'src/main/index.ts'), 'main');
    expect(buildProblem(root)).toBeUndefined();
  });

  it.each<[string, (root: string) => void]>([
    ['changed', (root) => writeFileSync(join(root, 'src/shared/model.ts'), 'other')],
    ['added', (root) => writeFileSync(join(root, 'src/shared/new.ts'), '')],
    ['removed', (root) => rmSync(join(root, 'src/shared/model.ts'))],
    ['renamed', (root) => renameSync(join(root, 'src/main/index.ts'), join(root, 'src/main/other.ts'))],
  ])('notices a source that was %s', (_, change) => {
    const root = builtCheckout();
    change(root);
    expect(buildProblem(root)).toBe('sources have changed');
  });

  it('notices a missing build and a missing part of it', () => {
    const root = builtCheckout();
    rmSync(join(root, 'out/main/index.js'));
    expect(buildProblem(root)).toBe('out/main/index.js is missing');
    rmSync(join(root, 'out'), { recursive: true });
    expect(buildProblem(root)).toBe('not built yet');
  });
});
