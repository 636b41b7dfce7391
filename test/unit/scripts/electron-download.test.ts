import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  installedElectron,
  reasonIn,
  recentFailure,
  rememberFailure,
  runInstaller,
} from '../../../scripts/setup/electron-download.mjs';
import { ROOT } from '../../../scripts/setup/paths.mjs';
import { temporaryFolder } from './temporary-folder';

const HOUR_MS = 3_600_000;

/** A checkout with Electron's real installer and nothing downloaded. */
function checkoutWithInstaller(): string {
  const root = temporaryFolder();
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(root, 'node_modules', 'electron'), { recursive: true });
  for (const file of ['install.js', 'package.json', 'checksums.json']) {
    cpSync(join(modules, 'electron', file), join(root, 'node_modules', 'electron', file));
  }
  for (const scope of ['@electron', '@electron-internal'])
    symlinkSync(join(modules, scope), join(root, 'node_modules', scope));
  return root;
}

/** Lets the installer download from a server of this test, with an empty cache. */
async function downloadFrom(answer: RequestListener): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    vi.unstubAllEnvs();
  });
  vi.stubEnv('ELECTRON_MIRROR', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  vi.stubEnv('electron_config_cache', temporaryFolder());
}

describe('runInstaller', () => {
  it('says why a download failed', async () => {
    await downloadFrom((_, response) => response.writeHead(404).end());
    expect(await runInstaller(checkoutWithInstaller(), 10_000)).toContain('Response code 404');
  });

  it('gives a download up that does not move', async () => {
    await downloadFrom((_, response) => response.writeHead(200).write('a beginning'));
    expect(await runInstaller(checkoutWithInstaller(), 500)).toBe('nothing arrived for 0.5 s');
  });

  it('refuses a download with a wrong checksum, and leaves nothing installed', async () => {
    await downloadFrom((_, response) => response.writeHead(200).end('not Electron'));
    const root = checkoutWithInstaller();
    expect(await runInstaller(root, 10_000)).toMatch(/checksum/i);
    expect(installedElectron(root)).toBeUndefined();
    expect(existsSync(join(root, 'node_modules/electron/path.txt'))).toBe(false);
  });

  it('leaves nothing in the temporary folder', async () => {
    const temporary = temporaryFolder();
    vi.stubEnv('TMPDIR', temporary);
    await downloadFrom((_, response) => response.writeHead(200).end('not Electron'));
    const root = checkoutWithInstaller();
    const before = readdirSync(temporary);
    await runInstaller(root, 10_000);
    expect(readdirSync(temporary)).toEqual(before);
  });
});

describe('installedElectron', () => {
  const installed = {
    'node_modules/electron/package.json': '{ "version": "45.4.1" }',
    'node_modules/electron/path.txt': 'electron',
    'node_modules/electron/dist/version': 'v45.4.1\n',
    'node_modules/electron/dist/electron': 'program',
  };

  it('finds what the installer left', () => {
    const root = temporaryFolder(installed);
    expect(installedElectron(root)).toEqual({
      path: join(root, 'node_modules/electron/dist/electron'),
      version: '45.4.1',
    });
  });

  it.each(Object.keys(installed))('does not take an installation without %s', (missing) => {
    const rest = Object.entries(installed).filter(([name]) => name !== missing);
    expect(installedElectron(temporaryFolder(Object.fromEntries(rest)))).toBeUndefined();
  });

  it('does not take another version than the package asks for', () => {
    expect(
      installedElectron(temporaryFolder({ ...installed, 'node_modules/electron/dist/version': '44.0.0' })),
    ).toBeUndefined();
  });
});

describe('a remembered failure', () => {
  it('holds for some hours, for its own version', async () => {
    vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const failedAtMs = Date.UTC(2026, 0, 1);
    await rememberFailure('45.4.1', 'fetch failed', failedAtMs);
    expect(recentFailure('45.4.1', failedAtMs + HOUR_MS)).toBe('fetch failed');
    expect(recentFailure('45.4.1', failedAtMs + 13 * HOUR_MS)).toBeUndefined();
    expect(recentFailure('45.4.1', failedAtMs - HOUR_MS)).toBeUndefined();
    expect(recentFailure('45.4.2', failedAtMs + HOUR_MS)).toBeUndefined();
  });
});

describe('reasonIn', () => {
  it.each([
    ['TypeError: fetch failed\n    at node:internal\n', 'TypeError: fetch failed'],
    ['/app/install.js:3\nrequire()\n\nError [ERR_REQUIRE_ESM]: no\n', 'Error [ERR_REQUIRE_ESM]: no'],
    ['\nKilled\n', 'Killed'],
    ['', 'its installer failed'],
  ])('finds it in %j', (stderr, reason) => {
    expect(reasonIn(stderr)).toBe(reason);
  });
});
