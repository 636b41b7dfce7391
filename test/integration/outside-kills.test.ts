import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { SqliteModule } from '@photostructure/sqlite';
import { afterEach, expect, test } from 'vitest';
import { createFileEvents } from '../../src/host/file-events';
import { openToken } from '../../src/host/token';
import { createClient } from '../../src/server/client';
import type { LoggedEvent } from '../../src/shared/model';
import { builtCli } from './support/cli-workers';
import { followCli, type Serving, serveCli } from './support/following-cli';
import { realProcesses } from './support/real-processes';
import { runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const { DatabaseSync } = createRequire(import.meta.url)('@photostructure/sqlite') as SqliteModule;
const PATIENT = { timeout: 120_000 };
const cli = builtCli();
const processes = realProcesses();
afterEach(() => processes.endAll());

const state = () => join(cli.scene.base, 'state', 'idlewatch');
const serve = () => serveCli(cli.path, ['--worker-dir', cli.scene.run], cli.scene.environment);
const run = (...args: string[]) => runCli(cli.path, args, cli.scene.environment);

/** A worker whose process lives in its directory. */
async function startWorker(name: string): Promise<string> {
  const cwd = cli.scene.beat(name, { status: 'busy' });
  const { pid } = await processes.start('sleeper.mjs', [], { cwd });
  cli.scene.beat(name, { status: 'busy', pid });
  return cli.scene.idOf(name);
}

async function kill(name: string): Promise<void> {
  const { code, stderr } = await run('kill', name, '--yes', '--worker-dir', cli.scene.run);
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

interface Told {
  id: number;
  at: string;
  event: string;
  workerId: string;
  workerName: string;
  text: string;
  data: Record<string, unknown>;
}
/** Of the event log, as `idlewatch events` tells it. */
async function killsKept(): Promise<Told[]> {
  const { stdout } = await run('events', '--json', '--after', '0', '--kinds', 'kill_*');
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
const brief = (told: Told[]) => told.map(({ event, workerName, data }) => `${workerName} ${event} ${data.askedBy}`);
const keptOf = (name: string) =>
  waitFor(`the end of ${name} is kept`, async () => {
    const kept = await killsKept();
    return kept.some(({ event, workerName }) => event === 'kill_ended' && workerName === name) && kept;
  });

function clientOf({ url }: Serving) {
  const token = openToken(state(), createFileEvents({ warn: () => undefined }));
  return { token, client: createClient({ url, token: () => token.read() }) };
}

test('what is ended from a terminal is told by the running engine, once, to all who follow', PATIENT, async () => {
  const coder = await startWorker('coder');
  const hand = await startWorker('hand');
  const serving = await serve();
  const { client, token } = clientOf(serving);
  await waitFor('both are known', async () => {
    const { workers } = await client.snapshot();
    return workers.filter(({ liveness }) => liveness === 'alive').length === 2;
  });
  const follow = followCli(cli.path, ['events', '--follow', '--json', '--after', '0'], cli.scene.environment);
  const streamed: LoggedEvent[] = [];
  const aborter = new AbortController();
  const streaming = (async () => {
    for await (const event of client.events({ after: 0, signal: aborter.signal })) streamed.push(event);
  })().catch(() => undefined);

  const before = Date.now();
  await kill('coder');
  await follow.until('its end', (line) => JSON.parse(line).event === 'kill_ended');
  expect((await waitFor('the stream tells it', () => streamed.find(({ kind }) => kind === 'kill_ended'))).text).toMatch(
    /^coder has ended/,
  );
  // What the engine ends itself is told by itself alone.
  const plan = await client.invoke('kill.plan', [hand]);
  expect(await client.invoke('kill.execute', [plan.planId, { acceptShared: false }])).toMatchObject({ ok: true });
  await waitFor('it is stopped', async () => (await client.worker(coder))?.state === 'stopped');

  const kept = await keptOf('hand');
  expect(brief(kept)).toEqual([
    'coder kill_intent cli',
    'coder kill_ended cli',
    'hand kill_intent api',
    'hand kill_ended api',
  ]);
  const [intent, ended] = kept;
  expect(intent).toMatchObject({
    workerId: coder,
    text: expect.stringMatching(/^to be ended from the command line: ./),
  });
  expect(ended?.data).toMatchObject({ workerId: coder, planId: intent?.data.planId, ended: true, processes: [{}] });
  expect(Date.parse(intent?.at ?? '')).toBeGreaterThanOrEqual(before);
  expect(streamed.filter(({ kind }) => kind.startsWith('kill_')).map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
  const metrics = await fetch(`${serving.url}/metrics`, { headers: { authorization: `Bearer ${token.read()}` } });
  expect(await metrics.text()).toContain('idlewatch_kills_total{asked_by="cli",outcome="ended"} 1\n');
  // Its end was no stall: nothing of it counts as news.
  expect(streamed.filter(({ kind, workerId }) => workerId === coder && kind === 'dead')).toEqual([]);
  aborter.abort();
  await streaming;
  token.close();
});

test(
  'what is ended while no engine runs is told at the next start, once, and so is what a crash took',
  PATIENT,
  async () => {
    for (const name of ['first', 'second']) await startWorker(name);
    let serving = await serve();
    await kill('first');
    expect(brief(await keptOf('first'))).toEqual(['first kill_intent cli', 'first kill_ended cli']);
    await serving.end('SIGKILL');

    await kill('second');
    const killedAt = Date.now();
    expect(await killsKept()).toHaveLength(2);
    serving = await serve();
    const all = ['first kill_intent cli', 'first kill_ended cli', 'second kill_intent cli', 'second kill_ended cli'];
    const kept = await keptOf('second');
    expect(brief(kept)).toEqual(all);
    // Told late, of when it happened.
    expect(kept.map(({ at }) => Date.parse(at)).every((at) => at <= killedAt)).toBe(true);
    await serving.end('SIGKILL');

    const history = new DatabaseSync(join(state(), 'history.db'), { timeout: 5_000 });
    history.exec("DELETE FROM events WHERE kind = 'kill_ended' AND worker_name = 'second'");
    history.close();
    serving = await serve();
    const again = await keptOf('second');
    expect(brief(again)).toEqual(all);
    expect(again.slice(0, 3)).toEqual(kept.slice(0, 3));
    await serving.end();

    // An engine that ended well finds nothing new either; an event that comes after shows that it has looked.
    serving = await serve();
    await startWorker('third');
    await kill('third');
    expect(brief(await keptOf('third'))).toEqual([...all, 'third kill_intent cli', 'third kill_ended cli']);
  },
);

test('a time limit that a supervisor enforces is told too, as its own', PATIENT, async () => {
  await serve();
  const { code } = await run('run', '--name', 'build', '--timeout', '1', '--', 'sleep', '300');
  expect(code).not.toBe(0);
  const kept = await keptOf('build');
  expect(brief(kept)).toEqual(['build kill_intent supervisor', 'build kill_ended supervisor']);
  expect(kept[0]?.workerId).toMatch(/^supervised-run:/);
});
