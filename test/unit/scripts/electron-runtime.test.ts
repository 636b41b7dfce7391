import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FALLBACK, fallbackDir, writeStamp } from '../../../scripts/setup/electron-fallback.mjs';
import { ensureElectron, resolveElectron } from '../../../scripts/setup/electron-runtime.mjs';
import { ROOT } from '../../../scripts/setup/paths.mjs';
import { temporaryFolder } from './temporary-folder';

const ALLOWED = 'allowed are "current", "fallback" and the path of an Electron executable';
const NOT_SET_UP = 'no Electron is set up yet, run: npm run setup';

/** A checkout with the current Electron as its installer leaves it. */
function checkoutWithCurrent(): string {
  return temporaryFolder({
    'node_modules/electron/package.json': '{ "version": "45.4.1" }',
    'node_modules/electron/path.txt': 'electron',
    'node_modules/electron/dist/version': '45.4.1',
    'node_modules/electron/dist/electron': 'program',
  });
}

/** Puts a folder like the fallback runtime into this test's cache. */
async function prepareFallback(): Promise<void> {
  mkdirSync(fallbackDir(), { recursive: true });
  writeFileSync(join(fallbackDir(), 'electron'), 'program');
  await writeStamp(fallbackDir());
}

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

  it('takes no other runtime than the one it asks for', async () => {
    vi.stubEnv('IDLEWATCH_ELECTRON', 'fallback');
    expect(() => resolveElectron(checkoutWithCurrent())).toThrow(NOT_SET_UP);
    await prepareFallback();
    vi.stubEnv('IDLEWATCH_ELECTRON', 'current');
    expect(() => resolveElectron(temporaryFolder())).toThrow(NOT_SET_UP);
  });
});

describe('resolveElectron', () => {
  it('prefers the current Electron, and takes the fallback where that is all there is', async () => {
    await prepareFallback();
    const root = checkoutWithCurrent();
    const path = join(root, 'node_modules/electron/dist/electron');
    expect(resolveElectron(root)).toEqual({ path, version: '45.4.1', fallback: false });
    expect(resolveElectron(temporaryFolder())).toEqual({
      path: join(fallbackDir(), 'electron'),
      version: FALLBACK.version,
      fallback: true,
    });
  });

  it('says what to do where there is none', () => {
    expect(() => resolveElectron(temporaryFolder())).toThrow(NOT_SET_UP);
  });

  it('gives an Electron that IDLEWATCH_ELECTRON names, with its version', () => {
    vi.unstubAllEnvs();
    const { path, version } = resolveElectron();
    vi.stubEnv('IDLEWATCH_ELECTRON', path);
    expect(resolveElectron()).toEqual({ path, version, fallback: false });
  });
});
