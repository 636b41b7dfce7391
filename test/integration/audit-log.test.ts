import { spawn } from 'node:child_process';
import {
  appendFileSync,
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
import { createAuditLog } from '../../src/host/audit-log';

let base: string;
let folder: string;
let file: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'idlewatch-audit-'));
  folder = join(base, 'state', 'idlewatch');
  file = join(folder, 'audit.jsonl');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').filter(Boolean);
const kindsOf = (path: string) => linesOf(path).map((line) => JSON.parse(line).kind);
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the audit log', () => {
  it('makes its folder and file for its owner alone, and has a line on disk once it says so', async () => {
    await createAuditLog(folder).append({ at: 5, kind: 'kill_intent', text: 'two\nlines' });
    expect(linesOf(file).map((line) => JSON.parse(line))).toEqual([{ at: 5, kind: 'kill_intent', text: 'two\nlines' }]);
    expect(modeOf(file)).toBe(0o600);
    expect(modeOf(folder)).toBe(0o700);
  });

  it('keeps the order in which it was given entries at once', async () => {
    const log = createAuditLog(folder);
    const kinds = Array.from({ length: 50 }, (_, index) => `entry ${index}`);
    await Promise.all(kinds.map((kind) => log.append({ at: 0, kind })));
    expect(kindsOf(file)).toEqual(kinds);
  });

  it('goes on with a file that is there, and closes it to others', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, '{"at":1,"kind":"before"}\n');
    chmodSync(file, 0o644);
    await createAuditLog(folder).append({ at: 2, kind: 'after' });
    expect(kindsOf(file)).toEqual(['before', 'after']);
    expect(modeOf(file)).toBe(0o600);
  });

  it('begins on a line of its own after half a line', async () => {
    const log = createAuditLog(folder);
    await log.append({ at: 1, kind: 'whole' });
    appendFileSync(file, '{"at":2,"ki');
    await log.append({ at: 3, kind: 'next' });
    expect(linesOf(file).at(-1)).toBe('{"at":3,"kind":"next"}');
    expect(linesOf(file)).toHaveLength(3);
  });

  it('stays bounded: puts full files aside and drops the oldest, losing no line before', async () => {
    const log = createAuditLog(folder, { maxFileBytes: 200, keptFiles: 2 });
    for (let index = 0; index < 40; index += 1) await log.append({ at: index, kind: `entry ${index}` });
    expect(readdirSync(folder).sort()).toEqual(['audit.1.jsonl', 'audit.2.jsonl', 'audit.jsonl']);
    const kinds = ['audit.2.jsonl', 'audit.1.jsonl', 'audit.jsonl'].flatMap((name) => kindsOf(join(folder, name)));
    expect(kinds).toEqual(Array.from({ length: kinds.length }, (_, i) => `entry ${40 - kinds.length + i}`));
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(200);
  });

  it('keeps an entry that alone is larger than a file may be', async () => {
    const log = createAuditLog(folder, { maxFileBytes: 100, keptFiles: 1 });
    await log.append({ at: 1, kind: 'x'.repeat(500) });
    await log.append({ at: 2, kind: 'next' });
    expect(kindsOf(file)).toEqual(['next']);
    expect(kindsOf(join(folder, 'audit.1.jsonl'))[0]).toHaveLength(500);
  });

  it.each([
    ['a file stands where its folder should be', () => writeFileSync(join(base, 'state'), '')],
    ['a directory stands in its place', () => mkdirSync(file, { recursive: true })],
    [
      'a link stands in its place',
      () => {
        mkdirSync(folder, { recursive: true });
        symlinkSync(join(base, 'elsewhere'), file);
      },
    ],
  ])('rejects where %s, and works again once that is mended', async (_what, obstruct) => {
    obstruct();
    const log = createAuditLog(folder);
    await expect(log.append({ at: 1, kind: 'lost' })).rejects.toThrow();
    rmSync(join(base, 'state'), { recursive: true });
    await log.append({ at: 2, kind: 'kept' });
    expect(kindsOf(file)).toEqual(['kept']);
    expect(readdirSync(base)).toEqual(['state']);
  });

  it.runIf(process.platform === 'linux')('does not wait for a reader of a FIFO in its place', async () => {
    mkdirSync(folder, { recursive: true });
    await new Promise((done) => spawn('mkfifo', [file]).on('exit', done));
    await expect(createAuditLog(folder).append({ at: 1, kind: 'lost' })).rejects.toThrow('not a regular file');
  });
});
