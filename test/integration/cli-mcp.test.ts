import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type CliScene, cliScene } from './support/cli-workers';
import { serveCli } from './support/following-cli';
import { buildPrograms, type Programs } from './support/programs';
import { type RealProcesses, realProcesses } from './support/real-processes';
import { runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

let programs: Programs;
let root: string;
let scene: CliScene;
let processes: RealProcesses;

const LOOKING = ['list_workers', 'get_worker', 'get_status', 'list_idle', 'list_events', 'plan_kill'];

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
  root = mkdtempSync(join(tmpdir(), 'idlewatch-cli-test-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  programs?.remove();
});
beforeEach(() => {
  scene = cliScene(root);
  processes = realProcesses();
  const settings = join(scene.environment.XDG_CONFIG_HOME ?? '', 'idlewatch');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'settings.json'), JSON.stringify({ workerDirs: [scene.run] }));
});
afterEach(() => processes.endAll());

/** `idlewatch mcp` as a real child process, asked by the protocol's own client. */
async function opened(...args: string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [programs.cli, 'mcp', ...args],
      env: scene.environment,
      stderr: 'inherit',
    }),
  );
  onTestFinished(() => client.close());
  return client;
}

async function asked(client: Client, name: string, given: Record<string, unknown> = {}) {
  const { content, isError } = await client.callTool({ name, arguments: given });
  const [{ text }] = content as [{ text: string }];
  if (isError) throw new Error(text);
  return JSON.parse(text);
}

/** A worker whose heartbeat names a real process of its own. */
async function worker(name: string): Promise<number> {
  const directory = scene.beat(name, { status: 'busy' });
  const { pid } = await processes.start('sleeper.mjs', [], { cwd: directory });
  scene.beat(name, { status: 'busy', pid });
  return pid;
}

test('without --allow-kill there are tools to look with, which all say so', async () => {
  const client = await opened();
  expect(client.getServerVersion()?.name).toBe('idlewatch');
  expect(client.getInstructions()).toContain('never');
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(LOOKING);
  for (const { annotations } of tools)
    expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
});

test('by itself: workers, one of them, the whole, what is idle, events, and a plan that signals nothing', async () => {
  const pid = await worker('coder');
  scene.beat('asker', { status: 'waiting' });
  const client = await opened();
  expect((await asked(client, 'list_workers')).workers).toHaveLength(2);
  expect(await asked(client, 'list_workers', { state: ['waiting'] })).toMatchObject({
    workers: [{ name: 'asker', state: 'waiting', needsPerson: false }],
    leftOut: 0,
  });
  expect(await asked(client, 'get_worker', { worker: 'coder' })).toMatchObject({ pid, evidence: expect.any(Array) });
  expect(await asked(client, 'get_status')).toMatchObject({ overall: 'busy', counts: { busy: 1, waiting: 1 } });
  expect(await asked(client, 'list_idle')).toEqual({ sessions: [], tasks: [] });
  expect(await asked(client, 'list_events')).toEqual({ events: [] });
  expect(await asked(client, 'plan_kill', { worker: 'coder' })).toMatchObject({ processes: [{ pid }], refused: null });
  expect(processes.isAlive(pid)).toBe(true);
  expect((await runCli(programs.cli, ['log', '--json'], scene.environment)).stdout).toContain('"entries": []');
});

test('what is wrong is told in words', async () => {
  scene.beat('coder', { status: 'busy' });
  const client = await opened();
  await expect(asked(client, 'get_worker', { worker: 'nobody' })).rejects.toThrow(/no worker has .* nobody/);
  await expect(asked(client, 'list_events', { kinds: 'nonsense' })).rejects.toThrow(/allowed are .*worker_stalled/);
  await expect(asked(client, 'list_workers', { state: ['asleep'] })).rejects.toThrow(/asleep|state/);
  await expect(asked(client, 'kill_worker', { planId: 'x' })).rejects.toThrow(/kill_worker/);
});

test('--allow-kill: only a plan that was shown here is carried out, once, and at the API’s word', async () => {
  const pid = await worker('coder');
  const client = await opened('--allow-kill');
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([...LOOKING, 'kill_worker']);
  expect(tools.at(-1)?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true });
  await expect(asked(client, 'kill_worker', { planId: 'made-up' })).rejects.toThrow(/no such plan was shown/);
  expect(processes.isAlive(pid)).toBe(true);

  const { planId } = await asked(client, 'plan_kill', { worker: 'coder' });
  expect(await asked(client, 'kill_worker', { planId })).toMatchObject({ ended: true, askedBy: 'api' });
  expect(processes.isAlive(pid)).toBe(false);
  await expect(asked(client, 'kill_worker', { planId })).rejects.toThrow(/no such plan was shown/);
  const { entries } = JSON.parse((await runCli(programs.cli, ['log', '--json'], scene.environment)).stdout);
  expect(entries.map(({ kind }: { kind: string }) => kind)).toEqual(['kill_intent', 'kill_outcome']);
});

test('through a running engine, whenever one runs', async () => {
  const pid = await worker('coder');
  const client = await opened('--allow-kill');
  expect((await asked(client, 'list_workers')).workers).toHaveLength(1);
  const own = await asked(client, 'plan_kill', { worker: 'coder' });
  const serving = await serveCli(programs.cli, [], scene.environment);
  // A plan holds where it was made.
  await expect(asked(client, 'kill_worker', { planId: own.planId })).rejects.toThrow(/not valid any more/);
  expect(processes.isAlive(pid)).toBe(true);
  const { planId } = await asked(client, 'plan_kill', { worker: 'coder' });
  expect(await asked(client, 'kill_worker', { planId })).toMatchObject({ ended: true, askedBy: 'api' });
  const told = () => asked(client, 'list_events', { kinds: 'kill_*' });
  const { events } = await waitFor('both events', async () => {
    const answer = await told();
    return answer.events.length === 2 && answer;
  });
  expect(events).toMatchObject([{ event: 'kill_intent' }, { event: 'kill_ended', workerName: 'coder' }]);
  await serving.end();
  expect(await asked(client, 'get_status')).toMatchObject({ sentence: expect.any(String) });
});

test('it ends with its client', async () => {
  const client = await opened();
  const transport = client.transport as StdioClientTransport;
  const { pid } = transport;
  await asked(client, 'get_status');
  await client.close();
  const isAlive = (process: number) => processes.isAlive(process);
  await waitFor('it has ended', () => pid !== null && !isAlive(pid));
});
