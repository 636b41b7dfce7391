import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent } from 'undici';
import { stateFolder } from '../src/host/state-folder';
import { openToken } from '../src/host/token';
import { makeWorkerDir } from '../test/fixtures/worker-dir';
import { createLoad, quantile, sendAll, sendEvenly } from './gateway-load';
import { bundle, figures, program } from './programs';

const PER_SECOND = 200;
const AT_A_TIME = 32;
const FULL_SECONDS = 5;
const STREAM_SECONDS = 5;
const STREAMS_PER_SECOND = 20;
const MEMORY_GAP_MS = 1_000;
const WARM_UP_SECONDS = 10;
const MB = 1024;

/**
 * `npm run bench -- gateway [--seconds S] [--clients N]`: requests through the gateway of a real `idlewatch serve`, to a
 * service that answers at once, beside as many to that service itself in the same run. N programs follow the events of
 * its API meanwhile.
 */
export async function benchGateway({ seconds, clients }: { seconds: number; clients: number }): Promise<void> {
  await bundle({ upstream: 'bench/upstream.ts', serve: 'src/cli/index.ts' });
  const base = mkdtempSync(join(tmpdir(), 'idlewatch-bench-'));
  const upstream = program('upstream');
  let served: Served | null = null;
  try {
    const { port } = await figures<{ port: number }>(upstream);
    const direct = createLoad(`http://127.0.0.1:${port}/v1`);
    served = await serve(base, `http://127.0.0.1:${port}/v1`);
    const through = createLoad(`${served.gateway.replace(/\/v1$/, '')}/w/builder/v1`);
    const followers = await follow(served, clients, base);
    await measure({ direct, through, served, seconds, clients, heard: followers.heard });
    await Promise.all([direct.close(), through.close(), followers.close()]);
  } finally {
    upstream.stdin?.end();
    served?.child.kill('SIGTERM');
    if (served) await once(served.child, 'exit');
    rmSync(base, { recursive: true, force: true });
  }
}

type Load = ReturnType<typeof createLoad>;

async function measure(on: {
  direct: Load;
  through: Load;
  served: Served;
  seconds: number;
  clients: number;
  heard(): number;
}): Promise<void> {
  const { direct, through, served, seconds, clients } = on;
  const loads = [direct, through];
  await sendEvenly(loads, PER_SECOND, WARM_UP_SECONDS);
  forget(loads);
  const memory = watchMemory(served.child.pid ?? 0);
  const cpuBefore = cpuSeconds(served.child.pid ?? 0);
  await sendEvenly(loads, PER_SECOND, seconds);
  const cpu = ((cpuSeconds(served.child.pid ?? 0) - cpuBefore) / seconds) * 100;
  memory.stop();
  console.log(`gateway: ${PER_SECOND} requests a second for ${seconds} s, beside as many direct ones`);
  console.log(`  answered in      direct ${spread(direct.sent.wholeMs)}   through ${spread(through.sent.wholeMs)}`);
  console.log(
    `  added            ${added(direct.sent.wholeMs, through.sent.wholeMs)}   (${through.sent.wholeMs.length} each)`,
  );
  const failed = direct.sent.failed + through.sent.failed;
  forget(loads);
  await sendEvenly(loads, STREAMS_PER_SECOND, STREAM_SECONDS, true);
  console.log(`  first of stream  direct ${spread(direct.sent.firstMs)}   through ${spread(through.sent.firstMs)}`);
  const [alone, behind] = [
    await sendAll(direct, AT_A_TIME, FULL_SECONDS),
    await sendAll(through, AT_A_TIME, FULL_SECONDS),
  ];
  console.log(
    `  at full load     direct ${alone.toFixed(0)}/s   through ${behind.toFixed(0)}/s   (${AT_A_TIME} at a time)`,
  );
  console.log(`  memory           ${memory.text()}`);
  console.log(`  CPU of one core  ${cpu.toFixed(1)} % at ${PER_SECOND} requests a second`);
  console.log(`  failed           ${failed + direct.sent.failed + through.sent.failed}`);
  console.log(`  API clients      ${clients}, which heard ${on.heard()} kB of events`);
}

function forget(loads: Load[]): void {
  for (const { sent } of loads) Object.assign(sent, { firstMs: [], wholeMs: [], failed: 0 });
}

const ms = (value: number) => `${value.toFixed(2)} ms`;
const spread = (values: number[]) => `p50 ${ms(quantile(values, 0.5))}, p99 ${ms(quantile(values, 0.99))}`;

function added(direct: number[], through: number[]): string {
  const more = (q: number) => ms(quantile(through, q) - quantile(direct, q));
  return `p50 ${more(0.5)}, p99 ${more(0.99)}`;
}

interface Served {
  child: ChildProcess;
  api: string;
  gateway: string;
}

/** The real thing, with a home of its own and one worker. */
async function serve(base: string, upstream: string): Promise<Served> {
  const workers = join(base, 'run', 'workers');
  makeWorkerDir(workers, 'builder', { heartbeat: { status: 'working' } });
  const options = [
    ...[
      'serve',
      '--worker-dir',
      join(base, 'run'),
      '--api-port',
      '0',
      '--gateway-enabled',
      'true',
      '--gateway-port',
      '0',
    ],
    ...['--idlewatch-upstream', upstream],
    ...['--gateway-requests-per-minute', 'none', '--gateway-worker-requests-per-minute', 'none'],
  ];
  const child = program('serve', options, homeIn(base));
  const found: Partial<Served> = {};
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    const [, name, address = ''] = /^(Window|Gateway) +(\S+)/.exec(line) ?? [];
    if (name === 'Window') found.api = address.replace(/\/$/, '');
    if (name === 'Gateway') return { child, api: found.api ?? '', gateway: address };
  }
  throw new Error('idlewatch serve ended before its gateway was open');
}

const homeIn = (base: string) => ({
  HOME: base,
  XDG_CONFIG_HOME: join(base, 'config'),
  XDG_STATE_HOME: join(base, 'state'),
});

/** Programs that listen to the events and figures of the API. */
async function follow({ api }: Served, clients: number, base: string) {
  const token = openToken(stateFolder(homeIn(base))).read();
  const agent = new Agent({ connections: clients || 1, bodyTimeout: 0 });
  let bytes = 0;
  const following = Array.from({ length: clients }, async (_, at) => {
    const { body } = await agent.request({
      ...{ origin: api, path: at % 2 ? '/api/desk/stream' : '/api/events', method: 'GET' },
      headers: { authorization: `Bearer ${token}` },
    });
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    body.on('error', () => undefined);
  });
  await Promise.all(following);
  return { heard: () => Math.round(bytes / 1024), close: () => agent.destroy() };
}

function watchMemory(pid: number) {
  const rss: number[] = [];
  const timer = setInterval(() => rss.push(Number(ps(pid, 'rss')) / MB), MEMORY_GAP_MS);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / (values.length || 1);
  return {
    stop: () => clearInterval(timer),
    text() {
      const tenths = Array.from({ length: 10 }, (_, at) =>
        mean(rss.slice((at * rss.length) / 10, ((at + 1) * rss.length) / 10)).toFixed(0),
      );
      return `${tenths.join(' ')} MB (means of tenths of the time), peak ${Math.max(...rss).toFixed(0)} MB`;
    },
  };
}

function ps(pid: number, what: string): string {
  return execFileSync('ps', ['-o', `${what}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
}

/** `[[dd-]hh:]mm:ss` as a number of seconds; on Linux to the second. */
function cpuSeconds(pid: number): number {
  return ps(pid, 'time')
    .split(/[-:]/)
    .reduce((sum, part) => sum * 60 + Number(part), 0);
}
