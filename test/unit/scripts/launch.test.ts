import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { electronArgs, hasDisplay } from '../../../scripts/setup/launch.mjs';
import { sandboxHint } from '../../../scripts/setup/sandbox.mjs';
import { temporaryFolder } from './temporary-folder';

describe('hasDisplay', () => {
  it.each<[NodeJS.Platform, Record<string, string>, boolean]>([
    ['linux', {}, false],
    ['linux', { DISPLAY: '', WAYLAND_DISPLAY: '' }, false],
    ['linux', { DISPLAY: ':0' }, true],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
    ['darwin', {}, true],
    ['win32', {}, true],
  ])('on %s with %o: %s', (platform, env, expected) => {
    expect(hasDisplay(platform, env)).toBe(expected);
  });
});

describe('electronArgs', () => {
  const args = ['--worker-dir', '/a b'];

  it("hands the person's arguments on after the app", () => {
    expect(electronArgs({ app: '/app', args, isRoot: false })).toEqual(['/app', '--worker-dir', '/a b']);
  });

  it('switches the sandbox off for root', () => {
    expect(electronArgs({ app: '/app', args, isRoot: true })).toEqual(['--no-sandbox', '/app', ...args]);
  });
});

describe('sandboxHint', () => {
  const restricted = (file: string) => (file.includes('apparmor') ? '1' : undefined);

  it('names the command where the kernel restricts namespaces', () => {
    const folder = temporaryFolder({ 'chrome-sandbox': '' });
    expect(sandboxHint(join(folder, 'electron'), restricted)).toContain(`sudo chmod 4755 ${folder}/chrome-sandbox`);
  });

  it('has nothing to say where it does not', () => {
    const permitted = (file: string) => (file.includes('apparmor') ? '0' : '1');
    expect(sandboxHint('/nowhere/electron', permitted)).toBeUndefined();
    expect(sandboxHint('/nowhere/electron', () => undefined)).toBeUndefined();
  });

  it.runIf(process.getuid?.() === 0)('has nothing to say once the helper belongs to root', () => {
    const helper = join(temporaryFolder({ 'chrome-sandbox': '' }), 'chrome-sandbox');
    chownSync(helper, 0, 0);
    chmodSync(helper, 0o4755);
    expect(sandboxHint(join(helper, '../electron'), restricted)).toBeUndefined();
  });
});
