import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished } from 'vitest';
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
/** Two thirds of this, and then all of it, are waited for. */
const ALLOWED_SECS = 4;

/** Serves `/stream`, which sends a piece every 5 ms until it is told to be silent, `/hang` and `/once`. */
async function modelServer() {
  let isSilent = false;
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': begun\n\n');
    if (request.url === '/once') response.end();
    if (request.url !== '/stream') return;
    let count = 0;
    const timer = setInterval(() => {
      count += 1;
      if (!isSilent) response.write(`data: ${JSON.stringify({ id: 'answer', index: 0, delta: `word ${count} ` })}\n\n`);
    }, 5);
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
    beSilent: () => {
      isSilent = true;
    },
  };
}

type Kind = [name: string, kind: 'reads' | 'hangs' | 'idles' | 'loops' | 'python', path: string];

const passMs = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Workers of these kinds, each of which has beaten just now, and will not again. */
async function runOf(kinds: Kind[], url: (path: string) => string): Promise<Run> {
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
  // In the first second of its life any program uses processor time.
  await passMs(1_500);
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
  const run = await runOf(kinds, server.url);
  const settings = { heartbeat_missing_secs: ALLOWED_SECS, heartbeat_stale_secs: ALLOWED_SECS };
  const watched = await watch([run.state], { settings });
  const began = Date.now();
  const stalled = () => watched.names().filter((name) => watched.row(name).state === 'stalled');
  await waitFor('those that do nothing are stalled', () => stalled().length === 3);
  // The threshold, and what it takes to find out about the two with a connection.
  expect(Date.now() - began).toBeLessThan((ALLOWED_SECS + 3) * 1_000);
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
  await waitFor('they are stalled too, a window later', () => stalled().length === kinds.length, 17_000);
}, 60_000);

it('a worker found silent is called neither well nor stalled before it is known whether it is at work', async () => {
  const server = await modelServer();
  const kinds: Kind[] = [
    ['streams', 'reads', '/stream'],
    ['hangs', 'hangs', '/hang'],
  ];
  const run = await runOf(kinds, server.url);
  await passMs(1_200);
  const settings = { heartbeat_missing_secs: 1, heartbeat_stale_secs: 1 };
  const watched = await watch([run.state], { settings });
  // The first reading, as the command line shows it.
  expect(watched.row('hangs').state).toBe('stalled');
  expect(watched.row('streams')).toMatchObject({ state: 'busy', reason: expect.stringMatching(AT_WORK) });
  expect([watched.told('hangs'), watched.told('streams')]).toEqual([['stalled'], []]);
});
