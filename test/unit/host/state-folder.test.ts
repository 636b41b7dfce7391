import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makePrivateFolder, stateFolder } from '../../../src/host/state-folder';

test.each([
  ['linux', {}, join(homedir(), '.local', 'state', 'idlewatch')],
  ['linux', { XDG_STATE_HOME: '/var/me' }, '/var/me/idlewatch'],
  ['linux', { XDG_STATE_HOME: 'not/absolute' }, join(homedir(), '.local', 'state', 'idlewatch')],
  ['darwin', { XDG_STATE_HOME: '/var/me' }, join(homedir(), 'Library', 'Application Support', 'idlewatch', 'state')],
  ['win32', { LOCALAPPDATA: '/c/local' }, '/c/local/idlewatch/state'],
  ['win32', {}, join(homedir(), 'AppData', 'Local', 'idlewatch', 'state')],
] as const)('on %s with %j the state lies in %s', (platform, environment, expected) => {
  expect(stateFolder(environment, platform)).toBe(expected);
});

test('a private folder is made, or closed to others', () => {
  const base = mkdtempSync(join(tmpdir(), 'idlewatch-state-folder-'));
  try {
    const folder = join(base, 'new', 'folder');
    makePrivateFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const open = join(base, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    makePrivateFolder(open);
    expect(statSync(open).mode & 0o777).toBe(0o700);
    writeFileSync(join(base, 'file'), '');
    expect(() => makePrivateFolder(join(base, 'file', 'below'))).toThrow('ENOTDIR');
  } finally {
    rmSync(base, { recursive: true });
  }
});
