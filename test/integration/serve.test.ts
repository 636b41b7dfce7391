import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { takeSeat } from '../../src/host/engine-seat';
import { createFileEvents } from '../../src/host/file-events';
import { openToken } from '../../src/host/token';
import { userDataDirectory } from '../../src/host/user-data';
import { type Client, createClient } from '../../src/server/client';
import { attachTo } from '../../src/server/remote-desk';
import type { Delta } from '../../src/shared/model';
import { makeWorkerDir } from '../fixtures/worker-dir';
import { buildPrograms, type Programs } from './support/programs';
import { cleanEnvironment, runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const PATIENT = { timeout: 120_000 };
const log = { warn: () => undefined };

let programs: Programs;
let base: string;
let environment: Record<string, string>;
let running: Served[];
beforeAll(async () => {
  programs = await buildPrograms(['cli']);
}, 120_000);
afterAll(() => programs.remove());
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'idlewatch-serve-'));
  environment = { ...cleanEnvironment(base), apiPort: '0' };
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.end('SIGKILL')));
  rmSync(base, { recursive: true, force: true });
});

interface Served {
  child: ChildProcess;
  out(): string;
  warned(): string;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** `idlewatch serve` at any free port, until it says something. */
async function serve(...args: string[]): Promise<Served> {
  const child = spawn(process.execPath, [programs.cli, 'serve', ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', warned: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.warned += text;
  });
  const served: Served = {
    child,
    out: () => said.out,
    warned: () => said.warned,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
  running.push(served);
  await waitFor('it says where it is', () => said.out !== '' || child.exitCode !== null || said.warned !== '');
  return served;
}

const state = () => join(base, 'state', 'idlewatch');
const info = () => JSON.parse(readFileSync(join(state(), 'engine.json'), 'utf8'));
const token = () => openToken(state(), createFileEvents(log));
const client = (): Client => createClient({ url: info().api, token: () => token().read() });

function beatingWorkers(...names: string[]): string {
  const workers = join(base, 'run', 'workers');
  for (const name of names) {
    const directory = makeWorkerDir(workers, name);
    const heartbeat = { status: 'ready', ts: new Date().toISOString() };
    writeFileSync(join(directory, 'heartbeat.json'), JSON.stringify(heartbeat));
  }
  return workers;
}

it('watches, answers who knows the token, and leaves nothing behind when it is interrupted', PATIENT, async () => {
  const workers = beatingWorkers('one', 'two');
  const served = await serve('--worker-dir', workers);
  expect(served.out()).toMatch(/^Window {3}http:\/\/127\.0\.0\.1:\d+\/ {3}\(sign in with: idlewatch token\)\n$/);
  expect(info()).toMatchObject({ pid: served.child.pid, shell: 'serve', gateway: null });
  const snapshot = await waitFor('both are known', async () => {
    const now = await client().snapshot();
    return now.workers.length === 2 && now;
  });
  expect(snapshot.workers.map(({ name }) => name).sort()).toEqual(['one', 'two']);
  expect((await fetch(`${info().api}/api/snapshot`)).status).toBe(401);
  expect(await served.end('SIGTERM')).toBe(0);
  expect(existsSync(join(state(), 'engine.json'))).toBe(false);
  expect(served.warned()).toBe('');
});

it('a second one waits, and takes over when the first is killed; events go on where they were', PATIENT, async () => {
  const workers = beatingWorkers('one');
  const first = await serve('--worker-dir', workers);
  await waitFor('it is known', async () => (await client().snapshot()).workers.length === 1);
  await client().invoke('settings.set', [{ killGraceMs: 1234 }]);
  const before = await waitFor('it is kept', async () => {
    const [event] = (await client().snapshot()).events;
    return event?.kind === 'config_changed' && event;
  });
  const second = await serve('--worker-dir', workers);
  expect(second.out()).toContain(`Another "idlewatch serve" (process ${first.child.pid}) runs the engine already`);
  expect(info().pid).toBe(first.child.pid);
  await first.end('SIGKILL');
  await waitFor('the second takes over', () => second.out().includes('Window'));
  expect(info().pid).toBe(second.child.pid);
  expect((await client().invoke('settings.get', [])).settings.killGraceMs).toBe(1234);
  await client().invoke('settings.set', [{ killGraceMs: null }]);
  const after = await waitFor('the next event', async () => (await client().snapshot()).events[0]);
  expect(after.id).toBeGreaterThan(before.id);
  expect(await second.end('SIGINT')).toBe(0);
});

it('one that begins while another is ending waits for its seat, and blames no setting', PATIENT, async () => {
  const answer = takeSeat(state());
  if (!answer.ok) throw new Error('the seat is taken');
  const self = { pid: process.pid, startedAt: 1, version: '0.1.0', shell: 'serve' } as const;
  const directories = { workers: [], workbenches: [] };
  answer.seat.publish({ ...self, api: null, gateway: null, directories, isEnding: true });
  const waits = serve();
  // It asks again and again: whoever is refused at first ends well before that.
  await expect(Promise.race([waits, delay(2_000, 'waits')])).resolves.toBe('waits');
  answer.seat.release();
  const next = await waits;
  expect(next.out()).toContain('Window');
  expect(next.warned()).toBe('');
});

it('status and kill see the workers of the directories it was given', PATIENT, async () => {
  const workers = beatingWorkers('one');
  await serve('--worker-dir', workers);
  const status = await runCli(programs.cli, ['status', '--json'], environment);
  expect(status.stdout).toContain('"name": "one"');
  const plan = await runCli(programs.cli, ['kill', 'one', '--dry-run'], environment);
  expect(plan.stdout + plan.stderr).toContain('one');
  expect(plan.stderr).not.toContain('no worker has');
});

it('of two that start at once, one runs the engine and the other finds it', PATIENT, async () => {
  const both = await Promise.all([serve(), serve()]);
  const here = both.filter((each) => each.out().startsWith('Window'));
  expect(here).toHaveLength(1);
  expect(both.filter((each) => each.out().includes('runs the engine already'))).toHaveLength(1);
  expect(info().pid).toBe(here[0]?.child.pid);
});

it('whoever has lost the seat to another one attaches to that one', PATIENT, async () => {
  const first = await serve();
  first.child.kill('SIGSTOP');
  rmSync(join(state(), 'engine.lock'));
  const second = await serve();
  expect(second.out()).toContain('Window');
  first.child.kill('SIGCONT');
  await waitFor('it attaches', () => first.out().includes(`(process ${second.child.pid}) runs the engine already`));
  expect(first.warned()).toContain('Another idlewatch has taken the place of this one');
  expect(info().pid).toBe(second.child.pid);
  expect((await fetch(`${info().api}/healthz`)).status).toBe(200);
  await second.end('SIGTERM');
  await waitFor(
    'it is the one again',
    () => existsSync(join(state(), 'engine.json')) && info().pid === first.child.pid,
  );
  expect(await first.end('SIGTERM')).toBe(0);
});

it('whoever listens where a killed engine did is not given the token', PATIENT, async () => {
  const first = await serve();
  const second = await serve();
  expect(second.out()).toContain('runs the engine already');
  second.child.kill('SIGSTOP');
  const port = Number(new URL(info().api).port);
  await first.end('SIGKILL');
  const heard: string[] = [];
  const other = createServer((socket) => socket.on('data', (data) => heard.push(String(data)) && socket.end()));
  other.listen(port, '127.0.0.1');
  await once(other, 'listening');
  second.child.kill('SIGCONT');
  await waitFor('the second takes over', () => second.out().includes('Window'));
  expect(heard).toEqual([]);
  other.close();
});

it('takes another port where its own is taken, and says so', PATIENT, async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  environment.apiPort = String(port);
  const child = spawn(process.execPath, [programs.cli, 'serve'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let warned = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    warned += text;
  });
  await waitFor('it is reached', () => existsSync(join(state(), 'engine.json')) && info().api !== null);
  expect(warned).toContain(`port ${port} is not to be had`);
  expect(info().api).not.toContain(`:${port}`);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  taken.close();
});

it('opens its new port, says so to who is there, and answers them before it closes the old one', PATIENT, async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as { port: number };
  free.close();
  await once(free, 'close');
  environment = cleanEnvironment(base);
  const folder = userDataDirectory(environment);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), '{"apiPort": 0}');
  await serve();
  await waitFor('it is reached', () => info().api !== null);
  const old: string = info().api;
  const there = createClient({ url: old, token: () => token().read() });
  const told: unknown[] = [];
  const stream = (async () => {
    for await (const { event, data } of there.stream()) if (event === 'settings') told.push(data.doors.api);
  })().catch(() => undefined);
  await waitFor('the stream is open', async () =>
    (await (await metrics(old)).text()).includes('idlewatch_api_streams 1'),
  );
  expect(await there.invoke('settings.set', [{ apiPort: port }])).toMatchObject({ ok: true });
  await stream;
  expect(told.at(-1)).toBe(`http://127.0.0.1:${port}`);
  expect(info().api).toBe(`http://127.0.0.1:${port}`);
  await waitFor('nobody is at the old port', () =>
    fetch(`${old}/healthz`).then(
      () => false,
      () => true,
    ),
  );

  // The port it has already is asked for by its number: it stays.
  expect(await client().invoke('settings.set', [{ apiPort: 0 }])).toMatchObject({ ok: true });
  await waitFor('it has moved again', () => info().api !== `http://127.0.0.1:${port}`);
  const third: string = info().api;
  expect(await client().invoke('settings.set', [{ apiPort: Number(new URL(third).port) }])).toMatchObject({ ok: true });
  expect((await metrics(third)).status).toBe(200);
  expect(info().api).toBe(third);
});

const metrics = (url: string) => fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token().read()}` } });

it('without its API it cannot be shared, and the second says what to do', PATIENT, async () => {
  environment.apiEnabled = 'false';
  const first = spawn(process.execPath, [programs.cli, 'serve'], { env: environment, stdio: 'ignore' });
  await waitFor('it runs', () => existsSync(join(state(), 'engine.json')));
  expect(info().api).toBeNull();
  const second = await serve();
  await waitFor('it gives up', () => second.child.exitCode !== null);
  expect(second.child.exitCode).toBe(1);
  expect(second.warned()).toContain(
    `idlewatch runs already (process ${first.pid}), and its local API is switched off: switch it on, or quit it`,
  );
  const ended = once(first, 'exit');
  first.kill('SIGTERM');
  await ended;
});

it('another process is attached to it: pictures, commands, settings, and the loss of it', PATIENT, async () => {
  const workers = beatingWorkers('one');
  const served = await serve('--worker-dir', workers);
  const desk = await attachTo(info().api, token());
  const lost = new Promise<string>((done) => desk.onLost(done));
  const told: string[] = [];
  desk.listen({
    settings: ({ settings }) => told.push(`grace ${settings.killGraceMs}`),
    event: ({ kind }) => told.push(kind),
  });
  await waitFor('it is known', () => desk.snapshot().workers.length === 1);
  const id = desk.snapshot().workers[0]?.id ?? '';
  expect(desk.row(id)?.name).toBe('one');

  const deltas: Delta[] = [];
  const view = desk.view((delta) => deltas.push(delta));
  view.open();
  view.focus({ visible: [id], selected: id });
  await waitFor('its detail comes', () => deltas.some(({ detail }) => detail?.id === id));

  expect(await desk.invoke('settings.set', [{ killGraceMs: 777 }], 'window')).toMatchObject({ ok: true });
  await waitFor('the change is told', () => told.includes('grace 777') && told.includes('config_changed'));
  expect(desk.settings().settings.killGraceMs).toBe(777);
  await expect(desk.invoke('kill.plan', ['nobody'], 'window')).resolves.toMatchObject({
    refused: expect.stringContaining('no such worker'),
  });

  const extra = join(base, 'more', 'workers');
  mkdirSync(extra, { recursive: true });
  makeWorkerDir(extra, 'late');
  expect(await desk.invoke('directory.watch', [extra], 'cli')).toEqual({ ok: true });
  await waitFor('its worker comes', () => desk.snapshot().workers.some(({ name }) => name === 'late'));

  await served.end('SIGKILL');
  expect(await lost).toContain('cannot be reached');
  await desk.stop();
});
