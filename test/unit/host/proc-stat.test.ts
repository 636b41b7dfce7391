import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auxiliaryValues } from '../../../src/host/process-table/machine';
import { hasEnded, parseStat } from '../../../src/host/process-table/stat';

const line = (name: string, state = 'S', threads = 1) =>
  Buffer.from(
    `4242 (${name}) ${state} 17 4242 99 0 -1 4194304 100 0 0 0 120 30 0 0 20 0 ${threads} 0 141887 3133440 382 184467 1 1 0 0 0 0 0\n`,
  );

describe('parseStat', () => {
  it('reads the fields it names, counted as proc_pid_stat(5) counts them', () => {
    expect(parseStat(line('node'))).toEqual({
      pid: 4242,
      name: 'node',
      state: 'S',
      ppid: 17,
      pgid: 4242,
      sessionId: 99,
      threads: 1,
      cpuTicks: 150,
      startTicks: '141887',
      rssPages: 382,
    });
  });

  it.each([
    ['spaces', 'tmux: server'],
    ['parentheses', 'a) (b'],
    ['what looks like a whole line', 'x) R 1 1 1 0'],
    ['line breaks', 'two\nlines'],
    ['nothing', ''],
    ['letters beyond ASCII', 'wörker'],
  ])('is not misled by a name with %s', (_what, name) => {
    const fields = parseStat(line(name));
    expect(fields).toMatchObject({ name, ppid: 17, startTicks: '141887', state: 'S' });
  });

  it.each([
    ['empty', ''],
    ['cut in the name', '4242 (no'],
    ['cut before the start time', '4242 (node) S 17 4242 99 0 -1'],
    ['no pid', '(node) S 17 4242'],
    ['words for numbers', line('n').toString().replace('141887', 'soon')],
    ['a stray sign for a parent', line('n').toString().replace(' 17 ', ' -- ')],
  ])('gives null for a line that is %s', (_what, text) => {
    expect(parseStat(Buffer.from(text))).toBeNull();
  });

  it.runIf(process.platform === 'linux')("reads this process's own", () => {
    expect(parseStat(readFileSync('/proc/self/stat'))).toMatchObject({ pid: process.pid, ppid: process.ppid });
  });
});

describe('hasEnded', () => {
  it.each([
    ['Z', 1, true],
    ['X', 1, true],
    ['x', 0, true],
    ['Z', 3, false],
    ['S', 1, false],
    ['D', 1, false],
    ['T', 1, false],
  ])('state %s with %i threads: %s', (state, threads, ended) => {
    const fields = parseStat(line('node', state, threads));
    expect(fields && hasEnded(fields)).toBe(ended);
  });
});

describe('auxiliaryValues', () => {
  it('reads pairs of 64-bit and of 32-bit words, and leaves half a pair', () => {
    const wide = new Uint8Array(new BigUint64Array([6n, 16384n, 17n, 100n, 0n]).buffer);
    expect([...auxiliaryValues(Buffer.from(wide), 8)]).toEqual([
      [6, 16384],
      [17, 100],
    ]);
    const narrow = new Uint8Array(new Uint32Array([17, 250, 6, 65536]).buffer);
    expect(auxiliaryValues(Buffer.from(narrow), 4).get(17)).toBe(250);
  });
});
