import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createEngine } from '../../../src/engine/engine';
import { createMachine } from '../../../src/host/machine';
import { defaultSettings } from '../../../src/shared/settings';
import { waitFor } from '../support/wait-for';
import { claudeScene, prompt } from './support';

const scene = claudeScene();

it('a stalled session is ended with what it started, its neighbour in the same directory is not', async () => {
  const { config, work } = scene();
  const [stuck, other] = [await scene().start('stuck'), await scene().start('other')];
  const then = Date.now() - 600_000;
  other.tell({ set: { status: 'idle', name: 'other' } });
  scene().transcript('stuck', [prompt('go')], then);
  stuck.tell({ set: { status: 'busy', name: 'stuck', statusUpdatedAt: then, updatedAt: then } });
  stuck.tell({ hold: 300 });

  const machine = createMachine(join(config, '..', 'state'), { warn: (message) => expect.unreachable(message) });
  const settings = { ...defaultSettings(), killGraceMs: 500 };
  const engine = createEngine(machine, {
    ...{ settings: () => settings, roots: { 'claude-code': [config] }, tell: () => undefined },
  });
  engine.start();
  onTestFinished(async () => {
    await engine.stop();
    machine.close();
  });
  await engine.monitor.firstReading();
  const row = (name: string) => engine.monitor.snapshot().workers.find((each) => each.name === name);
  await waitFor('it is stalled', () => row('stuck')?.state === 'stalled');
  expect(row('stuck')).toMatchObject({ canEnd: true, path: work, reason: expect.stringMatching(/allowed 5 min/) });

  const plan = await waitFor('its helper is seen', () => {
    const made = engine.killer.plan(row('stuck')?.id ?? '');
    return made.processes.length === 2 ? made : null;
  });
  expect(plan).toMatchObject({ refused: null, sharedWith: [], session: null });
  const answer = await engine.killer.execute(plan.planId, { acceptShared: false, askedBy: 'test', why: 'it hangs' });
  expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
  for (const { pid } of plan.processes) expect(scene().processes.isAlive(pid)).toBe(false);
  await waitFor('it is shown as ended', () => row('stuck')?.reason === 'Ended from idlewatch');
  expect(row('stuck')).toMatchObject({ state: 'stopped', needsPerson: false });
  expect(scene().processes.isAlive(other.pid)).toBe(true);
  expect(row('other')).toMatchObject({ state: 'ready', health: 'healthy' });
});
