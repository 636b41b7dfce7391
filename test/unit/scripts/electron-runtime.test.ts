import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureElectron, resolveElectron } from '../../../scripts/setup/electron-runtime.mjs';
import { ROOT } from '../../../scripts/setup/paths.mjs';
import { temporaryFolder } from './temporary-folder';

const ALLOWED = 'allowed are "current", "fallback" and the path of an Electron executable';

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('IDLEWATCH_ELECTRON', () => {
  it.each([
    ['is no program', join(ROOT, 'package.json'), 'which is no program'],
    ['is not there', '/nowhere/electron', 'which is no program'],
    ['is another program', '/bin/true', 'which is not Electron'],
  ])('names what is allowed where its path %s', async (_, path, complaint) => {
    vi.stubEnv('IDLEWATCH_ELECTRON', path);
    const message = `IDLEWATCH_ELECTRON names ${path}, ${complaint}; ${ALLOWED}`;
    expect(() => resolveElectron()).toThrow(message);
    await expect(ensureElectron()).rejects.toThrow(message);
  });

  it('takes no other runtime than the one it asks for', () => {
    vi.stubEnv('IDLEWATCH_ELECTRON', 'fallback');
    expect(() => resolveElectron()).toThrow('no Electron is set up yet, run: npm run setup');
  });
});

describe('resolveElectron', () => {
  it('gives an Electron that IDLEWATCH_ELECTRON names, with its version', () => {
    vi.unstubAllEnvs();
    const { path, version } = resolveElectron();
    vi.stubEnv('IDLEWATCH_ELECTRON', path);
    expect(resolveElectron()).toEqual({ path, version, fallback: false });
  });
});
