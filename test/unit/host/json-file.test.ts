import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readJson, writeJson } from '../../../src/host/json-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'idlewatch-json-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what was written is read, and nothing else is left', () => {
  const path = join(folder, 'new', 'a.json');
  writeJson(path, { b: [1] });
  writeJson(path, { b: [2] });
  expect(readJson(path)).toEqual({ ok: true, value: { b: [2] } });
  expect(readdirSync(join(folder, 'new'))).toEqual(['a.json']);
});

test('a link to the file stays one', () => {
  const target = join(folder, 'dotfiles.json');
  const link = join(folder, 'a.json');
  writeFileSync(target, '{}');
  symlinkSync(target, link);
  writeJson(link, { a: 1 });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(target, 'utf8'))).toEqual({ a: 1 });
});

test('a failed write leaves the old file and no temporary one', () => {
  const path = join(folder, 'a.json');
  mkdirSync(join(path, 'in-the-way'), { recursive: true });
  expect(() => writeJson(path, {})).toThrow();
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test.each([
  ['missing', () => {}, true, 'a.json cannot be read'],
  ['half written', (path: string) => writeFileSync(path, '{"a":'), false, 'a.json is not valid JSON'],
  ['empty', (path: string) => writeFileSync(path, ''), false, 'a.json is not valid JSON'],
  ['huge', (path: string) => writeFileSync(path, ' '.repeat(1_048_577)), false, 'a.json is larger than'],
  ['a directory', (path: string) => mkdirSync(path), false, 'a.json cannot be read'],
  ['a FIFO', (path: string) => void execFileSync('mkfifo', [path]), false, 'it is not a regular file'],
  ['a link to a device', (path: string) => symlinkSync('/dev/zero', path), false, 'it is not a regular file'],
])('a file that is %s is named', (_name, make, missing, message) => {
  const path = join(folder, 'a.json');
  make(path);
  expect(readJson(path)).toEqual({ ok: false, missing, message: expect.stringContaining(message) });
});
