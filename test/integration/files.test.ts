import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFiles, isInside } from '../../src/host/files';
import { ODD_FILES, SECRET } from './support/odd-files';

const files = createFiles();
let base: string;
let within: string;
let path: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-files-')));
  within = join(base, 'worker');
  path = join(within, 'file');
  mkdirSync(within);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function text(maxBytes = 1_000, offset?: number): string {
  const got = files.read(path, within, maxBytes, offset);
  if (!got.ok) throw new Error(got.detail);
  return Buffer.from(got.data).toString();
}

describe('reading', () => {
  beforeEach(() => writeFileSync(path, '0123456789'));

  test.each([
    [1_000, undefined, '0123456789'],
    [4, undefined, '0123'],
    [4, 3, '3456'],
    [4, 8, '89'],
    [4, 10, ''],
    [4, 99, ''],
    [4, -4, '6789'],
    [2, -4, '67'],
    [1_000, -99, '0123456789'],
    [0, 0, ''],
  ])('at most %d bytes from %s on gives %j', (max, offset, expected) => expect(text(max, offset)).toBe(expected));

  test('tells the size, and whether there is more than was asked for', () => {
    expect(files.read(path, within, 4)).toMatchObject({ ok: true, size: 10, truncated: true });
    expect(files.read(path, within, 10)).toMatchObject({ ok: true, size: 10, truncated: false });
    expect(files.read(path, within, 4, 8)).toMatchObject({ ok: true, truncated: false });
  });

  test('gives what is there of a file that was cut short', () => {
    truncateSync(path, 3);
    expect(text(10, 2)).toBe('2');
  });

  test('tells another file under the same name, and not a file that only grew', () => {
    const before = files.stat(path, within);
    appendFileSync(path, 'more');
    expect(files.stat(path, within)).toMatchObject({ fileId: before.ok && before.fileId, size: 14 });
    writeFileSync(`${path}.new`, 'other');
    rmSync(path);
    symlinkSync(`${path}.new`, path);
    const after = files.stat(path, within);
    expect(after.ok && before.ok && after.fileId === before.fileId).toBe(false);
  });
});

describe.each(ODD_FILES)('$name', (odd) => {
  test('is neither told as a file nor read, whichever is asked first', async () => {
    await odd.make(path);
    for (const answer of [files.stat(path, within), files.read(path, within, 100)]) {
      expect(answer).toEqual({
        ok: false,
        problem: expect.stringMatching(/^(unreadable|not_regular|outside)$/),
        detail: odd.words,
      });
    }
  });

  test('in the place of a file that was just seen is not read', async () => {
    writeFileSync(path, 'a file');
    expect(files.stat(path, within).ok).toBe(true);
    rmSync(path);
    await odd.make(path);
    const got = files.read(path, within, 100);
    expect(got).toMatchObject({ ok: false });
    expect(JSON.stringify(got)).not.toContain(SECRET);
  });
});

describe('what is missing', () => {
  test.each(['file', 'sub/file', 'file/below'])('is told as missing: %s', (name) => {
    if (name === 'file/below') writeFileSync(path, 'no directory');
    for (const answer of [files.stat(join(within, name), within), files.read(join(within, name), within, 9)]) {
      expect(answer).toMatchObject({ ok: false, problem: 'missing' });
    }
  });

  test('is told of a directory, and what is no directory', () => {
    expect(files.list(join(base, 'nothing'))).toMatchObject({ ok: false, problem: 'missing' });
    writeFileSync(path, '');
    expect(files.list(path)).toMatchObject({ ok: false, problem: 'missing' });
    expect([files.mtimeMs(join(base, 'nothing')), files.realPath(join(base, 'nothing'))]).toEqual([null, null]);
  });
});

describe('links', () => {
  test('within the directory are followed, also to a file below it, and through a directory', () => {
    mkdirSync(join(within, 'sub'));
    writeFileSync(join(within, 'sub/real'), 'real');
    symlinkSync('sub/real', path);
    symlinkSync('sub', join(within, 'linked'));
    expect(text()).toBe('real');
    expect(files.read(join(within, 'linked/real'), within, 9)).toMatchObject({ ok: true, size: 4 });
  });

  test('through a directory that leads outside are not followed', () => {
    writeFileSync(join(base, 'secret'), SECRET);
    symlinkSync(base, join(within, 'linked'));
    const inside = join(within, 'linked/secret');
    for (const answer of [files.stat(inside, within), files.read(inside, within, 99)]) {
      expect(answer).toMatchObject({ ok: false, problem: 'outside' });
    }
  });
});

test('a listing tells directories, files, and all else apart', async () => {
  mkdirSync(join(within, 'a'));
  writeFileSync(join(within, 'b'), '');
  for (const [at, odd] of ODD_FILES.entries())
    if (odd.name !== 'a directory') await odd.make(join(within, `odd ${at}`));
  const listing = files.list(within);
  const kinds = new Map(listing.ok ? listing.entries.map(({ name, kind }) => [name, kind]) : []);
  expect([kinds.get('a'), kinds.get('b')]).toEqual(['directory', 'file']);
  expect(new Set([...kinds].filter(([name]) => name.startsWith('odd')).map(([, kind]) => kind))).toEqual(
    new Set(['other']),
  );
});

test.each([
  ['/a/b', '/a/b', true],
  ['/a/b/c', '/a/b', true],
  ['/a/b/..c', '/a/b', true],
  ['/a/bc', '/a/b', false],
  ['/a', '/a/b', false],
  ['/', '/a', false],
  ['/a/b', '/', true],
])('%s is inside %s: %s', (path, directory, answer) => expect(isInside(path, directory)).toBe(answer));
