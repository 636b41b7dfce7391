import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { createProcessTable } from '../../src/host/process-table';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';
import { beat, makeRun, type Run, watch } from './support/watched-run';

const processes = realProcesses();
afterEach(() => processes.endAll());

const PYTHON = `
import json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as response:
    for line in response:
        if line.startswith(b'data:'): json.loads(line[5:])
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;
const AT_WORK = /^Silent for .* \(allowed \d s\), but its processes are at work with a connection open$/;
/** The system counts processor time in such steps. */
const TICK_MS = 10;
/** Who uses no more than a step in this time has started. */
const STARTED_MS = 1_500;
/** Two thirds of this, and then all of it, are waited for. */
const ALLOWED_SECS = 4;

/** Large, so that it is the reading that takes time, however many pieces come at once on a busy machine. */
const PIECE = `data: ${JSON.stringify({ id: 'answer', index: 0, delta: 'word '.repeat(4_000) })}\n\n`;
const PIECE_MS = 5;

/**
 * Serves `/stream`, which sends a piece for every 5 ms until it is told to be silent (all that are due, however late its
 * timer comes), `/hang` and `/once`.
 */
async function modelServer() {
  let isSilent = false;
  let asked = 0;
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': begun\n\n');
    asked += 1;
    if (request.url === '/once') response.end();
    if (request.url !== '/stream') return;
    let sentAt = Date.now();
    const timer = setInterval(() => {
      for (; Date.now() - sentAt >= PIECE_MS; sentAt += PIECE_MS) {
        if (!isSilent) response.write(PIECE);
      }
    }, PIECE_MS);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    asked: () => asked,
    beSilent: () => {
      isSilent = true;
    },
  };
}

type Kind = [name: string, kind: 'reads' | 'hangs' | 'idles' | 'loops' | 'python', path: string];

const passMs = (ms: number) => new Promise((done) => setTimeout(done, ms));
const table = createProcessTable();

/** In the first second of its life, and for longer on a busy machine, any program uses processor time. */
async function hasStarted(pid: number): Promise<void> {
  let [before, since] = [Number.NEGATIVE_INFINITY, 0];
  await waitFor(`${pid} has started`, () => {
    const look = table.inspect(pid);
    const cpuMs = look.liveness === 'alive' ? look.fact.cpuMs : expect.unreachable(`${pid} has ended`);
    // A tick now and then is its timer's.
    if (cpuMs > before + TICK_MS) [before, since] = [cpuMs, Date.now()];
    return Date.now() - since >= STARTED_MS;
  });
}

/** Workers of these kinds, each of which has beaten just now, and will not again. */
async function runOf(kinds: Kind[], { url, asked }: Awaited<ReturnType<typeof modelServer>>): Promise<Run> {
  const run = makeRun();
  const pids = new Map<string, number>();
  for (const [name, kind, path] of kinds) {
    run.well(name);
    const options = { cwd: join(run.workers, name) };
    const { pid } =
      kind === 'python'
        ? processes.run('python3', ['-c', PYTHON, url(path)], options)
        : await processes.start('model-client.mjs', [url(path), kind], options);
    pids.set(name, pid);
  }
  await waitFor('they have asked', () => asked() === kinds.filter(([, kind]) => kind !== 'loops').length);
  const quiet = kinds.filter(([, kind]) => kind === 'hangs' || kind === 'idles').map(([name]) => pids.get(name) ?? 0);
  await Promise.all(quiet.map(hasStarted));
  for (const [name, pid] of pids) run.put(name, 'heartbeat.json', beat({ status: 'working', pid }));
  return run;
}

it('silence is no stall while processes work with a connection open, and is one otherwise', async () => {
  const server = await modelServer();
  const kinds: Kind[] = [
    ['streams', 'reads', '/stream'],
    ['hangs', 'hangs', '/hang'],
    ['idles', 'idles', '/once'],
    ['loops', 'loops', '/once'],
    ...(hasPython ? [['streams-python', 'python', '/stream'] satisfies Kind] : []),
  ];
  const run = await runOf(kinds, server);
  const settings = { heartbeat_missing_secs: ALLOWED_SECS, heartbeat_stale_secs: ALLOWED_SECS };
  const watched = await watch([run.state], { settings });
  const began = Date.now();
  const stalled = () => watched.names().filter((name) => watched.row(name).state === 'stalled');
  await waitFor('those that do nothing are stalled', () => stalled().length === 3);
  // The threshold, and what it takes to find out about the two with a connection: the rest of the first window, no whole one.
  expect(Date.now() - began).toBeLessThan((ALLOWED_SECS + 8) * 1_000);
  expect(stalled()).toEqual(['hangs', 'idles', 'loops']);

  const working = watched.names().filter((name) => name.startsWith('streams'));
  await waitFor('their windows have gone by', () => Date.now() - began > (ALLOWED_SECS + 8) * 1_000);
  for (const name of working) {
    expect(watched.told(name)).not.toContain('stalled');
    const report = watched.report(name);
    expect(report).toMatchObject({ state: 'busy', health: 'late', reason: expect.stringMatching(AT_WORK) });
    const evidence = report.evidence.find(({ kind }) => kind === 'in_flight');
    expect(evidence?.text).toMatch(/^uses \d+ % of a core, 1 connection open$/);
  }
  expect(watched.report('hangs').evidence.some(({ kind }) => kind === 'in_flight')).toBe(false);

  server.beSilent();
  // Two windows: in the first of them they may have been at work for the most part.
  await waitFor('they are stalled too, a window later', () => stalled().length === kinds.length, 60_000);
}, 180_000);

it('a worker found silent is called neither well nor stalled before it is known whether it is at work', async () => {
  const server = await modelServer();
  const kinds: Kind[] = [
    ['streams', 'reads', '/stream'],
    ['hangs', 'hangs', '/hang'],
  ];
  const run = await runOf(kinds, server);
  await passMs(1_200);
  const settings = { heartbeat_missing_secs: 1, heartbeat_stale_secs: 1 };
  const watched = await watch([run.state], { settings });
  // The first reading, as the command line shows it.
  expect(watched.row('hangs').state).toBe('stalled');
  expect(watched.row('streams')).toMatchObject({ state: 'busy', reason: expect.stringMatching(AT_WORK) });
  expect([watched.told('hangs'), watched.told('streams')]).toEqual([['stalled'], []]);
});
