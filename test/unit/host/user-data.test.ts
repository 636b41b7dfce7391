import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { userDataDirectory, whyUnwritable } from '../../../src/host/user-data';

test.each([
  ['linux', {}, join(homedir(), '.config', 'idlewatch')],
  ['linux', { XDG_CONFIG_HOME: '/etc/me' }, join('/etc/me', 'idlewatch')],
  ['linux', { XDG_CONFIG_HOME: 'not/absolute' }, join(homedir(), '.config', 'idlewatch')],
  ['darwin', { XDG_CONFIG_HOME: '/etc/me' }, join(homedir(), 'Library', 'Application Support', 'idlewatch')],
  ['win32', { APPDATA: '/c/roaming' }, join('/c/roaming', 'idlewatch')],
  ['win32', {}, join(homedir(), 'AppData', 'Roaming', 'idlewatch')],
] as const)('on %s with %j the settings lie in %s', (platform, environment, expected) => {
  expect(userDataDirectory(environment, platform)).toBe(expected);
});

test.runIf(process.geteuid?.() === 0)('who has no home has the settings below /', () => {
  const { HOME } = process.env;
  delete process.env.HOME;
  process.seteuid?.(54_321); // Nobody's number.
  try {
    expect(userDataDirectory({}, 'linux')).toBe('/.config/idlewatch');
  } finally {
    process.seteuid?.(0);
    process.env.HOME = HOME;
  }
});

test('a folder that nothing can be kept in is told from one that can', () => {
  const base = mkdtempSync(join(tmpdir(), 'idlewatch-user-data-'));
  try {
    writeFileSync(join(base, 'file'), '');
    expect(whyUnwritable(join(base, 'file', 'below'))).toContain('ENOTDIR');
    expect(whyUnwritable(join(base, 'new', 'folder'))).toBeNull();
    expect(readdirSync(join(base, 'new', 'folder'))).toEqual([]);
  } finally {
    rmSync(base, { recursive: true });
  }
});
