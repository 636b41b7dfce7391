import { describe, expect, it } from 'vitest';
import { missingFrom } from '../../../scripts/setup/system-needs.mjs';
import { choosePackages, isDebianLike } from '../../../scripts/setup/system-packages.mjs';

const allLibraries = ['libgtk-3.so.0', 'libnss3.so', 'libgbm.so.1', 'libasound.so.2', 'libnotify.so.4'];
const ldconfig = (libraries: string[]) =>
  libraries.map((name) => `\t${name} (libc6,x86-64) => /lib/${name}`).join('\n');
const resolved = '\tlibnss3.so => /lib/libnss3.so (0x00007f)\n\tlibm.so.6 => /lib/libm.so.6 (0x00007f)\n';

describe('missingFrom', () => {
  it('finds nothing on a complete system', () => {
    expect(missingFrom(resolved, ldconfig(allLibraries), [])).toEqual({ names: [], packages: [], electronRuns: true });
  });

  it('finds a library Electron opens only while it runs, and knows that Electron starts without it', () => {
    const missing = missingFrom(resolved, ldconfig(allLibraries.slice(0, 4)), []);
    expect(missing).toEqual({ names: ['libnotify.so.4'], packages: [['libnotify4']], electronRuns: true });
  });

  it('finds what the executable is linked to, and knows that Electron cannot start', () => {
    const ldd = `${resolved}\tlibcups.so.2 => not found\n\tlibgtk-3.so.0 => not found\n`;
    const missing = missingFrom(ldd, ldconfig(allLibraries.slice(1)), []);
    expect(missing.names).toEqual(['libcups.so.2', 'libgtk-3.so.0']);
    expect(missing.packages).toContainEqual(['libgtk-3-0t64', 'libgtk-3-0']);
    expect(missing.electronRuns).toBe(false);
  });

  it('asks for all packages where a library is missing that comes only with one of them', () => {
    const missing = missingFrom('\tlibcups.so.2 => not found\n', ldconfig(allLibraries), []);
    expect(missing.names).toEqual(['libcups.so.2']);
    expect(missing.packages).toHaveLength(allLibraries.length);
  });

  it('goes by ldd alone on a system without ldconfig', () => {
    expect(missingFrom(resolved, undefined, []).names).toEqual([]);
    expect(missingFrom('\tlibnss3.so => not found\n', undefined, []).names).toEqual(['libnss3.so']);
  });

  it('asks for the package of several missing programs once', () => {
    const programs = ['Xvfb', 'xvfb-run'].map((name) => ({ name, packages: ['xvfb'] }));
    const missing = missingFrom(resolved, ldconfig(allLibraries), programs);
    expect(missing).toEqual({ names: ['Xvfb', 'xvfb-run'], packages: [['xvfb']], electronRuns: true });
  });
});

describe('choosePackages', () => {
  const asound = [['libasound2t64', 'libasound2']];

  it.each([
    ['the newer name where the release has it', ['libasound2t64', 'libasound2'], 'libasound2t64'],
    ['the older name on an older release', ['libasound2'], 'libasound2'],
    ['a name to show where no package list is there', [], 'libasound2'],
  ])('takes %s', (_, known, chosen) => {
    expect(choosePackages(asound, (name) => known.includes(name))).toEqual([chosen]);
  });
});

describe('isDebianLike', () => {
  it.each([
    ['Debian', 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', true],
    ['Ubuntu', 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', true],
    ['Linux Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['Fedora', 'ID=fedora\nVERSION_ID=40\n', false],
    ['a name that only mentions it', 'ID=arch\nPRETTY_NAME="not debian"\nVARIANT_ID=debian\n', false],
    ['a system that does not say', '', false],
  ])('judges %s', (_, osRelease, expected) => {
    expect(isDebianLike(osRelease)).toBe(expected);
  });
});
