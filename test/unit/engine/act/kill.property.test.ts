import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKiller } from '../../../../src/engine/act/kill';
import { hurryingClock } from '../../../fakes/hurrying-clock';
import type { FakeProcess } from '../../../fakes/process-table';
import { makePossible, type World, worlds } from './made-up-worlds';

/** What a signalled process does, taken one after the other: it may leave a child, an orphan, or its pid to a stranger. */
const deed = fc.record({
  ends: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  leaves: fc.constantFrom('nothing', 'nothing', 'child', 'orphan', 'stranger'),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** Plays the deeds; knows of every process that came up whether it descends from the plan. */
function play({ table }: World, planned: Set<string>, deeds: readonly Deed[]) {
  const wrong: string[] = [];
  let next = 0;
  let born = 0;
  let pids = 1_000;
  const find = (pid: number) => table.processes.find((one) => one.pid === pid);
  const keyOf = (one: FakeProcess) => `${one.pid} ${one.startTime ?? `start of ${one.pid}`}`;

  function bear(one: FakeProcess, descends: boolean): void {
    born += 1;
    const made = { ...one, startTime: `born ${born}`, startedAt: 5_000_000 };
    table.processes.push(made);
    if (descends) planned.add(keyOf(made));
  }
  function remove(pid: number): void {
    table.processes = table.processes.filter((one) => one.pid !== pid);
    for (const one of table.processes) if (one.ppid === pid) one.ppid = 1;
  }
  return {
    wrong,
    born: () => born,
    send(pid: number, signal: string) {
      const target = find(pid);
      if (!target || !planned.has(keyOf(target))) wrong.push(`${signal} ${pid}`);
      const { ends, leaves } = deeds[next % deeds.length] ?? { ends: true, leaves: 'nothing' };
      next += 1;
      // Only so many deeds: what forks without end is ended by the deadline alone.
      if (next <= deeds.length && target) {
        pids += 1;
        const family = { pgid: target.pgid, sessionId: target.sessionId };
        if (leaves === 'child') bear({ pid: pids, ppid: pid, ...family }, true);
        if (leaves === 'orphan') bear({ pid: pids, ppid: 1, ...family }, true);
      }
      if (ends || signal === 'SIGKILL') remove(pid);
      if (ends && leaves === 'stranger') bear({ pid, ppid: 1, pgid: pid, sessionId: pid }, false);
      return { result: 'sent' } as const;
    },
  };
}

it('signals only what was planned, and what that started', async () => {
  const figures = { endings: 0, processes: 0, born: 0, survivors: 0, wrong: 0 };
  await fc.assert(
    fc.asyncProperty(worlds, fc.array(deed, { maxLength: 20 }), async (world, deeds) => {
      makePossible(world);
      const clock = hurryingClock();
      const planned = new Set<string>();
      const { wrong, send, born } = play(world, planned, deeds);
      const killer = createKiller({
        ...{ table: world.table, clock, signals: { send }, audit: { append: async () => undefined } },
        settings: () => ({ killGraceMs: 200 }),
        target: (id) => world.targets.find(({ workerId }) => workerId === id) ?? null,
        targets: () => world.targets,
        onReceipt: () => undefined,
      });
      for (const { workerId } of world.targets) {
        const plan = killer.plan(workerId);
        for (const { pid, startTime } of plan.processes) planned.add(`${pid} ${startTime}`);
        const ask = { acceptShared: true, askedBy: 'test', why: 'for a test' } as const;
        const answer = await killer.execute(plan.planId, ask);
        if (!answer.ok) continue;
        const { receipt } = answer;
        figures.endings += 1;
        figures.processes += receipt.processes.length;
        figures.survivors += receipt.processes.filter(({ outcome }) => outcome === 'survived').length;
        expect(receipt.ended && receipt.processes.some(({ outcome }) => outcome === 'survived')).toBe(false);
      }
      figures.born += born();
      figures.wrong += wrong.length;
      expect(wrong).toEqual([]);
    }),
    { numRuns: 300 },
  );
  const { endings, processes, survivors } = figures;
  process.stdout.write(
    `endings over generated tables: ${endings}, ${processes} processes, ${survivors} survivors, 0 wrong signals\n`,
  );
  expect(endings).toBeGreaterThan(100);
  expect(figures.born).toBeGreaterThan(100);
});
