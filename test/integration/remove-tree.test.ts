import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTreeRemover } from '../../src/host/remove-tree';
import { realProcesses } from './support/real-processes';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const canMount = isRoot && isLinux && spawnSync('unshare', ['--mount', 'true']).status === 0;
const NOBODY = 65_534;
const processes = realProcesses();

let base: string;
let root: string;
let path: string;
let outside: string;
let mounts: string[];

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-remove-')));
  root = join(base, 'root');
  path = join(root, 'left-1');
  outside = join(base, 'outside');
  mounts = [];
  for (const directory of [root, path, outside]) mkdirSync(directory);
  writeFileSync(join(outside, 'precious'), 'precious');
});
afterEach(async () => {
  await processes.endAll();
  for (const mount of mounts.reverse()) execFileSync('umount', [mount]);
  rmSync(base, { recursive: true, force: true });
});

const preciousIsThere = () => readFileSync(join(outside, 'precious'), 'utf8') === 'precious';
const mount = (...args: string[]): void => {
  execFileSync('mount', args);
  mounts.push(args.at(-1)!);
};
function fill(directory: string): void {
  mkdirSync(join(directory, 'a/b/c'), { recursive: true });
  writeFileSync(join(directory, 'a/one'), '1');
  writeFileSync(join(directory, 'a/b/c/two'), '2');
}
const everything = (directory: string) => readdirSync(directory, { recursive: true }).sort();

describe.each(['linux', 'darwin'] as const)('removing a tree as on %s', (platform) => {
  const remover = createTreeRemover(platform);

  it('removes everything in it and nothing beside it', async () => {
    fill(path);
    fill(join(root));
    await remover.remove(path, root);
    expect(readdirSync(root)).toEqual(['a']);
    expect(everything(root)).toContain('a/b/c/two');
  });

  it('removes links and leaves alone what they lead to', async () => {
    symlinkSync(join(outside, 'precious'), join(path, 'file'));
    symlinkSync(outside, join(path, 'directory'));
    symlinkSync('/', join(path, 'all'));
    symlinkSync('..', join(path, 'up'));
    await remover.remove(path, root);
    expect(existsSync(path)).toBe(false);
    expect(preciousIsThere()).toBe(true);
  });

  it('refuses what does not lie directly in its root', async () => {
    fill(path);
    symlinkSync(outside, join(root, 'link'));
    symlinkSync(root, join(base, 'other-way'));
    writeFileSync(join(root, 'file'), '');
    const refused = [
      [join(path, 'a'), root],
      [root, root],
      [join(root, '..'), root],
      [`${root}/`, root],
      [join(root, 'link'), root],
      [join(root, 'file'), root],
      [join(root, 'absent'), root],
      [join(base, 'other-way/left-1'), join(base, 'other-way')],
      [outside, root],
    ] as const;
    for (const [what, from] of refused) await expect(remover.remove(what, from), what).rejects.toThrow();
    expect(everything(path)).toContain('a/b/c/two');
    expect(preciousIsThere()).toBe(true);
    expect(lstatSync(join(root, 'link')).isSymbolicLink()).toBe(true);
  });

  it('removes names that are not UTF-8, or meant to mislead', async () => {
    const names = ['a\xff\xfe', '\x80', '-rf', ' ', '~', '*', 'two\nlines', '\x1b[2J', '.aside', "'; true", 'ünï'];
    for (const name of names) {
      const directory = Buffer.concat([Buffer.from(`${path}/`), Buffer.from(name, 'latin1')]);
      mkdirSync(directory);
      writeFileSync(Buffer.concat([directory, Buffer.from('/'), Buffer.from(name, 'latin1')]), 'x');
    }
    expect(await remover.measure(path)).toBeGreaterThan(0);
    await remover.remove(path, root);
    expect(readdirSync(root)).toEqual([]);
  });

  it.skipIf(!isRoot)('makes directories of its own user writable first', () => {
    fill(path);
    chmodSync(join(path, 'a/b/c'), 0o500);
    chmodSync(join(path, 'a/b'), 0o000);
    chownAll(base);
    expect(removeAsNobody(platform, path, root)).toBe('removed');
    expect(readdirSync(root)).toEqual([]);
  });

  it.skipIf(!isRoot)('says what is in the way where a right is missing, and does not take it', () => {
    fill(path);
    chownAll(base);
    chownSync(join(path, 'a/b'), 0, 0);
    expect(removeAsNobody(platform, path, root)).toContain('a/b/c cannot be removed: permission denied (EACCES)');
    expect(existsSync(join(path, 'a/b/c'))).toBe(true);
  });

  it.skipIf(!canMount)('does not touch anything where another file system is mounted below', async () => {
    fill(path);
    mkdirSync(join(path, 'z z'));
    mount('-t', 'tmpfs', 'tmpfs', join(path, 'z z'));
    writeFileSync(join(path, 'z z/kept'), '');
    await expect(remover.remove(path, root)).rejects.toThrow(/z z.*left alone/s);
    expect(everything(path)).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/two', 'a/one', 'z z', 'z z/kept']);
    expect(await remover.measure(path)).toBeNull();
  });
});

describe.runIf(isLinux)('removing a tree on Linux', () => {
  const remover = createTreeRemover();

  it.skipIf(!canMount)('does not touch anything where a directory of the same device is mounted below', async () => {
    fill(path);
    mkdirSync(join(path, 'a/bound'));
    mount('--bind', outside, join(path, 'a/bound'));
    await expect(remover.remove(path, root)).rejects.toThrow(`${path}/a/bound is a mount`);
    expect(existsSync(join(path, 'a/b/c/two'))).toBe(true);
    expect(preciousIsThere()).toBe(true);
    expect(await remover.measure(path)).toBeNull();
  });

  it.skipIf(!canMount)('does not touch a directory that is a mount itself', async () => {
    mount('--bind', outside, path);
    await expect(remover.remove(path, root)).rejects.toThrow(`${path} is a mount`);
    expect(preciousIsThere()).toBe(true);
  });

  it.skipIf(!canMount)('stops where something is mounted while it removes', async () => {
    for (let i = 0; i < 8_000; i += 1) writeFileSync(join(path, `file ${i}`), '');
    mkdirSync(join(path, 'late/below'), { recursive: true });
    const removal = remover.remove(path, root);
    // The first look for mounts is over once the first slice is.
    await new Promise((resume) => setImmediate(resume));
    mount('--bind', outside, join(path, 'late'));
    await expect(removal).rejects.toThrow(/late/);
    expect(preciousIsThere()).toBe(true);
  });

  it('is never led out by directories that are swapped for links meanwhile', async () => {
    const far = join(outside, 'far');
    for (let i = 0; i < 8; i += 1) {
      mkdirSync(join(far, `sub ${i}`), { recursive: true });
      for (let n = 0; n < 5; n += 1) writeFileSync(join(far, `sub ${i}/file ${n}`), '');
    }
    const before = everything(outside);
    let removed = 0;
    for (let round = 0; round < 60; round += 1) {
      mkdirSync(join(path, 'top'), { recursive: true });
      for (let i = 0; i < 8; i += 1) fill(join(path, 'top', `sub ${i}`));
      const attacker = await processes.start('swaps.mjs', [join(path, 'top'), far]);
      await remover.remove(path, root).then(
        () => (removed += 1),
        () => undefined,
      );
      process.kill(attacker.pid, 'SIGKILL');
      await new Promise((ended) => attacker.child.once('exit', ended));
      expect(everything(outside)).toEqual(before);
      rmSync(path, { recursive: true, force: true });
    }
    expect(removed).toBeGreaterThan(0);
  }, 120_000);

  it('goes on as far down as a tree goes', async () => {
    execFileSync('python3', ['-c', DEEP, path, '10000']);
    const openBefore = readdirSync('/proc/self/fd').length;
    expect(await remover.measure(path)).toBeGreaterThan(10_000);
    await remover.remove(path, root);
    expect(existsSync(path)).toBe(false);
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(openBefore + 1);
  }, 60_000);

  it('removes more directories than it remembers names of', async () => {
    for (let i = 0; i < 4_500; i += 1) mkdirSync(join(path, String(i)));
    await remover.remove(path, root);
    expect(existsSync(path)).toBe(false);
  }, 60_000);

  it('removes 30,000 files bit by bit, and lets others run in between', async () => {
    execFileSync('python3', ['-c', WIDE, path, '30000']);
    const rssBefore = process.memoryUsage().rss;
    let turns = 0;
    const others = setInterval(() => (turns += 1), 1);
    await remover.measure(path);
    await remover.remove(path, root);
    clearInterval(others);
    expect(existsSync(path)).toBe(false);
    // However slow the machine: each slice is worth far fewer files than this.
    expect(turns).toBeGreaterThan(30_000 / 1_000);
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(80 * 1024 * 1024);
  }, 120_000);
});

describe.runIf(isLinux)('measuring a tree', () => {
  const remover = createTreeRemover();
  const du = (what: string) => Number(execFileSync('du', ['-s', '-B1', what], { encoding: 'utf8' }).split('\t')[0]);

  it('counts what is on the disk, as du does', async () => {
    fill(path);
    writeFileSync(join(path, 'large'), Buffer.alloc(3_000_000, 1));
    writeFileSync(join(path, 'holes'), '');
    truncateSync(join(path, 'holes'), 1024 ** 3);
    linkSync(join(path, 'large'), join(path, 'a/again'));
    symlinkSync(join(path, 'large'), join(path, 'link'));
    symlinkSync('/', join(path, 'all'));
    const bytes = await remover.measure(path);
    expect(bytes).toBe(du(path));
    expect(bytes).toBeLessThan(4_000_000);
    expect(bytes).toBeGreaterThan(3_000_000);
  });

  it('says nothing where there is no such directory', async () => {
    symlinkSync(outside, join(root, 'link'));
    expect(await remover.measure(join(root, 'absent'))).toBeNull();
    expect(await remover.measure(join(root, 'link'))).toBeNull();
    expect(await remover.measure(join(outside, 'precious'))).toBeNull();
  });

  it.skipIf(!isRoot)('says nothing where it may not read all of it, and changes no right for it', () => {
    fill(path);
    chownAll(base);
    chmodSync(join(path, 'a/b'), 0o000);
    expect(asNobody(`remover.measure(${JSON.stringify(path)}).then(String)`, 'linux')).toBe('null');
    expect(lstatSync(join(path, 'a/b')).mode & 0o777).toBe(0);
  });
});

const DEEP = `
import os, sys
os.chdir(sys.argv[1])
for i in range(int(sys.argv[2])):
    os.mkdir('d')
    os.chdir('d')
open('bottom', 'w').close()
`;
const WIDE = `
import os, sys
os.chdir(sys.argv[1])
for i in range(int(sys.argv[2])):
    open('file %d' % i, 'w').close()
`;

function chownAll(directory: string): void {
  execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, directory]);
}

const removeAsNobody = (platform: string, what: string, from: string) =>
  asNobody(
    `remover.remove(${JSON.stringify(what)}, ${JSON.stringify(from)}).then(() => 'removed', (error) => error.message)`,
    platform,
  );

/** What an expression over `remover` resolves with in a process of another user. */
function asNobody(expression: string, platform: string): string {
  const checkout = join(import.meta.dirname, '../..');
  const script = `
    import { createTreeRemover } from '${checkout}/src/host/remove-tree/index.ts';
    const remover = createTreeRemover('${platform}');
    process.stdout.write(await ${expression});
  `;
  const file = join(base, 'as-nobody.mts');
  writeFileSync(file, script);
  chmodSync(file, 0o644);
  chmodSync(base, 0o755);
  return execFileSync(process.execPath, ['--import', `${checkout}/node_modules/tsx/dist/loader.mjs`, file], {
    uid: NOBODY,
    gid: NOBODY,
    encoding: 'utf8',
    env: { ...process.env, HOME: base, TMPDIR: base },
  });
}
