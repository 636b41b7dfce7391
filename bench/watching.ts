import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMonit } from './monit';
import { bundle, figures, program } from './programs';

interface EngineFigures {
  cpuPercent: number;
  firstReadingMs: number;
  changeMs: { count: number; p50: number; p99: number };
  silenceMs: { count: number; p50: number; max: number };
  loopDelayMs: { p99: number; max: number };
  checkMs: number;
  rssMb: number;
  deltas: number;
  rows: number;
}

const f = (value: number | null, digits = 1) => (value === null ? '–' : value.toFixed(digits));

/**
 * `npm run bench [-- N…] [--seconds S]`: the whole engine on N worker directories that beat every 30 s from another
 * process, beside a plain poller (and monit, where it is installed) on the same directories in the same run. Quote the
 * ratios: the absolute figures are this machine's of this minute.
 */
export async function benchWatching({ sizes, seconds }: { sizes: number[]; seconds: number }): Promise<void> {
  await bundle({ beaters: 'bench/beaters.ts', engine: 'bench/engine.ts', poller: 'bench/poller.ts' });
  for (const size of sizes) await measure(size, seconds);
}

async function measure(size: number, seconds: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'idlewatch-bench-'));
  const beaters = program('beaters', [directory, String(size)]);
  try {
    await figures(beaters);
    const engine = await figures<EngineFigures>(program('engine', [directory, String(seconds)]));
    const poller = await figures<{ cpuPercent: number }>(program('poller', [directory, '20']));
    const monit = await measureMonit(directory);
    console.log(`N = ${size}`);
    console.log(
      `  CPU of one core      ${f(engine.cpuPercent, 2)} %   poller ${f(poller.cpuPercent, 2)} %   monit ${f(monit, 2)} %`,
    );
    console.log(
      `  engine / poller      ${f(engine.cpuPercent / poller.cpuPercent, 2)}${monit === null ? '' : `   engine / monit ${f(engine.cpuPercent / monit, 2)}`}`,
    );
    console.log(
      `  write to snapshot    p50 ${f(engine.changeMs.p50, 0)} ms, p99 ${f(engine.changeMs.p99, 0)} ms (${engine.changeMs.count} changes of visible rows)`,
    );
    console.log(
      `  silence judged after p50 ${f(engine.silenceMs.p50, 0)} ms, max ${f(engine.silenceMs.max, 0)} ms past its threshold (${engine.silenceMs.count} workers)`,
    );
    console.log(`  event loop delay     p99 ${f(engine.loopDelayMs.p99)} ms, max ${f(engine.loopDelayMs.max)} ms`);
    console.log(`  check of all         ${f(engine.checkMs)} ms   first reading ${f(engine.firstReadingMs, 0)} ms`);
    console.log(`  memory               ${f(engine.rssMb, 0)} MB   deltas ${engine.deltas}, rows ${engine.rows}`);
  } finally {
    beaters.stdin?.end();
    await once(beaters, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
}
