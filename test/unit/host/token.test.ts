import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileEvents } from '../../../src/host/file-events';
import { openToken, type TokenFile, tokenPath } from '../../../src/host/token';
import { waitFor } from '../../integration/support/wait-for';

let base: string;
let folder: string;
let files: TokenFile[];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'idlewatch-token-'));
  folder = join(base, 'state');
  files = [];
});
afterEach(() => {
  for (const file of files) file.close();
  rmSync(base, { recursive: true, force: true });
});

function open(watched = false): TokenFile {
  const file = openToken(
    folder,
    watched ? createFileEvents({ warn: (message) => expect.unreachable(message) }) : undefined,
  );
  files.push(file);
  return file;
}

const put = (text: string) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(tokenPath(folder), text);
};

describe('the token', () => {
  it('is made when it is first asked for, 32 random bytes, for its owner alone', () => {
    const file = open();
    expect(() => statSync(folder)).toThrow();
    const token = file.read();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(readFileSync(tokenPath(folder), 'utf8')).toBe(`${token}\n`);
    expect(statSync(tokenPath(folder)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(['token']);
  });

  it('stays the same, for every program', () => {
    const token = open().read();
    expect(open().read()).toBe(token);
  });

  it('is another one after rotating, in every program at once', () => {
    const [one, two] = [open(), open()];
    const before = two.read();
    const after = one.rotate();
    expect(after).not.toBe(before);
    expect(two.read()).toBe(after);
    expect(one.read()).toBe(after);
    expect(statSync(tokenPath(folder)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['token']);
  });

  it('is made anew where its file was removed', () => {
    const file = open();
    const before = file.read();
    rmSync(tokenPath(folder));
    expect(file.read()).not.toBe(before);
  });

  it('two programs that make it at the same time have the same', () => {
    for (let round = 0; round < 50; round += 1) {
      rmSync(folder, { recursive: true, force: true });
      const tokens = [open(), open(), open()].map((file) => file.read());
      expect(new Set(tokens).size).toBe(1);
    }
  });

  it('is closed to others where it stood open', () => {
    const file = open();
    const token = file.read();
    chmodSync(tokenPath(folder), 0o644);
    expect(file.read()).toBe(token);
    expect(statSync(tokenPath(folder)).mode & 0o777).toBe(0o600);
  });
});

describe('a change', () => {
  it('is told to those who listen, also where another program made it', async () => {
    const file = open(true);
    file.read();
    let changes = 0;
    const stop = file.onChange(() => {
      changes += 1;
    });
    open().rotate();
    await waitFor('it is told', () => changes === 1);
    file.rotate();
    expect(changes).toBe(2);
    stop();
    file.rotate();
    expect(changes).toBe(2);
  });

  it('is none where the same token was written again', () => {
    const file = open();
    const token = file.read();
    file.onChange(() => expect.unreachable('nothing changed'));
    put(token);
    expect(file.read()).toBe(token);
  });
});

describe('what is no token', () => {
  it.each([[''], ['secret'], ['x'.repeat(42)], [`${'x'.repeat(42)}!`], ['x'.repeat(2_000)]])('%j', (text) => {
    put(text);
    expect(() => open().read()).toThrow(
      /^The token of the API cannot be read: token (holds no token; idlewatch token --rotate|is not a file)/,
    );
  });

  it('is replaced by rotating', () => {
    put('secret');
    const file = open();
    const token = file.rotate();
    expect(file.read()).toBe(token);
  });

  it('is a link, or a directory', () => {
    mkdirSync(folder);
    writeFileSync(join(base, 'elsewhere'), 'x'.repeat(43));
    symlinkSync(join(base, 'elsewhere'), tokenPath(folder));
    expect(() => open().read()).toThrow(/cannot be read/);
    rmSync(tokenPath(folder));
    mkdirSync(tokenPath(folder));
    expect(() => open().read()).toThrow(/cannot be read: token is not a file that holds a token/);
    expect(() => open().rotate()).toThrow(/cannot be written/);
    expect(readdirSync(folder)).toEqual(['token']);
  });

  it('a folder that cannot be made is said', () => {
    writeFileSync(folder, 'in the way');
    expect(() => open().read()).toThrow(/^The token of the API cannot be (read|written): /);
  });
});
