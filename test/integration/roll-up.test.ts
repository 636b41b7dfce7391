import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { World } from './truth-table/world';

const RECORD = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/scenarios/claude-code/record.json'), 'utf8'),
);
const PANE = 6_001;

it('a session that runs in a workbench is a line below that, and one beside it is not', async () => {
  const world = new World();
  const bench = `fix-ci-${Math.floor(world.now / 1000) - 60}`;
  world.append(`benches/${bench}/agent.log`, 'begins');
  world.openSession(`moadim-${bench}`, PANE);
  const sessionOf = (pid: number, ppid: number) => {
    world.start({ pid, ppid, name: 'claude', startTime: `${pid}` });
    const times = { statusUpdatedAt: world.now, updatedAt: world.now };
    world.put(`claude/sessions/${pid}.json`, {
      ...{ ...RECORD, pid, procStart: `${pid}`, pidDomain: undefined },
      ...{ sessionId: `session-${pid}`, name: `session ${pid}`, status: 'idle', ...times },
    });
  };
  sessionOf(8_001, PANE);
  sessionOf(8_002, 1);
  const monitor = world.watch({ workbench: [world.path('benches')], 'claude-code': [world.path('claude')] }, {});
  for (let second = 0; second < 20; second += 1) await world.second();
  const rows = monitor.snapshot().workers;
  const find = (text: string) => rows.find(({ id, name }) => `${id} ${name}`.includes(text));
  const parent = find('fix-ci');
  expect(parent).toMatchObject({ source: 'workbench', parentId: null });
  expect(find('session 8001')).toMatchObject({ source: 'claude-code', liveness: 'alive', parentId: parent?.id });
  expect(find('session 8002')).toMatchObject({ source: 'claude-code', liveness: 'alive', parentId: null });
});
