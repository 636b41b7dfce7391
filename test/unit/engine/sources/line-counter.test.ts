import {
  appendFileSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LineCounter } from '../../../../src/engine/sources/worker-directory/line-counter';
import { createFiles } from '../../../../src/host/files';

const files = createFiles();
let base: string;
let path: string;

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-lines-')));
  path = join(base, 'lines.jsonl');
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => rmSync(path, { force: true }));

/** A counter with everything it ever told. */
function makeCounter() {
  const counter = new LineCounter();
  const lines: (string | null)[] = [];
  let restarts = 0;
  const read = () => {
    const got = counter.read(
      files,
      path,
      base,
      (line) => lines.push(line),
      () => {
        restarts += 1;
        lines.length = 0;
      },
    );
    if (!got.ok) throw new Error(got.detail);
    return got.growth;
  };
  const readAll = () => {
    while (read().more);
  };
  return {
    counter,
    lines,
    read,
    readAll,
    get restarts() {
      return restarts;
    },
  };
}

const isEntry = (line: string) => line.trim() !== '';

describe('any content, written in any pieces, counts as the whole', () => {
  const text = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', '\r\n', ' ', '', 'ä🤖', '\n\n')),
    {
      maxLength: 30,
      size: 'max',
    },
  );
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6, size: 'max' });

  test('small files, cut anywhere, even within a character', () => {
    fc.assert(
      fc.property(text, cuts, (parts, at) => {
        rmSync(path, { force: true });
        const whole = Buffer.from(parts.join(''));
        const places = [...at.map((share) => Math.floor(share * whole.length)), 0, whole.length].sort((a, b) => a - b);
        const pieces = makeCounter();
        writeFileSync(path, '');
        for (const [index, from] of places.slice(0, -1).entries()) {
          appendFileSync(path, whole.subarray(from, places[index + 1]));
          pieces.readAll();
        }
        const expected = whole.toString().split('\n');
        const last = expected.pop() ?? '';
        expect(pieces.lines).toEqual(expected.filter(isEntry));
        expect(pieces.counter.count).toBe(expected.filter(isEntry).length);
        expect(pieces.counter.unfinished).toBe(last);
        expect(pieces.restarts).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('files of many slices, with lines up to and beyond what is kept of one', () => {
    const MB = 1024 * 1024;
    const lengths = fc.array(fc.constantFrom(0, 1, 1000, 262_143, 262_144, MB - 1, MB, MB + 1, 3 * MB), {
      minLength: 1,
      maxLength: 6,
      size: 'max',
    });
    fc.assert(
      fc.property(lengths, fc.boolean(), (all, isEnded) => {
        writeFileSync(path, all.map((length) => 'x'.repeat(length)).join('\n') + (isEnded ? '\n' : ''));
        const reading = makeCounter();
        reading.readAll();
        const whole = isEnded ? all : all.slice(0, -1);
        const told = whole.filter((length) => length > 0).map((length) => (length > MB ? null : length));
        expect(reading.lines.map((line) => line?.length ?? null)).toEqual(told);
        expect(reading.counter.count).toBe(told.length);
      }),
      { numRuns: 25 },
    );
  });
});

test('one read takes a slice, however long the file, and says that there is more', () => {
  writeFileSync(path, 'x\n'.repeat(400_000));
  const reading = makeCounter();
  const first = reading.read();
  expect(first).toMatchObject({ more: true, restarted: false });
  expect(first.lines).toBeLessThan(200_000);
  reading.readAll();
  expect(reading.counter.count).toBe(400_000);
  expect(reading.read()).toEqual({ lines: 0, restarted: false, more: false });
});

describe('a file that is not the one it was', () => {
  test.each([
    ['shorter', 'new\n'],
    ['as long', 'an\nother!\n\n'],
    ['longer', 'something\nelse\naltogether\n'],
    ['longer, beginning alike', 'old\nother\nthings\n'],
  ])('is told as restarted, and counted afresh: %s', (_name, content) => {
    writeFileSync(path, 'old\nlines\n');
    const reading = makeCounter();
    reading.readAll();
    writeFileSync(path, content);
    expect(reading.read().restarted).toBe(true);
    expect(reading.restarts).toBe(1);
    expect(reading.lines).toEqual(content.split('\n').filter(isEntry));
    expect(reading.counter.count).toBe(reading.lines.length);
  });

  test('is told when cut short and grown again, and what was unfinished is void', () => {
    writeFileSync(path, 'one\ntwo\nunfinished');
    const reading = makeCounter();
    reading.readAll();
    truncateSync(path, 4);
    appendFileSync(path, 'second\nthird and more\n');
    expect(reading.read().restarted).toBe(true);
    expect(reading.lines).toEqual(['one', 'second', 'third and more']);
    expect(reading.counter.unfinished).toBe('');
  });

  test('is not told of a file that only grew', () => {
    const reading = makeCounter();
    for (let time = 0; time < 20; time += 1) {
      appendFileSync(path, `line ${time}\nhalf`);
      expect(reading.read().restarted).toBe(false);
    }
    expect(reading.counter.count).toBe(20);
  });
});

describe('whether a file is worth reading', () => {
  const stat = () => {
    const got = files.stat(path, base);
    if (!got.ok) throw new Error(got.detail);
    return got;
  };

  test('shows by its size, its time and its identity', () => {
    writeFileSync(path, 'one\n');
    const { counter, readAll } = makeCounter();
    expect(counter.differs(stat())).toBe(true);
    readAll();
    expect([counter.differs(stat()), counter.same(stat())]).toEqual([false, true]);
    utimesSync(path, 1, 1);
    expect(counter.differs(stat())).toBe(true);
    readAll();
    appendFileSync(path, 'two\n');
    utimesSync(path, 1, 1);
    expect(counter.differs(stat())).toBe(true);
    expect(counter.same({ ...stat(), fileId: stat().fileId + 1 })).toBe(false);
  });

  test('shows by what has not been read yet', () => {
    writeFileSync(path, 'x\n'.repeat(400_000));
    const { counter, read } = makeCounter();
    read();
    expect(counter.differs(stat())).toBe(true);
  });

  test('a file taken as read counts what comes after, and its last lines where asked', () => {
    writeFileSync(path, 'one\ntwo\nthree\nfour\n');
    const atEnd = makeCounter();
    atEnd.counter.startAtEnd(stat());
    const nearEnd = makeCounter();
    nearEnd.counter.startAtEnd(stat(), 7);
    const all = makeCounter();
    all.counter.startAtEnd(stat(), 1_000);
    appendFileSync(path, 'five\n');
    for (const { readAll } of [atEnd, nearEnd, all]) readAll();
    expect(atEnd.lines).toEqual(['five']);
    expect(nearEnd.lines).toEqual([null, 'four', 'five']); // The first is cut: where it began is not known.
    expect(all.lines).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(statSync(path).size).toBe(atEnd.counter.offset);
  });
});
