import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { ended, runBench } from './bench';

const bench = runBench();

const md5 = (data: Buffer | string) => createHash('md5').update(data).digest('hex');

describe('output passes through', () => {
  it('byte for byte, and nothing is lost at the end', async () => {
    const script = `const b = require('fs'); const bytes = Buffer.from(Array.from({ length: 256 * 300 }, (_, i) => i % 256));
      b.writeSync(1, bytes); b.writeSync(2, bytes.reverse()); process.exit(5)`;
    const child = bench.start(['--', process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const err: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    const { code, stdout } = await ended(child);
    const expected = Buffer.from(Array.from({ length: 256 * 300 }, (_, i) => i % 256));
    expect(code).toBe(5);
    expect(stdout.equals(expected)).toBe(true);
    expect(Buffer.concat(err).equals(expected.reverse())).toBe(true);
    expect(bench.records()[0]?.outputBytes).toBe(2 * 256 * 300);
  });

  it('50 MB to a slow reader, whose slowness the command feels', async () => {
    const script = `const { writeSync, appendFileSync } = require('fs'); const line = Buffer.alloc(1e4);
      for (let i = 0; i < 5000; i++) { line.fill(i); for (let at = 0; at < line.length;) at += writeSync(1, line, at); appendFileSync('progress', '.'); }`;
    const child = bench.start(['--max-output', '1MB', '--', process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stdout = child.stdout!;
    await waitFor('the command begins to write', () => statSize(join(bench.base, 'progress')) !== null);
    await pause(500); // For as long as nobody reads, only what fits into pipes and buffers may be put out.
    expect(statSize(join(bench.base, 'progress'))).toBeLessThan(150);
    const hash = createHash('md5');
    let bytes = 0;
    for await (const chunk of stdout) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes % 7 === 0) await pause(1);
    }
    const expected = createHash('md5');
    for (let i = 0; i < 5_000; i += 1) expected.update(Buffer.alloc(1e4, i));
    expect(bytes).toBe(50_000_000);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
  });

  it('in the order it was written, where both outputs are the same', async () => {
    const both = openSync(join(bench.base, 'both'), 'a');
    const script = 'for i in $(seq 200); do echo "out $i"; echo "err $i" >&2; done';
    await ended(bench.start(['--', 'sh', '-c', script], { stdio: ['ignore', both, both] }));
    const expected = Array.from({ length: 200 }, (_, i) => `out ${i + 1}\nerr ${i + 1}\n`).join('');
    expect(readFileSync(join(bench.base, 'both'), 'utf8')).toBe(expected);
    expect(bench.log(bench.records()[0]!)).toBe(expected);
  });

  it('until its reader has seen enough: then the command gets the SIGPIPE it would have got', async () => {
    const line = `"${process.execPath}" ${bench.node('--', 'yes').join(' ')} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = await ended(spawn('bash', ['-c', line], { env: bench.environment, cwd: bench.base }));
    expect(stdout.toString()).toBe('y\n141\n');
    expect(bench.records()[0]).toMatchObject({ state: 'failed', signal: 'SIGPIPE' });
  });

  it('of what it leaves behind, for a moment, and does not wait for that', async () => {
    // Late is what comes once the shell is gone: it is there until its supervisor has taken note of its end.
    const script = '(while kill -0 $$ 2>/dev/null; do sleep 0.01; done; echo late; exec sleep 60) & echo early; exit 4';
    const { code, stdout } = await bench.run(['--', 'sh', '-c', script]);
    expect(code).toBe(4);
    expect(stdout.toString()).toBe('early\nlate\n');
    const [run] = bench.records();
    expect(bench.notices(run!).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^It has ended and left \d process(es)? behind \(pid [\d, ]+\)$/),
    ]);
  });

  it.each(['yes', 'sh -c "while :; do echo x; sleep 0.02; done"'])(
    'ends although %s, which it leaves behind, never stops talking',
    async (talker) => {
      const script = `${talker} >&2 & echo mine; exit 6`;
      const { code, stdout } = await ended(
        bench.start(['--', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] }),
      );
      expect([code, stdout.toString()]).toEqual([6, 'mine\n']);
    },
  );
});

describe('the log', () => {
  it('holds what was put out', async () => {
    const { stdout } = await bench.run(['--', 'seq', '1000']);
    const [run] = bench.records();
    expect(md5(bench.log(run!))).toBe(md5(stdout));
    expect(statSync(join(run!.directory, 'agent.log')).mode & 0o777).toBe(0o600);
  });

  it('keeps its first half and its newest part below the limit, in flat memory, and says so once', async () => {
    const script = 'echo first line; head -c 1000000000 /dev/zero | tr "\\0" "x"; echo; seq 100; sleep 0.5';
    const child = bench.start(['--max-output', '2MB', '--', 'sh', '-c', script], {
      stdio: ['ignore', openSync('/dev/null', 'w'), 'inherit'],
    });
    let peakKiB = 0;
    const watching = setInterval(() => {
      peakKiB = Math.max(peakKiB, peakOf(child.pid!));
    }, 20);
    const { code } = await ended(child);
    clearInterval(watching);
    expect(code).toBe(0);
    const [run] = bench.records();
    expect(run?.outputBytes).toBe(11 + 1_000_000_000 + 1 + 292);
    const log = bench.log(run!);
    expect(Buffer.byteLength(log)).toBeLessThanOrEqual(2_000_000);
    expect(Buffer.byteLength(log)).toBeGreaterThan(1_200_000);
    expect(log.startsWith('first line\nxxx')).toBe(true);
    expect(log.endsWith('\n99\n100\n')).toBe(true);
    const markers = log.match(/^… .* of output dropped here by idlewatch … *$/gm) ?? [];
    expect(markers).toHaveLength(1);
    const megabytes = Number(/… ([\d.]+) MB/.exec(markers[0]!)?.[1]);
    expect(Math.abs(megabytes * 1e6 - (1_000_000_304 - Buffer.byteLength(log)))).toBeLessThan(200_000);
    expect(bench.notices(run!).map(({ text }) => text)).toEqual([
      'Its log has reached 2 MB: from now on the middle of it is dropped',
    ]);
    // A Node.js that has done nothing else has some 50 MB, most of it its own code.
    expect(peakKiB / 1024).toBeGreaterThan(30);
    expect(peakKiB / 1024).toBeLessThan(160);
  }, 600_000);
});

function statSize(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
