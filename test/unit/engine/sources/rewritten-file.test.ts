import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RewrittenFile } from '../../../../src/engine/sources/rewritten-file';
import { createFiles } from '../../../../src/host/files';
import { SteppedClock } from '../../../fakes/stepped-clock';

let base: string;
let path: string;
let clock: SteppedClock;
let file: RewrittenFile<string>;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-rewritten-')));
  path = join(base, 'file');
  clock = new SteppedClock();
  const parse = (text: string) =>
    text.endsWith('.') ? { ok: true as const, value: text } : { ok: false as const, detail: 'expected a full stop' };
  file = new RewrittenFile({ path, within: base, maxBytes: 100, parse, files: createFiles(), clock });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

it('reads only what changed', () => {
  writeFileSync(path, 'One.');
  expect(file.touched()).toBe(true);
  expect(file.look()).toBe(true);
  expect(file).toMatchObject({ value: 'One.', fault: null, isThere: true });
  expect(file.touched()).toBe(false);
  expect(file.look()).toBe(false);
  writeFileSync(path, 'One and two.');
  expect(file.touched()).toBe(true);
  expect(file.look()).toBe(true);
});

it('believes half a file only once that has lasted', () => {
  writeFileSync(path, 'One.');
  file.look();
  writeFileSync(path, 'Tw');
  file.look();
  expect(file).toMatchObject({ value: 'One.', fault: null, againInMs: 250 });
  clock.step(100);
  file.look();
  expect(file).toMatchObject({ fault: null, againInMs: 150 });
  clock.step(150);
  file.look();
  expect(file).toMatchObject({
    value: 'One.',
    fault: { kind: 'damaged', detail: 'expected a full stop' },
    againInMs: null,
  });
  writeFileSync(path, 'Two.');
  file.look();
  expect(file).toMatchObject({ value: 'Two.', fault: null, newestFault: null, againInMs: null });
});

it('doubts anew after it was well again', () => {
  writeFileSync(path, 'Tw');
  file.look();
  clock.step(200);
  writeFileSync(path, 'Two.');
  file.look();
  writeFileSync(path, 'Th');
  file.look();
  expect(file).toMatchObject({ fault: null, againInMs: 250 });
});

it('believes so too that it is gone', () => {
  writeFileSync(path, 'One.');
  file.look();
  rmSync(path);
  file.look();
  expect(file).toMatchObject({ value: 'One.', fault: null, isThere: false, againInMs: 250 });
  clock.step(250);
  file.look();
  expect(file.fault?.kind).toBe('missing');
});

it('reads none that is too long', () => {
  writeFileSync(path, `${'x'.repeat(200)}.`);
  file.look();
  clock.step(250);
  file.look();
  expect(file).toMatchObject({
    value: null,
    fault: { kind: 'unreadable', detail: 'it has 201 bytes; allowed are 100' },
  });
});
