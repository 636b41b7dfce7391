import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createEngine } from '../../../src/engine/engine';
import { createMachine } from '../../../src/host/machine';
import { createTmux } from '../../../src/host/tmux';
import type { MonitorEvent } from '../../../src/shared/model';
import { defaultSettings } from '../../../src/shared/settings';
import { makeWorkbench, secondsAgo } from '../../fixtures/workbench';
import { ownTmux, TMUX_PROGRAM } from '../support/own-tmux';
import { waitFor } from '../support/wait-for';

const HOUR_MS = 3_600_000;
let base: string;
let root: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-ending-')));
  root = join(base, 'workbenches');
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

it.runIf(TMUX_PROGRAM)('a workbench over its run time is ended, its neighbour of a longer name is not', async () => {
  const server = ownTmux();
  const [late, young] = [`foo-${secondsAgo(1.5 * HOUR_MS)}`, `foo-${secondsAgo(HOUR_MS / 6)}`];
  for (const name of [late, young]) {
    makeWorkbench(root, name, { log: 'worked\n', logAt: Date.now() - 1_000 });
    server.start(`moadim-${name}`, 'sleep 300 & sleep 300', join(root, name));
  }
  server.start(`moadim-${late}0`, 'sleep 300', base);

  const machine = createMachine(join(base, 'state'), { warn: (message) => expect.unreachable(message) });
  const settings = { ...defaultSettings(), killGraceMs: 500 };
  const ports = { ...machine, multiplexer: createTmux({ environment: server.environment }) };
  const engine = createEngine(ports, { settings: () => settings, roots: { workbench: [root] }, tell: () => undefined });
  const events: MonitorEvent[] = [];
  engine.monitor.onEvent((event) => events.push(event));
  engine.start();
  onTestFinished(async () => {
    await engine.stop();
    machine.close();
  });
  await engine.monitor.firstReading();
  const row = (name: string) => {
    const found = engine.monitor.snapshot().workers.find(({ path }) => path.endsWith(name));
    return found ?? expect.unreachable(`no row for ${name}`);
  };
  expect(row(young)).toMatchObject({ state: 'busy', health: 'healthy', reason: 'Running (allowed 1 h)' });
  expect(row(late)).toMatchObject({ state: 'stalled', canEnd: true, reason: expect.stringMatching(/allowed 1 h/) });

  const plan = engine.killer.plan(row(late).id);
  expect(plan).toMatchObject({ refused: null, session: `moadim-${late}` });
  const why = row(late).reason;
  const answer = await engine.killer.execute(plan.planId, { acceptShared: false, askedBy: 'test', why });
  expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
  await waitFor('it is shown as ended', () => row(late).state === 'stopped');
  expect(row(late)).toMatchObject({ canEnd: false, liveness: 'gone', reason: expect.not.stringMatching(/alive/) });
  expect(events.find(({ kind, workerId }) => kind === 'stopped' && workerId === row(late).id)?.text).not.toMatch(
    /alive/,
  );
  expect(server.names().sort()).toEqual([`moadim-${late}0`, `moadim-${young}`].sort());
  expect(row(young)).toMatchObject({ state: 'busy', health: 'healthy' });

  const log = readFileSync(join(root, late, 'agent.log'), 'utf8').split('\n');
  expect(log).toEqual(['worked', `[idlewatch] ended by a test: ${why}`, '']);
  expect(readFileSync(join(root, late, 'exit_code'), 'utf8').trim()).toBe('killed');
  const leftover = engine.monitor.leftovers().find(({ path }) => path.endsWith(late));
  expect(leftover?.finishedAgeMs).toBeGreaterThan(900); // By its last own writing, not by our note.
});
