import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createMonitor } from '../../../src/engine/monitor';
import type { Multiplexer } from '../../../src/engine/ports';
import { createFiles } from '../../../src/host/files';
import { createMemoryProbe } from '../../../src/host/memory-probe';
import { defaultSettings } from '../../../src/shared/settings';
import { absent } from '../../fakes/absent';
import { fakeProcessTable } from '../../fakes/process-table';
import { SteppedClock } from '../../fakes/stepped-clock';
import { makeRun } from '../support/watched-run';

it('a kind of worker that cannot be looked for at all keeps no other from being found, and is told once', async () => {
  const run = makeRun();
  run.well('alice');
  const files = createFiles();
  const list: typeof files.list = (path) => {
    if (path.endsWith('broken')) throw new Error('what nobody thought of');
    return files.list(path);
  };
  const clock = new SteppedClock({ wallStartMs: Date.now() });
  const warnings: string[] = [];
  const multiplexer = { sessions: async () => ({ ok: true, sessions: [] }) } as unknown as Multiplexer;
  const monitor = createMonitor(
    {
      ...{ clock, files: { ...files, list }, fileEvents: { watch: () => null }, processTable: fakeProcessTable([]) },
      ...{
        memoryProbe: createMemoryProbe(),
        ...absent,
        multiplexer,
        log: { warn: (message: string) => warnings.push(message) },
      },
    },
    defaultSettings(),
    { workbench: [join(run.base, 'broken')], 'worker-directory': [run.workers] },
  );
  monitor.start();
  onTestFinished(() => monitor.stop());
  await new Promise<void>((done) => setImmediate(done)); // tmux has answered.
  clock.step(600_000);
  expect(monitor.snapshot().workers.map(({ path }) => path)).toEqual([join(run.workers, 'alice')]);
  expect(warnings).toEqual(['workers of kind workbench could not be looked for: what nobody thought of']);
});
