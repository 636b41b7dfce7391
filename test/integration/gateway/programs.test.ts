import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchCodex, makeCodex } from '../support/codex';
import { fetchOpenCode, makeOpenCode } from '../support/opencode';
import { realProcesses } from '../support/real-processes';
import { type StandIn, startStandIn } from '../support/stand-in';
import { waitFor } from '../support/wait-for';
import { makeRun } from '../support/watched-run';
import { openTestGateway } from './support';

/** Real programs of others, through the gateway, to a model that does as it is told. */

const codexProgram = fetchCodex();
const openCodeProgram = fetchOpenCode();
const LONG_MS = 60_000;
const STREAM = { do: 'stream', chunks: 5, everyMs: 50 };
const ENDLESS = { do: 'stream', chunks: 10_000, everyMs: 50 };

/** The gateway as the programs meet it, for a worker called `builder`. */
async function makeWorld() {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-gateway-')));
  const processes = realProcesses();
  onTestFinished(async () => {
    await processes.endAll();
    rmSync(base, { recursive: true, force: true });
  });
  const run = makeRun();
  run.well('builder');
  const standIn = await startStandIn(processes);
  const gateway = await openTestGateway(standIn.url, {}, { roots: [run.state] });
  const through: StandIn = { ...standIn, url: `${gateway.url}/w/builder/v1` };
  const states = async () => (await standIn.requests()).map(({ step, state }) => `${step.do} ${state}`);
  return { base, processes, standIn, gateway, through, states };
}

describe.skipIf(codexProgram === null)('the real Codex through the gateway', { timeout: 180_000 }, () => {
  it('has its turns, runs its commands, and goes on after a stream that broke off', async () => {
    const { base, processes, standIn, gateway, through, states } = await makeWorld();
    const codex = makeCodex(codexProgram ?? '', base, through, processes);
    await standIn.next({ do: 'shell', command: 'echo done > made-by-codex' }, { do: 'hangup', chunks: 1 }, STREAM);
    const { child } = codex.exec('work', 'Work');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(await states()).toEqual(['shell finished', 'hangup closed', 'stream finished']);
    expect(existsSync(join(codex.folder('work'), 'made-by-codex'))).toBe(true);
    expect(gateway.counts.requests).toMatchObject({ broken_off: 1, failed: 0 });
    expect(gateway.watched.monitor.snapshot().idle.trafficCount).toBeGreaterThan(0);
    expect(gateway.warnings).toEqual([]);
  });

  it('ends its request upstream when it is ended', async () => {
    const { base, processes, standIn, gateway, through, states } = await makeWorld();
    const codex = makeCodex(codexProgram ?? '', base, through, processes);
    const { pid } = codex.exec('work', standIn.told('Go on', ENDLESS));
    await waitFor('it is being answered', async () => (await states()).includes('stream open'), LONG_MS);
    process.kill(pid, 'SIGTERM');
    await waitFor('it has ended upstream', async () => (await states()).includes('stream closed'));
    await waitFor('the gateway knows', () => gateway.counts.requests.left === 1);
  });
});

describe.skipIf(openCodeProgram === null)('the real OpenCode through the gateway', { timeout: 180_000 }, () => {
  it('has its turns, and ends its request upstream when it is told to abort', async () => {
    const { base, processes, standIn, gateway, through, states } = await makeWorld();
    const openCode = await makeOpenCode(openCodeProgram ?? '', base, through, processes);
    const rest = () => waitFor('it is at rest', async () => (await openCode.busy()).length === 0, LONG_MS);
    const session = await openCode.prompt('Work', standIn.told('Work', STREAM));
    await waitFor('it was answered', async () => (await states()).includes('stream finished'), LONG_MS);
    await rest();

    await openCode.say(session, standIn.told('Go on', ENDLESS));
    await waitFor('it is being answered', async () => (await states()).includes('stream open'), LONG_MS);
    await openCode.ask(`/session/${session}/abort`, {});
    await waitFor('it has ended upstream', async () => !(await states()).includes('stream open'));
    expect(await states()).toContain('stream closed');
    await rest();
    expect(gateway.counts.requests.passed).toBeGreaterThan(0);
    await waitFor('the gateway knows', () => gateway.counts.requests.left > 0);
    expect(gateway.warnings).toEqual([]);
  });
});
