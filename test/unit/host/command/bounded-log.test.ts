import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBoundedLog } from '../../../../src/host/command/bounded-log';

const MARKER = /\n… ([\d.]+) (B|kB|MB) of output dropped here by idlewatch … *\n/;
const UNITS: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6 };

function make(maxBytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'idlewatch-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'agent.log');
  const told = { drops: 0, troubles: [] as string[] };
  const log = createBoundedLog({
    path,
    maxBytes,
    onFirstDrop: () => {
      told.drops += 1;
    },
    onTrouble: (reason) => told.troubles.push(reason),
  });
  return { log, path, told, read: () => readFileSync(path, 'utf8') };
}

describe('a bounded log', () => {
  it('is what was put in, below its limit', async () => {
    const { log, read, told } = make(1_000);
    for (const part of ['one\n', 'two', '\nthree']) await log.append(Buffer.from(part));
    await log.close();
    expect(read()).toBe('one\ntwo\nthree');
    expect(told).toEqual({ drops: 0, troubles: [] });
  });

  it('is exactly its limit without a drop', async () => {
    const { log, read, told } = make(4_000);
    await log.append(Buffer.alloc(4_000, 'x'));
    await log.close();
    expect([read().length, told.drops]).toEqual([4_000, 0]);
  });

  it('keeps whole lines: the first half, how much is missing, the newest', async () => {
    const { log, read, told, path } = make(8_000);
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i}\n`);
    for (const line of lines) {
      await log.append(Buffer.from(line));
      expect(statSync(path).size).toBeLessThanOrEqual(8_000);
    }
    await log.close();
    const [head = '', tail = ''] = read().split(/\n… .*… *\n/);
    const all = lines.join('');
    expect(all.startsWith(head)).toBe(true);
    expect(all.endsWith(`\n${tail}`)).toBe(true);
    expect(head.length).toBeGreaterThan(3_900);
    expect(tail.length).toBeGreaterThan(1_900);
    expect(head.endsWith('\n')).toBe(true);
    expect(tail).toMatch(/^line /);
    expect(read()).toContain(`… ${((all.length - head.length - tail.length) / 1_000).toFixed(1)} kB of output dropped`);
    expect(told.drops).toBe(1);
  });

  it('of any output keeps beginning and end, and counts what is missing', async () => {
    const chunk = fc.integer({ min: 1, max: 30_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { maxLength: 20 }),
        fc.integer({ min: 4_000, max: 60_000 }),
        async (sizes, max) => {
          const { log, path } = make(max);
          let count = 0;
          const next = (size: number) => {
            const text = Array.from({ length: size }, () => (count++ % 61 === 0 ? '\n' : 'abc'[count % 3])).join('');
            return Buffer.from(text);
          };
          const whole: Buffer[] = [];
          for (const size of sizes) {
            const bytes = next(size);
            whole.push(bytes);
            await log.append(bytes);
          }
          await log.close();
          if (!sizes.length) return;
          const put = Buffer.concat(whole).toString();
          const kept = readFileSync(path, 'utf8');
          expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(max);
          const marker = MARKER.exec(kept);
          if (!marker) {
            expect(kept).toBe(put);
            return;
          }
          const head = kept.slice(0, marker.index);
          const tail = kept.slice(marker.index + marker[0].length);
          expect(put.startsWith(head)).toBe(true);
          expect(put.endsWith(tail)).toBe(true);
          const missing = put.length - head.length - tail.length;
          expect(Math.abs(Number(marker[1]) * UNITS[marker[2]!]! - missing)).toBeLessThanOrEqual(50);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps the order of what is not waited for', async () => {
    const { log, read } = make(100_000);
    for (let i = 0; i < 200; i += 1) void log.append(Buffer.from(`${i}\n`));
    await log.close();
    expect(read()).toBe(Array.from({ length: 200 }, (_, i) => `${i}\n`).join(''));
  });

  it('never writes through a link, and tells once that it cannot write', async () => {
    const { log, path, told } = make(1_000);
    symlinkSync(join(path, '..', 'elsewhere'), path);
    await log.append(Buffer.from('one'));
    await log.append(Buffer.from('two'));
    await log.close();
    expect(told.troubles).toEqual([expect.stringContaining('EEXIST')]);
  });
});
